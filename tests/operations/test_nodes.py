"""Deeds on a real swarm of two: noted whichever way they end; a dead node is removed as well."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from base.audit import Audit
from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.shell import Shell
from operations.node_deeds import DeedRefused, NodeDeeds, Stage, caution
from provision import inventory_file
from provision.inventory import Host, Inventory
from provision.ssh_session import host_of, way_in
from swarm.docker.node_life import NodeLife
from swarm.engine import NodeView
from tests.dockerd import CABLE, Daemon, cable, join_swarm
from tests.swarm.samples import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


@asynccontextmanager
async def no_way(node: NodeView) -> AsyncIterator[Shell]:
    """The way to a machine that nobody has provisioned."""
    async with way_in(None, node, Credentials(Access(Login()))) as shell:
        yield shell


@pytest.fixture
async def life(swarm_manager: Daemon) -> AsyncIterator[NodeLife]:
    made = await NodeLife.connect(swarm_manager.host)
    yield made
    await made.close()


async def other(life: NodeLife) -> NodeView:
    return next(node for node in await life.nodes() if node.id != life.here)


async def test_deeds_are_noted_and_the_dead_are_removed(
    life: NodeLife,
    swarm_manager: Daemon,
    plain_daemon: Daemon,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    audit = Audit()
    deeds = NodeDeeds(life, no_way, audit, who="euler")

    async def ready() -> bool:
        return (await other(life)).state == "ready"

    async def down() -> bool:
        return (await other(life)).state == "down"

    try:
        with cable(swarm_manager, plain_daemon):
            join_swarm(plain_daemon, swarm_manager)
            await until(ready)
            node = await other(life)
            keep_inventory(node)
            assert [look.tasks async for look in deeds.drain(node)] == [0]
            await deeds.activate(node)
            with pytest.raises(DeedRefused, match="is not in squarm's inventory"):
                _ = [step async for step in deeds.remove(node)]
            still = await other(life)
            assert (still.state, still.availability) == ("ready", "active")
        await until(down, 60)
        steps = [step.stage async for step in deeds.remove(await other(life))]
        assert steps == [Stage.FORGET]
        assert [view.id for view in await life.nodes()] == [life.here]
    finally:
        plain_daemon.api().leave_swarm(force=True)
    kept = inventory_file.read(inventory_file.default_path())
    assert kept is not None
    assert kept.others == ()
    (here,) = await life.nodes()
    with pytest.raises(DeedRefused, match="talks through"):
        _ = [step async for step in deeds.remove(here)]
    assert "cannot be managed while" in caution((here,), here)
    noted = [(entry.who, entry.what, entry.result) for entry in audit.read(9)]
    assert noted == [
        ("euler", "drain", "done"),
        ("euler", "activate", "done"),
        ("euler", "remove", "failed"),
        ("euler", "remove", "done"),
    ]


def keep_inventory(node: NodeView) -> None:
    """The node is in the inventory."""
    # Both daemons run on this machine, so the swarm's listing adds to the name they have.
    one = Host("bbbb", node.name.partition(" ")[0], CABLE[1])
    inventory = Inventory(Host("aaaa", "swarmaster", "10.0.0.1", local=True), (one,))
    inventory_file.write(inventory_file.default_path(), inventory, Path("/known_hosts"))
    assert host_of(inventory, node) == one
