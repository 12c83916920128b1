"""Each file comes from its archive once: asked for by all, broken off, changed, damaged."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from socket import AF_INET, AddressFamily

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from provision.packages.proxy import PackageProxy, outward_session
from provision.packages.store import KEPT_SECONDS, PackageStore, Validators

PACKAGE = "http://deb.example/pool/a_1_arm64.deb"
LIST = "http://deb.example/dists/trixie/InRelease"
BYTES = bytes(range(256)) * 4000
LED_ASTRAY = [
    "http://127.0.0.1:80/containers/a.deb",
    "http://deb.example:2375/containers/a.deb",
    "http://deb.example/admin/secret",
    "https://deb.example:8443/a.deb",
    "file:///etc/a.deb",
    "/pool/again_1_arm64.deb",
]
MODIFIED = "Sun, 29 Nov 2026 10:00:00 GMT"


class Archive:
    """An archive on loopback that does what a test wants, and counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.body = BYTES
        self.modified = MODIFIED
        self.is_asked = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.breaks_off = False
        self.leads_to = ""
        self.is_a_page = False

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked[request.path] += 1
        self.is_asked.set()
        if self.leads_to:
            return web.Response(status=302, headers={"Location": self.leads_to})
        if "missing" in request.path:
            return web.Response(status=404)
        if request.headers.get("If-Modified-Since") == self.modified:
            return web.Response(status=304)
        response = web.StreamResponse(headers={"Last-Modified": self.modified})
        if self.is_a_page:
            response.content_type = "text/html"
        response.content_length = len(self.body)
        await response.prepare(request)
        await response.write(self.body[: len(self.body) // 2])
        await self.goes_on.wait()
        if self.breaks_off:
            assert request.transport is not None
            request.transport.abort()
            return response
        await response.write(self.body[len(self.body) // 2 :])
        return response


class Everywhere(AbstractResolver):
    """Finds every name at one port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self,
        host: str,
        port: int = 0,  # noqa: ARG002 - aiohttp's interface
        family: AddressFamily = AF_INET,
    ) -> list[ResolveResult]:
        found = ResolveResult(
            hostname=host, host="127.0.0.1", port=self._port, family=family, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def served(
    answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], port: int = 0
) -> AsyncIterator[int]:
    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


Fetch = Callable[..., "asyncio.Task[bytes]"]


@asynccontextmanager
async def proxied(archive: Archive, folder: Path) -> AsyncIterator[Fetch]:
    """What fetches an address through a proxy of its own, which keeps files in a folder."""
    store = PackageStore(folder)
    store.tidy()
    async with (
        served(archive.answer) as port,
        ClientSession(connector=TCPConnector(resolver=Everywhere(port))) as out,
        served(PackageProxy(store, out).answer) as at,
        ClientSession() as apt,
    ):

        async def get(address: str, **headers: str) -> bytes:
            proxy = f"http://127.0.0.1:{at}"
            async with apt.get(address, proxy=proxy, headers=headers) as response:
                if response.status != 200:
                    return f"{response.status}".encode()
                return await response.read()

        yield lambda *words, **headers: asyncio.create_task(get(*words, **headers))


async def test_all_who_ask_at_a_time_read_one_download_as_it_comes(tmp_path: Path) -> None:
    archive = Archive()
    archive.goes_on.clear()
    async with proxied(archive, tmp_path / "kept") as fetch:
        asked = [fetch(PACKAGE) for _ in range(6)]
        await archive.is_asked.wait()
        late = fetch(PACKAGE)
        archive.goes_on.set()
        assert set(await asyncio.gather(*asked, late)) == {BYTES}
    assert archive.asked.total() == 1
    # Another run, later: the archive is not even asked.
    async with proxied(archive, tmp_path / "kept") as fetch:
        assert await fetch(PACKAGE) == BYTES
    assert archive.asked.total() == 1


async def test_a_download_that_breaks_off_passes_for_no_file(tmp_path: Path) -> None:
    archive = Archive()
    async with proxied(archive, tmp_path / "kept") as fetch:
        archive.breaks_off = True
        with pytest.raises(ClientError):
            await fetch(PACKAGE)
        archive.breaks_off = False
        assert await fetch(PACKAGE) == BYTES


async def test_a_list_is_fetched_anew_only_when_it_has_changed(tmp_path: Path) -> None:
    archive = Archive()
    kept = tmp_path / "kept"
    async with proxied(archive, kept) as fetch:
        assert await fetch(LIST) == BYTES
        assert await fetch(LIST) == BYTES
        assert archive.asked.total() == 1
        grow_old(kept)
        assert await fetch(LIST) == BYTES
        assert archive.asked.total() == 2
        archive.body, archive.modified = b"newer" * 9, "Sun, 29 Nov 2026 11:00:00 GMT"
        grow_old(kept)
        assert await fetch(LIST) == b"newer" * 9
        assert await fetch(LIST, **{"If-Modified-Since": archive.modified}) == b"304"


async def test_what_an_archive_lacks_is_told_and_not_kept(tmp_path: Path) -> None:
    archive = Archive()
    async with proxied(archive, tmp_path / "kept") as fetch:
        assert await fetch("http://deb.example/dists/missing/InRelease") == b"404"
        assert await fetch("http://deb.example/secrets.txt") == b"403"
    assert not list((tmp_path / "kept").iterdir())


async def test_an_archive_that_leads_to_no_archive_is_not_followed(tmp_path: Path) -> None:
    archive = Archive()
    async with proxied(archive, tmp_path / "kept") as fetch:
        for place in LED_ASTRAY:
            archive.leads_to = place
            assert await fetch(PACKAGE) == b"502", place
    # Each was asked for where it lies, and nothing where it led, but for the circle.
    assert set(archive.asked) == {"/pool/a_1_arm64.deb", "/pool/again_1_arm64.deb"}


@pytest.mark.parametrize("left", [0, 1 << 60])
async def test_the_page_on_which_a_network_wants_a_login_passes_for_no_file(
    left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provision.packages.store._LEFT_BYTES", left)
    archive = Archive()
    async with proxied(archive, tmp_path / "kept") as fetch:
        archive.is_a_page = True
        for asked in (PACKAGE, LIST):
            assert await fetch(asked) == b"502"
        archive.is_a_page = False
        for asked in (PACKAGE, LIST):
            assert await fetch(asked) == BYTES


async def test_what_the_disk_has_no_room_for_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provision.packages.store._LEFT_BYTES", 1 << 60)
    archive = Archive()
    async with proxied(archive, tmp_path / "kept") as fetch:
        assert set(await asyncio.gather(*(fetch(PACKAGE) for _ in range(3)))) == {BYTES}
        archive.breaks_off = True
        with pytest.raises(ClientError):
            await fetch(PACKAGE)
    assert not list((tmp_path / "kept").iterdir())


async def test_what_was_used_longest_ago_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provision.packages.store.KEPT_BYTES", int(2.5 * len(BYTES)))
    archive = Archive()
    names = [f"http://deb.example/pool/{name}_1_arm64.deb" for name in "abc"]
    async with proxied(archive, tmp_path / "kept") as fetch:
        for name in (*names[:2], names[0], names[2], names[0]):
            assert await fetch(name) == BYTES
        assert archive.asked.total() == 3
        assert await fetch(names[1]) == BYTES
        assert archive.asked.total() == 4


async def test_no_name_leads_back_to_this_machine(tmp_path: Path) -> None:
    store = PackageStore(tmp_path)
    async with (
        outward_session() as out,
        served(PackageProxy(store, out).answer) as at,
        ClientSession() as apt,
        apt.get("http://localhost/a.deb", proxy=f"http://127.0.0.1:{at}") as response,
    ):
        assert response.status == 502
        assert "no address that leads out" in await response.text()


async def test_what_is_damaged_on_the_card_is_fetched_anew(tmp_path: Path) -> None:
    archive = Archive()
    async with proxied(archive, tmp_path / "kept") as fetch:
        assert await fetch(PACKAGE) == BYTES
        (kept,) = (path for path in (tmp_path / "kept").iterdir() if not path.suffix)
        for spoilt in (BYTES[:100], BYTES[:-1] + b"?"):
            kept.write_bytes(spoilt)
            assert await fetch(PACKAGE) == BYTES
        (told,) = (tmp_path / "kept").glob("*.json")
        told.write_text('{"url": 7')
        assert await fetch(PACKAGE) == BYTES
    assert archive.asked.total() == 4


def test_what_nobody_asks_for_any_more_goes_and_so_does_what_broke_off(tmp_path: Path) -> None:
    store = PackageStore(tmp_path)
    store.tidy()
    url = URL(PACKAGE)
    store.begin(url).write_bytes(BYTES)
    store.keep(url, Validators(), sha256(BYTES).hexdigest())
    store.begin(URL(LIST)).write_bytes(b"half of")
    store.tidy()
    assert len(list(tmp_path.iterdir())) == 2
    found = store.find(url)
    assert found is not None
    store.tidy(now=found.path.stat().st_mtime + KEPT_SECONDS + 3600)
    assert not list(tmp_path.iterdir())


def grow_old(folder: Path) -> None:
    """As if what is known of lists had been learnt an hour ago."""
    for told in folder.glob("*.json"):
        said = json.loads(told.read_text())
        said["checked"] -= 3600
        told.write_text(json.dumps(said))
