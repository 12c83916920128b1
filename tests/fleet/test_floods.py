"""Machines that send far more than they were asked for, before the login and after it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest
from asyncssh.constants import MSG_IGNORE, MSG_USERAUTH_BANNER
from asyncssh.misc import MaybeAwait
from asyncssh.packet import String

from fleet.endpoint import Endpoint
from fleet.pi_state import PiState
from fleet.ssh.connection import Dialler, Floods, Login, Unreachable
from fleet.ssh.host_keys import HostKey
from tests.fleet.pis import make_key
from tests.fleet.watching import watching

Serve = Callable[["asyncssh.SSHServerProcess[bytes]"], Awaitable[None]]


class Guest(asyncssh.SSHServer):
    """Lets everybody in."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> MaybeAwait[bool]:
        return not username


@asynccontextmanager
async def listening(
    factory: type[Guest] = Guest, serve: Serve | None = None, kex: str = "*25519*"
) -> AsyncIterator[tuple[Endpoint, HostKey]]:
    """A server on loopback, and the key that it shows."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=factory, server_host_keys=[key], process_factory=serve,
        encoding=None, kex_algs=kex,
    )  # fmt: skip
    shown = HostKey.parse(key.export_public_key().decode())
    assert shown is not None
    async with server:
        yield Endpoint("127.0.0.1", server.get_port()), shown


async def test_what_ssh_passes_over_counts_as_well(tmp_path: Path) -> None:
    async def flood(process: "asyncssh.SSHServerProcess[bytes]") -> None:
        connection = process.channel.get_connection()
        for number in itertools.count():
            process.stdout.write(f"S\tn={number}\n".encode())
            for _ in range(100):
                connection.send_packet(MSG_IGNORE, String(bytes(3000)))
            await asyncio.sleep(0.1)

    login = Login(keys=(make_key(tmp_path / "k"),))
    async with listening(serve=flood) as (place, _), watching("lo", tmp_path, login) as seen:
        seen.fleet.add(str(place))
        await seen.until(lambda: seen.pis and "far more" in seen.pis[0].problem)
        await seen.until(lambda: seen.pis[0].state is PiState.REACHABLE)


class Ignored(Guest):
    """Lets nobody in, and meanwhile sends what SSH passes over."""

    async def begin_auth(self, _username: str) -> bool:
        while not self.connection.is_closed():
            self.send()
            await asyncio.sleep(0)
        return True

    def send(self) -> None:
        self.connection.send_packet(MSG_IGNORE, String(bytes(3000)))


class Greeting(Ignored):
    """The same with what a server says to its users."""

    def send(self) -> None:
        self.connection.send_packet(MSG_USERAUTH_BANNER, String("x" * 3000), String(""))


@pytest.mark.parametrize("kind", [Ignored, Greeting])
async def test_a_flood_before_the_login_is_one_as_well(tmp_path: Path, kind: type[Guest]) -> None:
    login = Login(keys=(make_key(tmp_path / "k"),), agent=False)
    async with listening(kind) as (place, key):
        with pytest.raises(Floods, match="far more than it was asked for"):
            await Dialler().connect(place, key, login)
        async with watching("lo", tmp_path, login) as seen:
            seen.fleet.add(str(place))
            await seen.until(lambda: seen.pis and "left alone" in seen.pis[0].problem)
            await seen.until(lambda: seen.pis[0].state is PiState.REACHABLE)


async def test_keys_are_exchanged_over_curves_alone() -> None:
    """A server may have them exchanged again and again: over large groups that costs too much."""
    async with listening(kex="diffie-hellman-group18-sha512") as (place, _):
        with pytest.raises(Unreachable, match=r"exchanges keys in no way|hangs up"):
            await Dialler().host_key(place)
    async with listening(kex="ecdh-sha2-nistp256") as (place, key):
        assert await Dialler().host_key(place) == key
