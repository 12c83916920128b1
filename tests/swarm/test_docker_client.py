"""Docker's API as a stream: answers cut anywhere, broken off, or from something else."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import EngineError
from swarm.docker.address import Address, BadDockerHost
from swarm.docker.client import DaemonGone, DaemonRefusal, get_json, get_list, request
from swarm.docker.frames import RawLine
from swarm.docker.manager_api import ManagerApi
from swarm.docker.membership import Manager
from swarm.docker.task_logs import Bookmark, LogBroken, TaskLog
from tests.examples import examples

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@asynccontextmanager
async def answering(*pieces: bytes, linger: float = 0.0) -> AsyncIterator[Address]:
    """A peer that answers any request with the given bytes, in these pieces."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await asyncio.sleep(linger)
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/docker.sock"
        server = await asyncio.start_unix_server(serve, path)
        try:
            yield Address.find(f"unix://{path}")
        finally:
            server.close()


async def body_of(address: Address) -> bytes:
    async with request(address, "/x") as answer:
        return bytes(await answer.body())


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.lists(st.integers(1, 400)))
@examples(40)
def test_a_chunked_answer_is_put_together_however_it_is_cut(
    chunks: list[bytes], cuts: list[int]
) -> None:
    whole = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    whole += b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
    ends = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[ends[i] : ends[i + 1]] for i in range(len(ends) - 1)]

    async def fetch() -> bytes:
        async with answering(*pieces) as address:
            return await body_of(address)

    assert asyncio.run(fetch()) == b"".join(chunks)


async def test_an_error_of_the_daemon_is_its_own_words() -> None:
    body = b'{"message":"task abc not found"}'
    head = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with answering(head + body) as address:
        with pytest.raises(DaemonRefusal, match="task abc not found") as caught:
            await body_of(address)
    assert caught.value.status == 404
    async with answering(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") as address:
        with pytest.raises(DaemonRefusal, match="status 500 and no reason"):
            await body_of(address)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 what\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\ntoo short",
        OK + b"\r\nno json",
        OK + b"\r\n[1]",
        OK + b"X: y\r\n" * 200 + b"\r\n",
        b"x" * 200_000,
    ],
)
async def test_what_is_no_daemon_or_breaks_off_is_said_so(said: bytes) -> None:
    async with answering(said) as address:
        with pytest.raises(DaemonGone):
            await get_json(address, "/info")


async def test_leaving_in_the_middle_is_immediate() -> None:
    async with (
        answering(OK + b"\r\nbeginning", linger=3_000) as address,
        asyncio.timeout(60),
        request(address, "/x") as answer,
    ):
        assert await anext(answer.pieces()) == b"beginning"


async def test_a_silent_log_is_given_up() -> None:
    async with answering(linger=30) as address:
        log = TaskLog(address, lambda: "1.41", "abc", quiet=0.2)
        with pytest.raises(LogBroken, match=r"no word for 0\.2 seconds"):
            await anext(log.read(follow=True))


