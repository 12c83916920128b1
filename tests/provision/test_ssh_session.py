"""The way to a node's machine, over real SSH on loopback."""

from dataclasses import replace
from pathlib import Path

import pytest

from fleet.ssh.connection import KeyChanged
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.host_keys import KnownHosts
from provision.inventory import Host, Inventory
from provision.ssh_session import host_of, shell_on
from swarm.engine import NodeView
from tests.fleet.sshds import Sshd, sshd

THERE = "127.0.0.2"
NOBODY = "127.0.0.9"


def node_at(address: str) -> NodeView:
    return NodeView(
        "n1", "swarmost1", address, "worker", "active", "ready", "linux/arm64", 4, 1 << 30
    )


async def said_there(address: str, kept: str, server: Sshd, known: KnownHosts) -> bytes:
    """Logged in to as the inventory says, where nobody said another user."""
    inventory = Inventory(Host("pi1", "swarmost1", kept, server.port, server.login.user))
    credentials = Credentials(Access(replace(server.login, user="")))
    async with shell_on(inventory, node_at(address), credentials, known) as shell:
        return (await shell.run("echo there")).output


def test_an_address_that_a_dead_node_had_names_no_machine() -> None:
    inventory = Inventory(Host("m", "swarmaster", NOBODY), (Host("pi2", "swarmost2", THERE),))
    there = replace(node_at(THERE), name="other")
    assert host_of(inventory, there) == inventory.others[0]
    assert host_of(inventory, replace(there, state="down")) is None
    assert host_of(inventory, replace(there, state="down", name="swarmost2")) is not None


@pytest.mark.parametrize("swarm_is_right", [True, False])
async def test_either_address_may_be_out_of_date(tmp_path: Path, *, swarm_is_right: bool) -> None:
    known = KnownHosts(tmp_path / "known_hosts")
    addresses = (THERE, NOBODY) if swarm_is_right else (NOBODY, THERE)
    with sshd(tmp_path, f"ListenAddress {THERE}") as server:
        known.trust("pi1", server.key)
        assert await said_there(*addresses, server, known) == b"there\n"


async def test_a_stranger_at_its_address_is_a_hard_stop(tmp_path: Path) -> None:
    known = KnownHosts(tmp_path / "known_hosts")
    with sshd(tmp_path) as server:
        known.trust("pi1", server.key)
        server.stop()
        server.new_key()
        server.start()
        server.ready()
        with pytest.raises(KeyChanged):
            await said_there("127.0.0.1", "127.0.0.1", server, known)
