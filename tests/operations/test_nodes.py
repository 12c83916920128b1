"""A node's life on a real swarm of two: noted whichever way it ends; a dead node goes as well."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import FleetError, ProvisionError
from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.shell import Shell
from operations import nodes
from operations.operation import Door
from provision import inventory_file
from provision.inventory import Host, Inventory
from provision.ssh_session import host_of, shell_on
from swarm.docker.node_life import NodeLife
from swarm.engine import NodeView
from tests.dockerd import CABLE, Dockerd, cable, join_swarm
from tests.operations.agreeing import AgreeingUser
from tests.swarm.node_lives import life, other
from tests.waiting import until

__all__ = ["life"]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


@asynccontextmanager
async def no_way(node: NodeView) -> AsyncIterator[Shell]:
    """The way to a machine that nobody has provisioned."""
    async with shell_on(None, node, Credentials(Access(Login()))) as shell:
        yield shell


async def test_what_is_done_to_nodes_is_noted_and_the_dead_are_removed(
    life: NodeLife,
    swarm_manager: Dockerd,
    plain_daemon: Dockerd,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    audit = Audit()
    euler = AgreeingUser()
    door = Door(euler, read_only=False, audit=audit)
    cluster = nodes.Cluster(lambda: nullcontext(life), no_way)

    async def ready() -> bool:
        return (await other(life)).state == "ready"

    async def down() -> bool:
        return (await other(life)).state == "down"

    with cable(swarm_manager, plain_daemon):
        join_swarm(plain_daemon, swarm_manager)
        await until(ready)
        node = await other(life)
        keep_inventory(node)
        await door.perform(nodes.drain(cluster, node))
        assert [step.doing for step in euler.steps] == ["draining"]
        await door.perform(nodes.activate(cluster, node))
        with pytest.raises(FleetError, match="is not in squarm's inventory"):
            await door.perform(nodes.leave(cluster, node))
        still = await other(life)
        assert (still.state, still.availability) == ("ready", "active")
    await until(down, 120)
    euler.steps.clear()
    await door.perform(nodes.leave(cluster, await other(life)))
    assert [step.doing for step in euler.steps] == ["forgetting"]
    assert [view.id for view in await life.nodes()] == [life.here]
    kept = inventory_file.read(inventory_file.default_path())
    assert kept is not None
    assert kept.others == ()
    (here,) = await life.nodes()
    with pytest.raises(ProvisionError, match="talks through"):
        await door.perform(nodes.leave(cluster, here))
    caution = nodes.reboot(cluster, here, (here,)).caution
    assert caution is not None
    assert "cannot be managed while" in caution.consequence
    noted = [(entry.who, entry.what, entry.result) for entry in audit.read(9)]
    assert noted == [
        ("euler", "drain", "done"),
        ("euler", "activate", "done"),
        ("euler", "remove", "failed"),
        ("euler", "remove", "done"),
        ("euler", "remove", "failed"),
    ]


def keep_inventory(node: NodeView) -> None:
    """The node is in the inventory."""
    # Both daemons run on this machine, so the swarm's listing adds to the name they have.
    one = Host("bbbb", node.name.partition(" ")[0], CABLE[1])
    inventory = Inventory(Host("aaaa", "swarmaster", "10.0.0.1", local=True), (one,))
    inventory_file.write(inventory_file.default_path(), inventory, Path("/known_hosts"))
    assert host_of(inventory, node) == one
