"""The daemon's bound on old jobs: Swarm forgets none by itself, and their logs fill the cards."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from base.audit import Audit
from base.errors import SquarmError
from operations import jobs
from operations.operation import Caution, Door, Operation, Step
from results.reports import JobRow, Snapshot
from results.store import Store
from swarm.engine import Engine, JobView

MOST_COMPLETE = 100
"""Complete jobs that the engine still knows; the squares of older ones stay in the results file."""
_LOG = logging.getLogger(__name__)
_LOOK = 600.0


def surplus(rows: Sequence[JobRow], most: int = MOST_COMPLETE) -> tuple[JobView, ...]:
    """Complete jobs beyond the newest `most`, oldest first: those that were read to their end."""
    whole = sorted((row.job for row in rows if row.whole), key=lambda job: job.created)
    return tuple(whole[:-most]) if most else tuple(whole)


class JobHistory:
    """Removes what is `surplus`, as a person would; what cannot be removed is told, and stays."""

    who = "squarm serve"

    def __init__(
        self,
        store: Store,
        engine: Callable[[], Engine | None],
        snapshot: Callable[[], Snapshot | None],
        audit: Audit | None = None,
        *,
        read_only: bool,
    ) -> None:
        self._store = store
        self._engine = engine
        self._snapshot = snapshot
        self._door = Door(self, read_only=read_only, audit=audit)

    async def run(self) -> None:
        """Go on until cancelled."""
        while not self._door.read_only:
            await asyncio.sleep(_LOOK)
            await self.tidy()

    async def tidy(self, most: int = MOST_COMPLETE) -> None:
        """Remove what there is beyond the newest `most` now."""
        engine, snapshot = self._engine(), self._snapshot()
        if engine is None or snapshot is None:
            return
        for job in surplus(snapshot.jobs, most):
            try:
                await self._door.perform(jobs.remove(engine, self._store, job))
            except SquarmError as error:
                _LOG.warning("%s", error)

    async def confirm(self, _caution: Caution) -> bool:
        """Nobody is there to be asked, and nothing is lost: all units are kept."""
        return True

    def show(self, operation: Operation[object], step: Step) -> None:
        """Nobody looks."""
