"""Reading the logs of many jobs into one bounded queue, and fetching what is missing of units."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from base.errors import EngineError
from results.collection import JobCollection, Remedy
from results.problems import Problems
from swarm.engine import Engine, LogLine

_LOG = logging.getLogger(__name__)
_AGAIN = 0.5
"""Seconds until a log that could not be read is tried again; twice as long each time."""
_SLOWEST = 15.0
_QUEUE = 2048
"""Lines held at most; a reader that is faster than the store waits."""
_PASSING = 10.0
"""Seconds for which an error is shown that nothing takes back."""
_ENDED_AT_ONCE = 4
"""Ended jobs read at a time, so that a long history does not crowd out the live ones."""

ReadLine: TypeAlias = tuple[JobCollection, LogLine]
"""A line on its way in, thousands a second: a tuple costs least."""


@dataclass(slots=True)
class _LogReader:
    """Who follows a job's log; `ended`: when it last came to the log's end (monotonic).

    `waiting`: the log could not be read, and will be tried again.
    """

    collection: JobCollection
    task: "asyncio.Task[None] | None" = None
    waiting: bool = False
    ended: float = 0.0
    to_the_end: bool = False

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None


class LogReaders:
    """A reader a job, and what is fetched of units; what they read waits in `lines`.

    `settle`: seconds for which a live job's log that has ended is not read anew. `alone` holds what
    fails of one job to that job; `nudge` is called when something was fetched.
    """

    def __init__(
        self,
        engine: Engine,
        problems: Problems,
        settle: float,
        alone: Callable[[str], AbstractContextManager[None]],
        nudge: Callable[[], None],
    ) -> None:
        self.lines: asyncio.Queue[ReadLine] = asyncio.Queue(_QUEUE)
        self._engine = engine
        self._problems = problems
        self._settle = settle
        self._alone = alone
        self._nudge = nudge
        self._readers: dict[str, _LogReader] = {}
        self._fetches: dict[tuple[str, int], asyncio.Task[None]] = {}

    def add(self, collection: JobCollection) -> None:
        """Read that job's log from now on."""
        self._readers[collection.view.id] = _LogReader(collection)

    def stop(self, job: str) -> None:
        """Read no more of a job's log for now."""
        if reader := self._readers.get(job):
            reader.stop()

    def forget(self, job: str) -> None:
        """Know nothing of a job any more."""
        self._readers.pop(job).stop()

    def tasks(self) -> list["asyncio.Task[None]"]:
        """All that is at work."""
        reading = [reader.task for reader in self._readers.values() if reader.task]
        return [*self._fetches.values(), *reading]

    def is_reading(self, job: str) -> bool:
        """Whether a job's log is followed now."""
        return self._readers[job].task is not None

    def is_fetching(self, job: str) -> bool:
        """Whether something is fetched of a job's units."""
        return any(fetched == job for fetched, _ in self._fetches)

    def came_to_the_end(self, job: str) -> bool:
        """Whether all of a job's log was read, and nothing has been added since."""
        return self._readers[job].to_the_end

    def attend(self, group: asyncio.TaskGroup, collection: JobCollection, now: float) -> None:
        """Read on in a job's log, and see to its gaps."""
        job = collection.view.id
        reader = self._readers[job]
        self._keep_reading(group, reader, now)
        if collection.view.state.live or reader.to_the_end or reader.waiting:
            # What is not read yet, because others are read first, is no gap.
            fetching = {unit for fetched, unit in self._fetches if fetched == job}
            for unit, step in collection.steps(now, fetching):
                self._fetch(group, collection, unit, step)

    def _keep_reading(self, group: asyncio.TaskGroup, reader: _LogReader, now: float) -> None:
        """Starts a job's reader where it has none and something may still come."""
        collection = reader.collection
        live = collection.view.state.live
        if reader.task is not None or (collection.whole and not live):
            if reader.task is None:
                collection.rest()
            return
        if live:
            # The engine may have looked a moment before the job, and then its log, ended.
            if now - reader.ended < self._settle:
                return
            reader.to_the_end = False
        elif reader.to_the_end or self._reading_ended() >= _ENDED_AT_ONCE:
            return
        reader.task = group.create_task(self._follow(reader))

    def _reading_ended(self) -> int:
        return sum(
            reader.task is not None and not reader.waiting and not reader.collection.view.state.live
            for reader in self._readers.values()
        )

    async def _follow(self, reader: _LogReader) -> None:
        """Reads a job's log to its end, beginning anew where the engine fails."""
        job = reader.collection.view.id
        wait = _AGAIN
        with self._alone(job):
            while True:
                try:
                    await self._take_in(self._engine.follow(job), reader.collection)
                    break
                except EngineError as error:
                    self._problems.note(job, error)
                reader.waiting = True
                await asyncio.sleep(wait)
                reader.waiting = False
                wait = min(wait * 2, _SLOWEST)
            self._problems.over(job)
            reader.task = None
            reader.ended = time.monotonic()
            reader.to_the_end = True

    async def _take_in(self, lines: AsyncIterator[LogLine], collection: JobCollection) -> None:
        async for line in lines:
            if self.lines.full():
                collection.behind = True
                await self.lines.put((collection, line))
            else:
                self.lines.put_nowait((collection, line))
            self._problems.over(line.job)

    def _fetch(
        self, group: asyncio.TaskGroup, collection: JobCollection, unit: int, step: Remedy
    ) -> None:
        key = (collection.view.id, unit)
        task = group.create_task(self._fill(collection, unit, step))
        self._fetches[key] = task
        task.add_done_callback(lambda _: self._fetches.pop(key))

    async def _fill(self, collection: JobCollection, unit: int, step: Remedy) -> None:
        """Tries to get what is missing of a unit."""
        job = collection.view.id
        _LOG.info("Something is missing of unit %d of %s: %s", unit, job, step)
        with self._alone(job):
            try:
                if step is Remedy.REREAD:
                    await self._take_in(self._engine.reread(job, unit), collection)
                else:
                    await self._engine.rerun(job, unit)
                    # Gone where somebody has removed the job meanwhile.
                    if reader := self._readers.get(job):
                        reader.to_the_end = False
            except EngineError as error:
                collection.not_taken(unit)
                self._problems.note(f"{job}/{unit}", error, _PASSING)
        self._nudge()
