"""A shell on a machine: a script in, its output and exit status out. Over SSH, or right here.

A script and a password go in by standard input, so neither shows in a list of processes.
"""

import asyncio
import contextlib
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import asyncssh

from base.errors import FleetError
from fleet.ssh import relay

PATIENCE = 20.0
LOOPBACK = "127.0.0.1"
_OUTPUT_LIMIT = 64 * 1024
_PIECE = 16 * 1024
_PLAIN = "exec sh -s"
_ROOT = "exec sudo -n sh -s"
_ASKING = "LC_ALL=C exec sudo -k -S -p ''"
_MARK = ": the script begins"
_READY = "squarm may send the script"
_ROOT_WITH_PASSWORD = (  # asks for one, is none
    f"{_ASKING} sh -c 'echo {_READY}; "
    f'while read -r line && [ "$line" != "{_MARK}" ]; do :; done; exec sh -s\''
)
"""Where sudo asks for nothing after all, the password is skipped: no command for root to run."""
_AGAIN = b"try again"
"""What sudo and sudo-rs say of a wrong password, before they wait for another."""
_DENIES = (b"is not in the sudoers file", b"is not allowed to", b"I'm afraid I can't do that")
"""What sudo, and sudo-rs, say of a user who gave the right password and may not."""
_ASK_SUDO = "[ $(id -u) = 0 ] && exit 0; sudo -n true && exit 0; command -v sudo && exit 1; exit 2"


class ShellError(FleetError):
    """A script could not be run: one sentence."""


class Sudo(StrEnum):
    """How root is reached on a machine."""

    NONE = "no password"
    PASSWORD = "password"  # noqa: S105 - a name, not a password
    MISSING = "missing"
    """There is no sudo."""
    REFUSED = "refused"
    """It asks for a password, and none that squarm has is right."""
    FORBIDDEN = "forbidden"
    """It knows the user, and does not let them become root."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a script wrote, errors included, at most 64 KiB of it, and its exit status."""

    status: int
    output: bytes


class Shell(Protocol):
    """Runs commands; raises ShellError where there is no answer in time."""

    @property
    def sudo(self) -> Sudo | None:
        """How root is reached, None while nobody has looked."""
        ...

    async def find_sudo(self) -> Sudo:
        """See how root is reached."""
        ...

    async def run(self, script: str, *, root: bool = False, patience: float = PATIENCE) -> Said:
        """Run a script; as root only where `find_sudo` finds a way."""
        ...

    def forward(self, port: int, path: Path) -> AbstractAsyncContextManager[str]:
        """Have a port of its own loopback lead to a Unix socket here until the block ends.

        Gives why that does not go through SSH itself, in a sentence; '' where it does.
        """
        ...


@dataclass(slots=True)
class _Shell(ABC):
    """What the two kinds have in common; `password`: for sudo."""

    password: str | None = field(default=None, repr=False)
    sudo: Sudo | None = None

    async def find_sudo(self) -> Sudo:
        """See how root is reached; a password is sent only where one is asked for."""
        status = (await self._start(_PLAIN, _ASK_SUDO.encode(), PATIENCE)).status
        if status == 0:
            self.sudo = Sudo.NONE
        elif status == 2:
            self.sudo = Sudo.MISSING
        elif self.password is None:
            self.sudo = Sudo.REFUSED
        else:
            asked = await self._start(f"{_ASKING} true", self._secret(), PATIENCE)
            refused = (
                Sudo.FORBIDDEN if any(said in asked.output for said in _DENIES) else Sudo.REFUSED
            )
            self.sudo = refused if asked.status else Sudo.PASSWORD
        return self.sudo

    async def run(self, script: str, *, root: bool = False, patience: float = PATIENCE) -> Said:
        """Run a script as the user, or as root."""
        if not root:
            return await self._start(_PLAIN, script.encode(), patience)
        if self.sudo is None:
            await self.find_sudo()
        if self.sudo is Sudo.NONE:
            start = f"[ $(id -u) = 0 ] && {_PLAIN}; {_ROOT}"
            return await self._start(start, script.encode(), patience)
        if self.sudo is Sudo.PASSWORD:
            entered = f"{_MARK}\n{script}".encode()
            return await self._start(_ROOT_WITH_PASSWORD, entered, patience, self._secret())
        raise ShellError("Its sudo lets nobody become root with what squarm has.")

    def _secret(self) -> bytes:
        """What sudo reads, if it asks."""
        return f"{self.password or ''}\n".encode()

    async def _start(
        self, command: str, entered: bytes, patience: float, secret: bytes = b""
    ) -> Said:
        try:
            async with asyncio.timeout(patience):
                return await self._run(command, entered, secret)
        except TimeoutError:
            raise ShellError(f"It gives no answer within {patience:.0f} seconds.") from None

    @abstractmethod
    async def _run(self, command: str, entered: bytes, secret: bytes) -> Said:
        """Run a command; `secret`: what it is to read before it is ready for what is entered."""


