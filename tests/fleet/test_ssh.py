"""Connections to real OpenSSH servers on loopback, and to what only pretends to be one."""

import asyncio
import logging
import shutil
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from fleet.endpoint import Endpoint
from fleet.fleet import Fleet
from fleet.metrics.samples import Meter
from fleet.metrics.stream import StreamEnded, follow_loop
from fleet.pi_state import PiState
from fleet.ssh.connection import Dialler, KeyChanged, Login, LoginRefused, Unreachable
from fleet.ssh.host_keys import HostKey, KnownHosts
from fleet.ssh.openssh import host_key_options, ssh_command
from fleet.ssh.own_key import own_key
from tests.fleet.pis import add_to_agent, make_key, run, ssh_agent
from tests.fleet.sshds import Sshd, free_port, make_sshd, sshd
from tests.fleet.watching import watching
from tests.waiting import until

SECRET = "correct-horse-battery"  # noqa: S105 - nobody's


def fail() -> None:
    """Nothing is silent here."""
    raise AssertionError("silent")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    """A plain server."""
    with sshd(tmp_path) as running:
        yield running


async def test_the_key_is_shown_before_any_login(server: Sshd) -> None:
    assert await Dialler().host_key(server.endpoint) == server.key
    assert "Accepted" not in server.log
    assert "Failed" not in server.log


async def test_a_login_with_the_trusted_key(server: Sshd) -> None:
    connection = await Dialler().connect(server.endpoint, server.key, server.login)
    done = await connection.run("printf '\\377ok'", encoding=None)
    assert done.stdout == b"\xffok"
    connection.abort()


