"""Root on a machine, through programs in sudo's place: one that asks, one that does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import pytest

from fleet.ssh.connection import Dialler
from fleet.ssh.shell import LocalShell, Shell, ShellError, SshShell, Sudo
from tests.fleet.sshds import free_port, sshd

PASSWORD = "touch rooted"  # noqa: S105 - nobody's, and a command if it were ever run
ASKS = f'read -r said; [ "$said" = "{PASSWORD}" ] || exit 1'


@pytest.fixture
def sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program; it leaves out sudo's own options, and runs the rest."""
    program = tmp_path / "bin/sudo"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    return program


def stand_in(program: Path, first: str) -> None:
    program.write_text(f'#!/bin/sh\n{first}\nshift 4\nexec "$@"\n')
    program.chmod(0o755)


@pytest.mark.parametrize("first", [ASKS, ":"])
async def test_the_password_is_never_a_command_of_roots(
    sudo: Path, tmp_path: Path, first: str
) -> None:
    stand_in(sudo, first)
    shell = LocalShell(PASSWORD, sudo=Sudo.PASSWORD)
    said = await shell.run("echo one\nread -r line <<.\ntwo\n.\necho $line", root=True)
    assert (said.status, said.output) == (0, b"one\ntwo\n")
    assert not (tmp_path / "rooted").exists()


async def test_a_wrong_password_runs_nothing(sudo: Path) -> None:
    stand_in(sudo, ASKS)
    said = await LocalShell("wrong", sudo=Sudo.PASSWORD).run("echo one", root=True)
    assert (said.status, said.output) == (1, b"")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("sudo: 1 incorrect password attempt", Sudo.REFUSED),
        ("sudo: Authentication failed, try again.", Sudo.REFUSED),
        ("pi is not in the sudoers file.", Sudo.FORBIDDEN),
        ("Sorry, user pi is not allowed to execute '/usr/bin/true' as root on pi.", Sudo.FORBIDDEN),
        ("sudo: I'm sorry pi. I'm afraid I can't do that", Sudo.FORBIDDEN),
    ],
)
async def test_who_may_not_is_told_from_who_gave_the_wrong_password(
    sudo: Path, said: str, found: Sudo
) -> None:
    """As sudo and sudo-rs say it, whatever language the user has: they are asked for C's."""
    stand_in(sudo, f'[ "$1" = -n ] || echo "{said}" >&2; exit 1')
    uid = sudo.with_name("id")
    uid.write_text("#!/bin/sh\necho 1000\n")
    uid.chmod(0o755)
    assert await LocalShell(PASSWORD).find_sudo() is found


@asynccontextmanager
async def shell_over_ssh(folder: Path, extra: str = "") -> AsyncIterator[Shell]:
    with sshd(folder, extra) as server:
        connection = await Dialler().connect(server.endpoint, server.key, server.login)
        try:
            yield SshShell(connection=connection)
        finally:
            connection.abort()


@asynccontextmanager
async def shell_here(_folder: Path) -> AsyncIterator[Shell]:
    yield LocalShell()


def shell_without_forwarding(folder: Path) -> AbstractAsyncContextManager[Shell]:
    return shell_over_ssh(folder, "AllowTcpForwarding no")


@pytest.mark.parametrize("opened", [shell_over_ssh, shell_without_forwarding, shell_here])
async def test_a_port_of_the_machines_loopback_leads_here(
    opened: Callable[[Path], AbstractAsyncContextManager[Shell]], tmp_path: Path
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"heard " + await reader.readline())
        writer.close()

    port, path = free_port(), tmp_path / "here.sock"
    async with await asyncio.start_unix_server(answer, path), opened(tmp_path) as shell:
        async with shell.forward(port, path):
            for word in (b"one\n", b"two\n"):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(word)
                assert await reader.read() == b"heard " + word
                writer.close()
            # It is not taken from whoever has it.
            with pytest.raises(ShellError, match=str(port)):
                async with shell.forward(port, path):
                    pass
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_who_keeps_a_connection_is_not_waited_for(tmp_path: Path) -> None:
    port, path, here = free_port(), tmp_path / "here.sock", asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        here.set()

    async with await asyncio.start_unix_server(say_nothing, path):
        async with LocalShell().forward(port, path):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await here.wait()
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()


async def test_where_ssh_forwards_nothing_a_program_does_and_the_reason_is_told(
    tmp_path: Path,
) -> None:
    """Much at a time, both ways; who ends in the middle, or is gone, disturbs nobody."""
    port, path = free_port(), tmp_path / "here.sock"
    size = 3 * 10**6

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(10_000):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def call(mark: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(mark * size)
        writer.write_eof()
        said = await reader.read(-1)
        writer.close()
        return said

    async def break_off() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * size)
        writer.transport.abort()

    async with shell_without_forwarding(tmp_path) as shell:
        async with shell.forward(port, path) as why:
            assert "AllowTcpForwarding" in why
            async with await asyncio.start_unix_server(echo, path):
                marks = [b"a", b"b", b"c", b"d"]
                came = await asyncio.gather(*map(call, marks), break_off(), break_off())
                assert [said for said in came if said] == [mark * size for mark in marks]
            # Where nobody is here any more, whoever calls there is told.
            path.unlink()
            assert await call(b"") == b""
            reader, idle = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            assert await reader.read() == b""
        idle.close()
