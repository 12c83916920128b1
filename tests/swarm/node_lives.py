"""The life of nodes on a real swarm, and the node that is not the manager."""

from collections.abc import AsyncIterator

import pytest

from swarm.docker.node_life import NodeLife
from swarm.engine import NodeView
from tests.dockerd import Dockerd


@pytest.fixture
async def life(swarm_manager: Dockerd) -> AsyncIterator[NodeLife]:
    made = await NodeLife.connect(swarm_manager.host)
    yield made
    await made.close()


async def other(life: NodeLife) -> NodeView:
    return next(node for node in await life.nodes() if node.id != life.here)