@pytest.mark.parametrize(
    ("url", "path", "host", "port"),
    [
        ("unix:///run/user/1000/docker.sock", "/run/user/1000/docker.sock", "", 0),
        ("unix://", "/var/run/docker.sock", "", 0),
        ("tcp://10.0.0.5:2375", "", "10.0.0.5", 2375),
        ("tcp://[::1]:2375", "", "::1", 2375),
    ],
)
def test_addresses(
    url: str, path: str, host: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", url)
    found = Address.find()
    assert (found.path, found.host, found.port, found.tls) == (path, host, port, None)


def test_tls_as_docker_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
    tls = Address.find("tcp://10.0.0.5:2376").tls
    assert tls is not None
    assert (tls.folder, tls.verify) == (tmp_path, True)


@pytest.mark.parametrize(
    "url",
    [
        "ssh://pi:password@10.0.0.5",
        "tcp://10.0.0.5",
        "tcp://x:port",
        "tcp://[::1",
        "npipe://x",
        "x",
    ],
)
def test_addresses_that_cannot_be_used(url: str) -> None:
    with pytest.raises(BadDockerHost, match="no address of a Docker daemon that squarm can use"):
        Address.find(url)


def line(second: int, text: str) -> RawLine:
    return RawLine(f"2026-11-22T22:46:{second:02}.{abs(hash(text)) % 10**9:09}Z", text, False)


@given(st.lists(st.tuples(st.integers(0, 59), st.text(max_size=3)), max_size=30))
def test_a_bookmark_knows_every_line_since_its_place(written: list[tuple[int, str]]) -> None:
    bookmark = Bookmark()
    lines = [line(second, text) for second, text in sorted(written)]
    for each in lines:
        bookmark.add(each)
    if lines:
        since = max(lines[-1].time[:19], lines[0].time[:19])
        assert all(bookmark.knows(each) for each in lines if each.time[:19] == since)


def test_a_bookmark_reads_on_from_the_second_before_the_last() -> None:
    bookmark = Bookmark()
    assert bookmark.since == ""
    for second in (1, 2, 5):
        bookmark.add(line(second, "x"))
    assert bookmark.since == "1795387562.000000000"
    assert not bookmark.knows(line(1, "x"))
    assert bookmark.knows(line(2, "x"))
    assert not bookmark.knows(line(5, "y"))


def test_a_bookmark_follows_a_clock_that_is_set_back() -> None:
    bookmark = Bookmark()
    for second in (50, 51, 3):
        bookmark.add(line(second, "x"))
    bookmark.add(line(4, "x"))
    assert bookmark.since == "1795387563.000000000"


def test_a_flood_in_one_second_takes_no_more_than_so_much() -> None:
    bookmark = Bookmark()
    flood = [
        RawLine(f"2026-11-22T10:00:00.{number:09}Z", "flood", False) for number in range(30_000)
    ]
    for line in flood:
        bookmark.add(line)
    known = sum(bookmark.knows(line) for line in flood)
    assert known == 20_000
    # The second after it is read as ever.
    after = RawLine("2026-11-22T10:00:01.5Z", "done", False)
    bookmark.add(after)
    assert bookmark.knows(after)


def test_a_line_without_a_time_is_never_taken_for_another() -> None:
    bookmark = Bookmark()
    bookmark.add(RawLine("", "x", stderr=False))
    assert not bookmark.knows(RawLine("", "x", stderr=False))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "it closed the connection"),
        (b"HTTP/1.1 20", "what answers is not a Docker daemon"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "what answers is not a Docker daemon"),
        (b"HTTP/1.1 200 OK\r\nContent-Ty", "what answers is not a Docker daemon"),
        (OK + b"Content-Length: 3\r\n\r\n[{]", "what answers is not a Docker daemon"),
        (OK + b"Content-Length: 9\r\n\r\n[{}", "it broke off in the middle of its answer"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "it broke off in the middle"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab", "it broke off in the middle"),
    ],
)
async def test_who_changes_something_hears_in_words_what_broke(answer: bytes, said: str) -> None:
    """As while Docker is started anew; no repr of an exception."""
    async with answering(answer) as address:
        api = ManagerApi(Manager(address, "1.41", "id", "pi1", "10.0.0.1", 2**30))
        with pytest.raises(EngineError, match=f"does not answer .{said}[^(]*: see whether"):
            await asyncio.to_thread(api.told, lambda api: api.change_node("n", "drain", ""))
        await asyncio.to_thread(api.close)


@pytest.mark.parametrize(
    ("answer", "said"),
    [(b"", "it closed the connection"), (b"SSH-2.0-x\r\n", "what answers is not a Docker daemon")],
)
async def test_who_only_looks_hears_it_too(answer: bytes, said: str) -> None:
    async with answering(answer) as address:
        with pytest.raises(DaemonGone, match=said):
            await get_json(address, "/info")


LISTS = [
    ("null", []),
    ("[]\n", []),
    ('[{"ID":"a"}]\n', [{"ID": "a"}]),
    (' [ {"ID": "a", "of": [1, {}]} ,\n{} ]', [{"ID": "a", "of": [1, {}]}, {}]),
]
NO_LISTS = ["", "{}", "[", "]", "[{]", "[{}", '[{"a":1},', "[1]", "[[]]", "[{}]]", "[" * 5000 + "]"]


@pytest.mark.parametrize(("text", "objects"), LISTS)
async def test_a_list_is_read_one_object_after_the_other(text: str, objects: list[object]) -> None:
    body = text.encode()
    answer = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with answering(answer) as address:
        assert [*await get_list(address, "/services", {})] == objects


@pytest.mark.parametrize("text", NO_LISTS)
async def test_what_is_no_list_is_said_so(text: str) -> None:
    body = text.encode()
    answer = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with answering(answer) as address:
        with pytest.raises(DaemonGone, match="not a Docker daemon"):
            [*await get_list(address, "/services", {})]
