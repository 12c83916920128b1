"""A cluster that somebody uses as a drill ground: only what harms nobody is done there."""

from collections.abc import Sequence

from drill.ground import GENTLE, Act, DrillError
from swarm.docker.address import Reach
from swarm.docker.node_life import NodeLife
from swarm.docker.quorum import is_manager


class ClusterGround:
    """The swarm at hand; its workers may be drained and set active again."""

    def __init__(self, manager: str, workers: Sequence[str], reach: Reach) -> None:
        self.manager = manager
        self.workers = workers
        self.interface = ""
        # What others run is nobody's to look into.
        self.ask_task = None
        self._reach = reach

    @classmethod
    async def open(cls, reach: Reach) -> "ClusterGround":
        """The swarm that this machine manages, or DOCKER_HOST leads to; raises EngineError."""
        life = await NodeLife.connect(reach=reach)
        try:
            nodes = await life.nodes()
        finally:
            await life.close()
        managers = [node.name for node in nodes if is_manager(node)]
        return cls(managers[0], [node.name for node in nodes if not is_manager(node)], reach)

    def can(self, act: Act) -> bool:
        """Only what is undone without a trace, and only where there is a worker."""
        return act in GENTLE and bool(self.workers)

    async def do(self, act: Act, machine: str, value: float) -> None:
        """Through the manager."""
        if not self.can(act) or value:
            raise DrillError(f"{act} is not done to a cluster that somebody uses.")
        life = await NodeLife.connect(reach=self._reach)
        try:
            node = await life.find(machine)
            await (life.drain(node.id) if act is Act.DRAIN else life.activate(node.id))
        finally:
            await life.close()