@dataclass(slots=True)
class SshShell(_Shell):
    """A shell at the other end of a connection, which stays the caller's."""

    connection: asyncssh.SSHClientConnection | None = None

    async def _run(self, command: str, entered: bytes, secret: bytes) -> Said:
        if self.connection is None:
            raise ShellError("There is no connection to it.")
        try:
            process = await self.connection.create_process(
                command, encoding=None, stderr=asyncssh.STDOUT, send_env=()
            )
        except (asyncssh.Error, OSError):
            raise ShellError("It lets us in, but starts no shell.") from None
        try:
            output = await _exchange(process.stdin, process.stdout, entered, secret)
            await process.wait_closed()
        except (asyncssh.Error, OSError):
            raise ShellError("The connection broke.") from None
        finally:
            with contextlib.suppress(OSError, asyncssh.Error):
                process.close()
        status = process.exit_status
        return Said(255 if status is None else status, output)

    @contextlib.asynccontextmanager
    async def forward(self, port: int, path: Path) -> AsyncIterator[str]:
        """Through the connection, or where its SSH server does not want that through a program.

        Raises ShellError where neither can listen.
        """
        if self.connection is None:
            raise ShellError("There is no connection to it.")
        try:
            listener = await self.connection.forward_remote_port_to_path(LOOPBACK, port, str(path))
        except (asyncssh.Error, asyncssh.ChannelListenError, OSError):
            async with self._relayed(self.connection, port, path):
                yield "Its SSH server forwards no port (AllowTcpForwarding)."
            return
        try:
            yield ""
        finally:
            with contextlib.suppress(asyncssh.Error, OSError):
                listener.close()
                await listener.wait_closed()

    @contextlib.asynccontextmanager
    async def _relayed(
        self, connection: asyncssh.SSHClientConnection, port: int, path: Path
    ) -> AsyncIterator[None]:
        """Who may start a program there may have it listen, too."""
        program = await asyncio.to_thread(Path(relay.__file__).read_bytes)
        command = relay.COMMAND.format(size=len(program), port=port)
        try:
            async with asyncio.timeout(PATIENCE):
                process = await connection.create_process(command, encoding=None, send_env=())
                process.stdin.write(program)
                await process.stdout.readuntil(relay.LISTENS)
        except (asyncssh.Error, asyncio.IncompleteReadError, OSError, TimeoutError):
            raise ShellError(
                f"Nothing can listen on its port {port}: something else does, or its SSH server "
                "forwards none (AllowTcpForwarding) and it has no Python 3."
            ) from None
        carried = relay.Relay(
            process.stdout, process.stdin, lambda: asyncio.open_unix_connection(str(path))
        )
        running = asyncio.create_task(carried.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])
            # It listens no more once it has read the end.
            with contextlib.suppress(OSError, asyncssh.Error, TimeoutError):
                process.stdin.write_eof()
                await process.wait(timeout=PATIENCE)
            with contextlib.suppress(OSError, asyncssh.Error):
                process.close()


@dataclass(slots=True)
class LocalShell(_Shell):
    """A shell on this machine."""

    async def _run(self, command: str, entered: bytes, secret: bytes) -> Said:
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101 - it was asked for
        assert process.stdout is not None  # noqa: S101
        try:
            output = await _exchange(process.stdin, process.stdout, entered, secret)
            await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return Said(process.returncode or 0, output)

    @contextlib.asynccontextmanager
    async def forward(self, port: int, path: Path) -> AsyncIterator[str]:
        """From this machine's loopback; raises ShellError where the port is taken."""
        callers: set[asyncio.StreamWriter] = set()

        async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            callers.add(writer)
            try:
                with contextlib.suppress(OSError):
                    there, answer = await asyncio.open_unix_connection(str(path))
                    await asyncio.gather(_pump(reader, answer), _pump(there, writer))
            finally:
                writer.close()
                callers.discard(writer)

        try:
            server = await asyncio.start_server(lead, LOOPBACK, port)
        except OSError:
            raise ShellError(f"Something else listens on this machine's port {port}.") from None
        try:
            yield ""
        finally:
            # From Python 3.12 on a server that is waited for waits for those who call, for ever.
            server.close()
            for caller in callers:
                caller.transport.abort()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(64 * 1024):
            target.write(piece)
            await target.drain()
    finally:
        target.close()


class _Writer(Protocol):
    def write(self, data: bytes) -> None: ...
    def write_eof(self) -> None: ...


class _Reader(Protocol):
    async def read(self, n: int = -1) -> bytes: ...


async def _exchange(stdin: _Writer, stdout: _Reader, entered: bytes, secret: bytes) -> bytes:
    """Enter what is to be entered; give all that comes back, as far as it is kept.

    A secret goes first and alone: sudo-rs 0.2.5, Debian 13's, reads on beyond the password.
    What comes back before the other side is ready is sudo's own, and its prompt.
    """
    whole = bytearray()
    if secret:
        ready = f"{_READY}\n".encode()
        stdin.write(secret)
        while ready not in whole and _AGAIN not in whole and len(whole) < _OUTPUT_LIMIT:
            if not (piece := await stdout.read(_PIECE)):
                return bytes(whole)
            whole += piece
        before, found, after = whole.partition(ready)
        whole = after if found else before
        entered = entered if found else b""
    stdin.write(entered)
    stdin.write_eof()
    while piece := await stdout.read(_PIECE):
        if len(whole) < _OUTPUT_LIMIT:
            whole += piece
    return bytes(whole[:_OUTPUT_LIMIT])
