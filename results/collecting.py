"""Collecting one job: to its end, or what its running tasks hold at this moment."""

import asyncio
import math
import time
from collections.abc import Callable

from results.collection import JobCollection
from results.reports import Event, JobRow, Snapshot
from results.store import Store
from results.watch import Watch
from swarm.engine import Engine, JobView, LogLine, TaskState

PATIENCE = 4.0
"""Seconds for which what an ended job found is tried to be kept, on a full disk for instance."""


async def collect_to_end(
    engine: Engine,
    store: Store,
    job: str,
    notify: Callable[[Event], None],
    patience: float = PATIENCE,
) -> JobRow | None:
    """Collect until the job has ended; how it stands then, None where it is gone.

    Raises TimeoutError where the job is over and what is in the way of keeping it all stays there
    for `patience` seconds.
    """
    last: JobRow | None = None
    stuck = math.inf

    def see(event: Event) -> None:
        nonlocal last, stuck
        if isinstance(event, Snapshot):
            last = next((row for row in event.jobs if row.job.id == job), None)
            live = last is None or last.job.state.live
            stuck = min(stuck, time.monotonic()) if event.problem and not live else math.inf
        notify(event)

    watching = asyncio.create_task(Watch(engine, store, see, jobs=[job]).run())
    try:
        while not (await asyncio.wait([watching], timeout=1))[0]:
            if time.monotonic() - stuck > patience:
                raise TimeoutError
    finally:
        watching.cancel()
    await watching
    return last


async def keep_now(engine: Engine, store: Store, view: JobView) -> None:
    """Keep what the logs of a job's running units hold at this moment: they are about to go."""
    job = view.id

    def begin() -> JobCollection:
        return JobCollection(view, store.finished_units(job), None, store.found(job), 0.0)

    def keep(lines: list[LogLine]) -> None:
        store.add(job, collection.read(lines).squares)

    collection = await asyncio.to_thread(begin)
    running = {task.unit for task in view.tasks if task.state is TaskState.RUNNING}
    for unit in sorted(running):
        await asyncio.to_thread(keep, [line async for line in engine.reread(job, unit)])
