"""The way into a node of the swarm: from its entry in the inventory to a shell on its machine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncssh

from fleet.endpoint import Endpoint
from fleet.ssh.connection import Dialler, KeyChanged, Login, SshError, Unreachable
from fleet.ssh.credentials import Credentials
from fleet.ssh.host_keys import HostKey, KnownHosts
from fleet.ssh.shell import LocalShell, Shell, SshShell
from provision.inventory import Host, Inventory
from swarm.engine import NodeView

_ATTEMPTS = 3
_BETWEEN_SECONDS = 2.0


def host_of(inventory: Inventory | None, node: NodeView) -> Host | None:
    """The machine of the inventory that a node runs on: by its name, else by its address.

    The address of a node that is down may be another machine's by now.
    """
    hosts = inventory.hosts if inventory else ()
    # Nodes of one name are shown with the beginning of their id behind it.
    name = node.name.partition(" ")[0]
    named = [host for host in hosts if host.name == name]
    placed = [host for host in hosts if host.address == node.address and node.state == "ready"]
    return next(iter((*(host for host in named if host in placed), *named, *placed)), None)


@asynccontextmanager
async def shell_on(
    inventory: Inventory | None,
    node: NodeView,
    credentials: Credentials,
    known_hosts: KnownHosts | None = None,
) -> AsyncIterator[Shell]:
    """A shell on a node's machine until the block is left; raises SshError, HostKeyError."""
    host = host_of(inventory, node)
    if host is None:
        raise SshError(
            f"{node.name} is not in squarm's inventory: squarm provision takes it in, or do it "
            "there by hand."
        )
    if host.local:
        yield LocalShell(credentials.here)
        return
    key = (known_hosts or KnownHosts()).read().get(host.id)
    if key is None:
        raise SshError(f"{node.name}'s host key is not trusted: accept it (squarm pi accept).")
    access = credentials.of(host.id)
    connection = await _patiently(_places(host, node), key, access.login.to(host.user))
    try:
        yield SshShell(access.sudo_password, connection=connection)
    finally:
        connection.abort()


def _places(host: Host, node: NodeView) -> list[Endpoint]:
    """Where it may be: at its address of the last run, or at that by which it joined the swarm.

    Either may be out of date. The swarm's is, too, where a copy of its card has run: both are one
    node to Docker, at the address of whichever spoke first.
    """
    found = (place_in_swarm(node, host), host.endpoint)
    return list(dict.fromkeys(place for place in found if place))


def place_in_swarm(node: NodeView, host: Host) -> Endpoint | None:
    """Where it is by what it told the swarm when it joined; None where that is no place."""
    told = node.address not in ("", "0.0.0.0", "127.0.0.1")  # noqa: S104 - never listened on
    return Endpoint(node.address, host.port) if told else None


async def _patiently(
    places: Sequence[Endpoint], key: HostKey, login: Login
) -> asyncssh.SSHClientConnection:
    """A connection; a Pi that is busy with its tasks may not answer the first time."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await _connect(places, key, login)
        except Unreachable:
            await asyncio.sleep(_BETWEEN_SECONDS)
    return await _connect(places, key, login)


async def _connect(
    places: Sequence[Endpoint], key: HostKey, login: Login
) -> asyncssh.SSHClientConnection:
    """A connection to the first of these places where the machine with this key answers."""
    dialler = Dialler()
    for place in places[:-1]:
        # A stranger at one address says nothing about the machine at the other.
        with suppress(Unreachable, KeyChanged):
            return await dialler.connect(place, key, login)
    return await dialler.connect(places[-1], key, login)
