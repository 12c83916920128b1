"""The daemon's part in what removed jobs leave on nodes: see `operations/left_containers.py`."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing

from base.errors import EngineError
from operations.left_containers import keeps_containers, remove_left
from operations.nodes import Cluster
from results.reports import Snapshot

_LOG = logging.getLogger(__name__)
_LOOK = 60.0
"""Longer than a task takes to stop, of a job that was removed while it ran."""
_AGAIN = 3600.0
"""Seconds after which a node is tried again that let nobody in."""


class ContainerWatch:
    """Once a job is gone, whoever removed it, its containers go from the nodes that keep them."""

    def __init__(self, snapshot: Callable[[], Snapshot | None], cluster: Cluster) -> None:
        self._snapshot = snapshot
        self._cluster = cluster
        self._jobs: frozenset[str] | None = None
        self._due: dict[str, float] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self.look()
            except EngineError as error:
                _LOG.info("No containers are removed now: %s", error)

    async def look(self) -> None:
        """Remove what is left where that is due; raises EngineError where no manager answers."""
        snapshot = self._snapshot()
        if snapshot is None or snapshot.problem or snapshot.engine != "swarm":
            return
        jobs = frozenset(row.job.id for row in snapshot.jobs)
        if self._jobs is None or self._jobs - jobs:
            # Also at the start: jobs may have gone while there was no daemon.
            self._due = {node.id: 0.0 for node in snapshot.nodes if keeps_containers(node)}
        self._jobs = jobs
        now = time.monotonic()
        due = frozenset(node for node, at in self._due.items() if now >= at)
        if not due:
            return
        again = {node: at for node, at in self._due.items() if node not in due}
        async with aclosing(remove_left(self._cluster, lambda node: node.id in due)) as freed:
            async for one in freed:
                if one.why:
                    again[one.node.id] = now + _AGAIN
                _LOG.info("%s: removed %d containers. %s", one.node.name, one.removed, one.why)
        self._due = again
