"""A Docker daemon behind SSH: a socket here whose connections come out at the one over there.

As for every other connection, the host key must be one that is known: to squarm, of any of its
machines, or to the user's own ssh by the host's name.
"""

import asyncio
import atexit
import getpass
import shutil
import socket
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import asyncssh

from fleet.endpoint import Endpoint
from fleet.ssh.connection import Dialler, Login, SshError, Unreachable
from fleet.ssh.host_keys import HostKey, KnownHosts
from swarm.docker.address import Address

_CHUNK = 64 * 1024


async def reach(address: Address) -> Address:
    """The address of a socket on this machine that leads to one behind SSH; another as it is.

    It stays until this process ends. Raises SshError, HostKeyError.
    """
    if not address.ssh:
        return address
    tunnel = _Tunnel(address)
    await tunnel.connection()
    folder = Path(tempfile.mkdtemp(prefix="squarm-docker-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "docker.sock"
    _tunnels.append(await asyncio.start_unix_server(tunnel.carry, path))
    return replace(address, path=str(path), ssh=False)


_tunnels: list[asyncio.Server] = []
"""Held, for a server that nobody holds may be closed."""


class _Tunnel:
    """Carries connections to `address`; the SSH connection is made anew where it was lost."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None

    async def connection(self) -> asyncssh.SSHClientConnection:
        """The connection that is open, or a new one; raises SshError, HostKeyError."""
        async with self._lock:
            if self._connection is None or self._connection.is_closed():
                self._connection = await _connect(self._address)
            return self._connection

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, until either side ends it."""
        # Where the event loop ends, and this with it, asyncio would make a complaint of it.
        with suppress(asyncio.CancelledError):
            await self._carry(reader, writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ssh = await self.connection()
            there, back = await ssh.open_unix_connection(self._address.path, encoding=None)
        except (OSError, SshError, asyncssh.Error):
            writer.transport.abort()
            return
        ways = [
            asyncio.create_task(_copy(reader, back)),
            asyncio.create_task(_copy(there, writer)),
        ]
        try:
            # What was asked may have been said to its end before the answer begins.
            await ways[1]
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.close()
            writer.close()


async def _copy(
    source: "asyncio.StreamReader | asyncssh.SSHReader[bytes]",
    to: "asyncio.StreamWriter | asyncssh.SSHWriter[bytes]",
) -> None:
    with suppress(OSError, asyncssh.Error):
        while piece := await source.read(_CHUNK):
            to.write(piece)
            await to.drain()
        to.write_eof()


async def _connect(address: Address) -> asyncssh.SSHClientConnection:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise Unreachable(f"No address is known of it ({error.strerror}).") from None
    endpoint = Endpoint(str(found[0][4][0]), address.port)
    dialler = Dialler()
    key = await dialler.host_key(endpoint)
    if not await asyncio.to_thread(_known, address, endpoint, key):
        raise SshError(
            f"Its host key {key.fingerprint} is not known: compare it with the machine's own, then "
            f"log in to it once with ssh, or take it in with squarm pi accept."
        )
    # Whoever names the machine means the keys that they have for it.
    login = Login(user=address.user or getpass.getuser(), offer_to_new=False)
    return await dialler.connect(endpoint, key, login)


def _known(address: Address, endpoint: Endpoint, key: HostKey) -> bool:
    if key in KnownHosts().read().values():
        return True
    shown = asyncssh.import_public_key(str(key))
    with suppress(OSError, ValueError, asyncssh.Error):
        known = asyncssh.read_known_hosts(str(Path.home() / ".ssh" / "known_hosts"))
        trusted, _, revoked, *_ = known.match(address.host, endpoint.address, address.port)
        return shown in trusted and shown not in revoked
    return False
