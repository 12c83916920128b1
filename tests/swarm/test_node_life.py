"""Draining, promoting, demoting and forgetting nodes of a real swarm of two."""

import pytest
from docker.types import ContainerSpec, ServiceMode, TaskTemplate

from base.errors import EngineError
from swarm.docker.node_life import Draining, NodeLife
from tests.dockerd import IMAGE, Dockerd, build_solver, joined
from tests.swarm.node_lives import life, other
from tests.waiting import until

__all__ = ["life"]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


async def drained(life: NodeLife, node: str) -> list[Draining]:
    await life.drain(node)
    return [seen async for seen in life.watch_drain(node)]


async def test_nobody_is_named_so(life: NodeLife) -> None:
    with pytest.raises(EngineError, match=r"no node 'nobody\[31m'"):
        await life.find("nobody\x07[31m")
    here = await life.find(life.here[:8])
    assert here.id == life.here
    with pytest.raises(EngineError, match="only manager"):
        await life.demote(here.id)
    with pytest.raises(EngineError, match="demote it first"):
        await life.forget(here.id)


async def test_the_life_of_a_second_node(
    life: NodeLife, swarm_manager: Dockerd, plain_daemon: Dockerd
) -> None:
    build_solver(plain_daemon)
    with joined(plain_daemon, swarm_manager):
        await drained_and_back(life, swarm_manager)
        await manager_and_back(life)
    await life.forget((await other(life)).id)
    assert [view.id for view in await life.nodes()] == [life.here]


async def drained_and_back(life: NodeLife, swarm_manager: Dockerd) -> None:
    async def ready() -> bool:
        return (await other(life)).state == "ready"

    await until(ready)
    node = await other(life)
    api = swarm_manager.api()
    template = TaskTemplate(ContainerSpec(IMAGE, command=["sleep", "1000"], stop_grace_period=1))
    service = api.create_service(template, mode=ServiceMode("replicated", 2))["ID"]

    async def busy() -> bool:
        return await life.tasks(node.id) == 1

    await until(busy, 120)
    seen = await drained(life, node.id)
    assert seen[0].tasks == 1
    assert seen[-1].tasks == 0
    assert (await other(life)).availability == "drain"
    api.remove_service(service)
    await life.activate(node.id)
    assert (await other(life)).availability == "active"


async def manager_and_back(life: NodeLife) -> None:
    node = await other(life)
    waited: list[float] = []
    await life.promote(node.id, waited.append)
    assert waited
    assert (await other(life)).role == "manager"
    with pytest.raises(EngineError, match="manager already"):
        await life.promote(node.id)
    with pytest.raises(EngineError, match="demote it first"):
        await life.forget(node.id)
    await life.demote(node.id)
    assert (await other(life)).role == "worker"
