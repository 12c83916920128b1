"""A Docker daemon behind SSH: a socket here whose connections come out at the one over there.

As for every other connection, the host key must be one that is known: to squarm, of the machine at
that address or of that name, or to the user's ssh by the host's name.
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
from weakref import WeakKeyDictionary

import asyncssh

from fleet import watch_list
from fleet.endpoint import Endpoint
from fleet.ssh.connection import Dialler, Login, SshError, Unreachable
from fleet.ssh.host_keys import HostKey, KnownHosts
from swarm.docker.address import Address

_CHUNK = 64 * 1024


async def reach(address: Address, trusted: HostKey | None = None) -> Address:
    """The address of a socket on this machine that leads to one behind SSH; another as it is.

    There is one to each address, until the event loop ends. `trusted`: the host key, where the
    caller has it from elsewhere. Raises SshError, HostKeyError, WatchListError.
    """
    if not address.ssh:
        return address
    opened = _opened.setdefault(asyncio.get_running_loop(), {})
    if address not in opened:
        tunnel = _Tunnel(address, trusted)
        await tunnel.connection()
        folder = Path(tempfile.mkdtemp(prefix="squarm-docker-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        path = folder / "docker.sock"
        server = await asyncio.start_unix_server(tunnel.carry, path)
        opened[address] = (server, replace(address, path=str(path), ssh=False))
    return opened[address][1]


_opened: WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[Address, tuple[asyncio.Server, Address]]
] = WeakKeyDictionary()
"""What was opened on each event loop; a server that nobody holds may be closed."""


class _Tunnel:
    """Carries connections to `address`; the SSH connection is made anew where it was lost."""

    def __init__(self, address: Address, trusted: HostKey | None) -> None:
        self._address = address
        self._trusted = trusted
        self._lock = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None

    async def connection(self) -> asyncssh.SSHClientConnection:
        """The connection that is open, or a new one; raises SshError, HostKeyError."""
        async with self._lock:
            if self._connection is None or self._connection.is_closed():
                self._connection = await _connect(self._address, self._trusted)
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


async def _connect(address: Address, trusted: HostKey | None) -> asyncssh.SSHClientConnection:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise Unreachable(f"No address is known of it ({error.strerror}).") from None
    endpoint = Endpoint(str(found[0][4][0]), address.port)
    dialler = Dialler()
    key = trusted or await dialler.host_key(endpoint)
    if trusted is None and not await asyncio.to_thread(_known, address, endpoint, key):
        raise SshError(
            f"Its host key {key.fingerprint} is not known: compare it with the machine's own, then "
            f"log in to it once with ssh, or take it in with squarm pi accept."
        )
    # Whoever names the machine means the keys that they have for it.
    login = Login(user=address.user or getpass.getuser(), offer_to_new=False)
    return await dialler.connect(endpoint, key, login)


def _known(address: Address, endpoint: Endpoint, key: HostKey) -> bool:
    keys = KnownHosts().read()
    name = address.host.removesuffix(".local").lower()
    for machine in watch_list.load(watch_list.default_path()).machines:
        there = endpoint in machine.endpoints or machine.name.lower() == name
        if there and keys.get(machine.id) == key:
            return True
    shown = asyncssh.import_public_key(str(key))
    with suppress(OSError, ValueError, asyncssh.Error):
        known = asyncssh.read_known_hosts(str(Path.home() / ".ssh" / "known_hosts"))
        trusted, _, revoked, *_ = known.match(address.host, endpoint.address, address.port)
        return shown in trusted and shown not in revoked
    return False