async def test_a_changed_key_is_a_hard_stop(server: Sshd, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    trusted = server.key
    server.stop()
    server.new_key()
    server.start()
    server.ready()
    login = Login(user=server.login.user, password=SECRET, keys=server.login.keys, agent=False)
    with pytest.raises(KeyChanged) as caught:
        await Dialler().connect(server.endpoint, trusted, login)
    assert (caught.value.trusted, caught.value.shown) == (trusted, server.key)
    assert trusted.fingerprint in str(caught.value)
    assert server.key.fingerprint in str(caught.value)
    assert "accept" in str(caught.value)
    # Nothing that could be a secret was sent, and none is in what we say.
    assert not any(word in server.log for word in ("Accepted", "Failed", "Invalid user"))
    assert SECRET not in caplog.text + "".join(traceback.format_exception(caught.value))


async def test_a_server_with_another_kind_of_key_has_changed_it(
    server: Sshd, tmp_path: Path
) -> None:
    run("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(tmp_path / "rsa"))
    rsa = HostKey.parse((tmp_path / "rsa.pub").read_text())
    assert rsa is not None
    with pytest.raises(KeyChanged):
        await Dialler().connect(server.endpoint, rsa, server.login)


async def test_a_refused_login_says_so_without_the_password(
    server: Sshd, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stranger = make_key(tmp_path / "stranger")
    login = Login(user=server.login.user, password=SECRET, keys=(stranger,), agent=False)
    with pytest.raises(LoginRefused) as caught:
        await Dialler().connect(server.endpoint, server.key, login)
    said = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(login)
    assert SECRET not in said
    with pytest.raises(LoginRefused, match="cannot be read"):
        await Dialler().connect(
            server.endpoint, server.key, Login(keys=(tmp_path / "none",), agent=False)
        )


async def test_a_locked_key_lets_in_with_its_passphrase_or_by_the_agent(
    server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = server.login.keys or ()
    run("ssh-keygen", "-q", "-p", "-P", "", "-N", SECRET, "-f", str(key))
    with pytest.raises(LoginRefused, match="give its passphrase"):
        await Dialler().connect(server.endpoint, server.key, server.login)
    login = replace(server.login, passphrase=SECRET)
    assert SECRET not in repr(login)
    (await Dialler().connect(server.endpoint, server.key, login)).abort()
    with ssh_agent(tmp_path) as agent:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
        add_to_agent(agent, key, SECRET)
        asked = replace(server.login, agent=True)
        (await Dialler().connect(server.endpoint, server.key, asked)).abort()


@pytest.fixture
def home(server: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user with a key in ~/.ssh that the server takes, and an agent that has it, too."""
    tmp_path = server.folder.parent
    folder = tmp_path / "home"
    (folder / ".ssh").mkdir(parents=True)
    for name in ("user_key", "user_key.pub"):
        shutil.copy(tmp_path / name, folder / ".ssh" / name.replace("user_key", "id_ed25519"))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    with ssh_agent(tmp_path) as agent:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
        run("ssh-add", "-q", str(folder / ".ssh/id_ed25519"))
        yield folder


async def test_keys_are_those_that_are_named(server: Sshd, home: Path) -> None:
    user, other = server.login.user, make_key(home / "other")
    (await Dialler().connect(server.endpoint, server.key, Login(user))).abort()
    for login in (Login(user, keys=(), agent=False), Login(user, keys=(other,))):
        with pytest.raises(LoginRefused):
            await Dialler().connect(server.endpoint, server.key, login)


@pytest.mark.usefixtures("home")
async def test_nothing_is_offered_to_a_machine_of_which_the_user_has_said_nothing(
    server: Sshd, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with watching("lo", data, Login(server.login.user), add=[server.place]) as seen:
        await seen.until(lambda: seen.pis and seen.pis[0].fingerprint)
        await asyncio.sleep(1)
        assert "publickey" not in server.log
        assert seen.pis[0].trusted == ""
        seen.fleet.accept_key(seen.pis[0].id, server.key.fingerprint)
        await seen.until(lambda: seen.pis[0].state is PiState.KNOWN)
    # It is remembered.
    async with watching("lo", data, Login(server.login.user)) as seen:
        await seen.until(lambda: seen.pis and seen.pis[0].state is PiState.KNOWN)


async def test_squarms_own_key_is_tried_as_soon_as_there_is_one(
    server: Sshd, home: Path, tmp_path: Path
) -> None:
    mine = home / ".ssh/id_ed25519"
    mine.unlink()
    login = Login(server.login.user, agent=False)
    with pytest.raises(LoginRefused):
        await Dialler().connect(server.endpoint, server.key, login)
    own_key().parent.mkdir(parents=True)
    shutil.copy(tmp_path / "user_key", own_key())
    (await Dialler().connect(server.endpoint, server.key, login)).abort()
    async with watching("lo", tmp_path / "data", login, add=[server.place]) as seen:
        # That one is squarm's own: it tells nobody who its user is.
        await seen.until(lambda: seen.pis and seen.pis[0].state is PiState.KNOWN)
        command = seen.fleet.shell_command(seen.pis[0].id)
        assert run(*command, "-o", "BatchMode=yes", "echo there") == "there\n"


async def test_a_shell_is_opened_whatever_is_in_the_paths(server: Sshd, tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s 100% "mine" \\'
    folder.mkdir()
    key = Path(shutil.copy(tmp_path / "user_key", folder / "my key"))
    known = KnownHosts(folder / "known hosts")
    known.trust("pi1", server.key)
    options = host_key_options("squarm-pi1", known.path)
    login = replace(server.login, keys=(key,))
    command = ssh_command(server.endpoint, login, options)
    assert run(*command, "-o", "BatchMode=yes", "echo there") == "there\n"


async def test_no_ambient_known_hosts_or_configuration_counts(
    server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text("Host *\n  StrictHostKeyChecking no\n  Port 1\n")
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {server.key}\n")
    monkeypatch.setenv("HOME", str(home))
    other = make_sshd(tmp_path, "other").key
    with pytest.raises(KeyChanged):
        await Dialler().connect(server.endpoint, other, server.login)


async def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match="refuses SSH"):
        await Dialler().host_key(Endpoint("127.0.0.1", free_port()))


async def test_a_server_that_hangs_up_is_not_said_to_speak_no_ssh() -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as held:
        port = held.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="hangs up before SSH has begun: after logins that"):
            await Dialler().host_key(Endpoint("127.0.0.1", port))


@pytest.mark.parametrize(
    "banner",
    [b"", b"\xff" * 5000, b"HTTP/1.1 400 Bad\r\n\r\n", b"SSH-2.0-x\r\n" + b"\x00" * 4000,
     b"SSH-2.0-x\r\n\x00\x00\x01\x04\x04\x14" + b"\xff" * 300],
)  # fmt: skip
async def test_what_does_not_speak_ssh_is_unreachable(banner: bytes) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(banner)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable):
            await Dialler().host_key(Endpoint("127.0.0.1", port))


async def test_silent_servers_do_not_hold_up_the_others(server: Sshd) -> None:
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        dialler = Dialler()
        waiting = [
            asyncio.create_task(dialler.host_key(Endpoint("127.0.0.1", port))) for _ in range(60)
        ]
        await until(lambda: len(held) == len(waiting))
        await dialler.host_key(server.endpoint)
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for writer in held:
            writer.close()


async def test_the_loop_over_a_real_connection(server: Sshd) -> None:
    connection = await Dialler().connect(server.endpoint, server.key, server.login)
    lines: list[bytes] = []
    follow = asyncio.create_task(follow_loop(connection, lines.append, fail))

    def measured() -> bool:
        meter = Meter()
        for line in lines:
            meter = meter.take(line, time.time(), time.time())
        return meter.sample is not None and meter.sample.cpu is not None

    await until(measured, 60)
    connection.abort()
    with pytest.raises(StreamEnded):
        await follow


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("exit 3", "status 3"),
        ("yes 'S\tn=1'", "far more"),
        ("cat /dev/zero", "far more"),
        ("yes >&2", "far more"),
        ("head -c 100000 /dev/urandom; exit 4", "status 4"),
    ],
)
async def test_a_shell_that_is_none(command: str, why: str, tmp_path: Path) -> None:
    with sshd(tmp_path, f'ForceCommand sh -c "{command}"') as server:
        connection = await Dialler().connect(server.endpoint, server.key, server.login)
        lines: list[bytes] = []
        with pytest.raises(StreamEnded, match=why):
            await follow_loop(connection, lines.append, fail)
        assert max(map(len, lines), default=0) <= 4096
        connection.abort()


async def test_another_login_shows_at_once_whether_it_lets_in(server: Sshd, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with watching("lo", data, server.login, add=[server.place]) as seen:
        await seen.until(lambda: seen.pis and seen.pis[0].state is PiState.KNOWN)
        connection = seen.fleet.connection(seen.pis[0].id)
        seen.fleet.set_login(server.login, seen.pis[0].id)
        await asyncio.sleep(1)
        # The same login once more, as the command line says it, disturbs nobody.
        assert seen.fleet.connection(seen.pis[0].id) is connection is not None
        seen.fleet.set_login(replace(server.login, user="nobody-here"), seen.pis[0].id)
        await seen.until(lambda: "it lets nobody-here in with no key" in seen.pis[0].problem)
        # Its answer to the login before is none to the next, however long that takes.
        seen.fleet.set_login(replace(server.login, user="nor-this-one"), seen.pis[0].id)
        assert seen.fleet.snapshot().pis[0].problem == ""
        await seen.until(lambda: "it lets nor-this-one in with no key" in seen.pis[0].problem)
        assert seen.pis[0].state is PiState.REACHABLE
        seen.fleet.set_login(server.login, seen.pis[0].id)
        await seen.until(lambda: seen.pis[0].state is PiState.KNOWN)


@pytest.mark.slow
async def test_what_is_forgotten_elsewhere_is_forgotten_by_an_open_console(
    server: Sshd, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with watching("lo", data, server.login, add=[server.place]) as seen:
        await seen.until(lambda: seen.pis and seen.pis[0].state is PiState.KNOWN)
        pi = seen.pis[0].id
        file = data / "pis.json"
        await seen.until(lambda: file.exists() and pi in file.read_text())
        other = Fleet("none", lambda _: None, folder=data)
        running = asyncio.create_task(other.run())
        await asyncio.sleep(0)
        other.forget(pi)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await seen.until(lambda: not seen.pis)
    assert pi not in file.read_text()


@pytest.mark.slow
async def test_a_machine_that_answers_and_then_says_nothing_is_lost(tmp_path: Path) -> None:
    with sshd(tmp_path, "ForceCommand sleep 1000") as server:
        data = tmp_path / "data"
        async with watching("lo", data, server.login, add=[server.place]) as seen:
            await seen.until(lambda: seen.pis and seen.pis[0].state is PiState.REACHABLE)
            await seen.until(lambda: seen.pis[0].state is PiState.LOST)
            assert "said nothing" in seen.pis[0].problem
            assert seen.pis[0].sample is None


@pytest.mark.slow
async def test_many_machines_at_once(tmp_path: Path) -> None:
    count = 40
    servers = [make_sshd(tmp_path, f"s{number}") for number in range(count)]
    try:
        for server in servers:
            server.start()
        for server in servers:
            await asyncio.to_thread(server.ready)
        places = [server.place for server in servers]
        data = tmp_path / "data"
        async with watching("lo", data, servers[0].login, add=places) as seen:
            await seen.until(lambda: sum(bool(view.sample) for view in seen.pis) == count, 200)
            assert len(seen.fleet.known_hosts.read()) == count
            # Each has one connection, and it stays.
            sampled = {view.id: view.sampled for view in seen.pis}
            links = open_links(servers)
            assert sorted(port for port, _ in links) == sorted(server.port for server in servers)
            await seen.until(lambda: all(view.sampled > sampled[view.id] for view in seen.pis))
            assert open_links(servers) == links
    finally:
        for server in servers:
            server.stop()


def open_links(servers: list[Sshd]) -> set[tuple[int, int]]:
    """The connections from here to servers: the port there, and the one here."""
    ports = {server.port for server in servers}
    return {
        (link.raddr.port, link.laddr.port)
        for link in psutil.Process().net_connections("tcp")
        if link.status == psutil.CONN_ESTABLISHED and link.raddr.port in ports
    }
