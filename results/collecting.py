"""Collecting one job: to its end, or what its running tasks hold at this moment."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from base.errors import EngineError
from results.collection import JobCollection
from results.reports import Event, JobRow, Snapshot, UnitState
from results.store import Store
from results.watch import Watch
from swarm.engine import Engine, JobState, JobView, LogLine, TaskState, TaskView

_LOG = logging.getLogger(__name__)
_SPEAKS = 10.0
"""Seconds within which a unit has written something: it tells how far it is every other second."""
PATIENCE = 4.0
"""Seconds for which what an ended job found is tried to be kept, on a full disk for instance."""


async def collect_to_end(
    engine: Engine,
    store: Store,
    job: str,
    notify: Callable[[Event], None],
    patience: float = PATIENCE,
    *,
    tend: bool = True,
) -> JobRow | None:
    """Collect until the job has ended; how it stands then, None where it is gone.

    Without `tend` what cannot be read is not found again by running its unit once more.

    Raises TimeoutError where the job is over and what is in the way of keeping it all stays there
    for `patience` seconds, with a sentence on what that is.
    """
    last: JobRow | None = None
    stuck, problem = math.inf, ""

    def see(event: Event) -> None:
        nonlocal last, stuck, problem
        if isinstance(event, Snapshot):
            last = next((row for row in event.jobs if row.job.id == job), None)
            live = last is None or last.job.state.live
            problem = event.problem or problem
            stuck = min(stuck, time.monotonic()) if event.problem and not live else math.inf
        notify(event)

    watching = asyncio.create_task(Watch(engine, store, see, jobs=[job], tend=tend).run())
    try:
        while not (await asyncio.wait([watching], timeout=1))[0]:
            if time.monotonic() - stuck > patience:
                raise TimeoutError(problem)
    finally:
        watching.cancel()
    await watching
    return last


async def keep_now(engine: Engine, store: Store, view: JobView) -> tuple[TaskView, ...]:
    """Keep what the logs of a job's running units hold at this moment: they are about to go.

    Gives the tasks of which nothing could be read, though they have had the time to write. Raises
    StoreError where what was read cannot be kept.
    """
    job = view.id
    unread: list[TaskView] = []

    def begin() -> JobCollection:
        return JobCollection(view, store.finished_units(job), None, store.found(job), 0.0)

    def keep(lines: list[LogLine]) -> None:
        batch = collection.read(lines)
        refusals = store.add(job, batch.squares).refusals
        if taken := {refusal.record.unit for refusal in refusals if refusal.taken}:
            # The log is about to go; what lies in its places stays kept without them.
            store.release(job, taken)
            store.add(job, batch.squares)
        store.add_counts(job, batch.counts)

    collection = await asyncio.to_thread(begin)
    running = {task.unit: task for task in view.tasks if task.state is TaskState.RUNNING}
    for unit, task in sorted(running.items()):
        lines: list[LogLine] = []
        try:
            async for line in engine.reread(job, unit):
                lines.append(line)  # noqa: PERF401 - what comes before it breaks off is kept
        except EngineError as error:
            _LOG.warning("%s, unit %d: %s", job, unit, error)
        await asyncio.to_thread(keep, lines)
        if not lines and time.time() - task.started > _SPEAKS:
            unread.append(task)
    return tuple(unread)


def not_read(view: JobView, row: JobRow | None, finished: Collection[int]) -> tuple[TaskView, ...]:
    """The last tasks of those units of an ended job of which not all could be read.

    Of a job that is complete that is each unit that is not `finished` in the store; of another one,
    each that was seen to have more (`row`), whose task was complete, or a log of which cannot be
    read.
    Where reading came to no end (no `row`), each that was begun.
    """
    gaps = {unit.unit for unit in row.units if unit.state is UnitState.GAP} if row else set()
    last = {task.unit: task for task in view.tasks}
    # An attempt of before may have found more than the last one.
    last |= {task.unit: task for task in view.tasks if task.unreadable}
    complete = {
        unit
        for unit, task in last.items()
        if task.state is TaskState.COMPLETE
        or task.unreadable
        or (row is None and task.state is not TaskState.PENDING)
    }
    if view.state is JobState.COMPLETE:
        complete = set(range(view.spec.units))
    unknown = TaskView("", 0, "", TaskState.COMPLETE)
    return tuple(
        last.get(unit, replace(unknown, unit=unit))
        for unit in sorted((gaps | complete) - set(finished))
    )
