"""A job's lines from the logs of all its tasks: followed while they run, read out once they ended.

Each running task has a stream of its own. A stream never ends by itself, so a survey of the job,
once a second, says which tasks there are and which have ended.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic

from base.errors import EngineError
from base.text import clean_text
from solver.records import LINE_LIMIT
from swarm.docker.frames import RawLine
from swarm.docker.task_logs import LogBroken, LogGone, TaskLog
from swarm.engine import LogLine

_SURVEY_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0
"""A daemon may be restarted meanwhile: streams and surveys are tried again for so long."""
_RETRY_SECONDS = 1.0
_ATTEMPTS = 3
"""To read out the log of an ended task."""
_READERS = 8
_BACKLOG = 2_000
"""Lines read ahead of whoever follows."""
_END = '{"type":"done"'
"""How a solver's last line begins: after it there is nothing more to read."""


@dataclass(frozen=True, slots=True)
class LoggedTask:
    """A task that has, or soon will have, a log.

    Nothing more is written once it `ended`. The log of a task whose node is not `reachable` cannot
    be read, and Docker does not say so: a reading just hangs.
    """

    id: str
    unit: int
    node: str
    ended: bool
    reachable: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """The tasks of a job; `over` when no more will come."""

    tasks: tuple[LoggedTask, ...]
    over: bool


async def follow(
    job: str, survey: Callable[[], Awaitable[Survey]], open_log: Callable[[str], TaskLog]
) -> AsyncGenerator[LogLine]:
    """Every line of the job until it is over; raises EngineError where the survey keeps failing."""
    pump = _Pump(job, survey, open_log)
    pumping = asyncio.create_task(pump.run())
    try:
        while not (pumping.done() and pump.lines.empty()):
            if pump.lines.empty():
                getting = asyncio.create_task(pump.lines.get())
                try:
                    await asyncio.wait({getting, pumping}, return_when=asyncio.FIRST_COMPLETED)
                    if not getting.done():
                        continue
                    yield getting.result()
                finally:
                    getting.cancel()
            else:
                yield pump.lines.get_nowait()
        await pumping
    finally:
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)


async def reread(job: str, task: LoggedTask, log: TaskLog) -> AsyncGenerator[LogLine]:
    """What is in a task's log now, as far as it can be read."""
    if not task.reachable:
        return
    try:
        async with aclosing(log.read(follow=False)) as lines:
            async for line in lines:
                yield log_line(job, task, line)
    except (LogBroken, LogGone):
        return


def log_line(job: str, task: LoggedTask, line: RawLine) -> LogLine:
    """A task's line for the rest of squarm, made safe to show."""
    text = clean_text(line.text, LINE_LIMIT)
    time = clean_text(line.time, 64)
    return LogLine(job, task.unit, task.id, task.node, time, text, line.stderr)


class _Pump:
    """Keeps a reader on each task's log; what they read is in `lines`."""

    def __init__(
        self, job: str, survey: Callable[[], Awaitable[Survey]], open_log: Callable[[str], TaskLog]
    ) -> None:
        self.lines: asyncio.Queue[LogLine] = asyncio.Queue(_BACKLOG)
        self._job = job
        self._survey = survey
        self._open_log = open_log
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, asyncio.Event] = {}
        self._latest = Survey((), over=False)
        self._reading_out = asyncio.Semaphore(_READERS)

    async def run(self) -> None:
        """Ends when the job is over and its logs are read; raises EngineError."""
        try:
            while not (survey := await self._patiently()).over:
                self._attend(survey)
                await asyncio.sleep(_SURVEY_SECONDS)
            self._attend(survey)
            await asyncio.gather(*self._readers.values())
        finally:
            for reader in self._readers.values():
                reader.cancel()
            await asyncio.gather(*self._readers.values(), return_exceptions=True)

    async def _patiently(self) -> Survey:
        deadline = monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return await self._survey()
            except EngineError:
                if monotonic() > deadline:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)

    def _attend(self, survey: Survey) -> None:
        self._latest = survey
        for task in survey.tasks:
            if task.id not in self._readers:
                self._ended[task.id] = asyncio.Event()
                self._readers[task.id] = asyncio.create_task(self._read(task))
        # A task that is no longer listed was removed, and with it, a moment later, its log.
        running = {task.id for task in survey.tasks if not (task.ended or survey.over)}
        for task_id, ended in self._ended.items():
            if task_id not in running:
                ended.set()

    async def _read(self, task: LoggedTask) -> None:
        log = self._open_log(task.id)
        if not task.ended and await self._follow_until(self._ended[task.id], log, task):
            return
        for _ in range(_ATTEMPTS):
            if not await self._comes_into_reach(task):
                return
            try:
                async with self._reading_out:
                    await self._copy(log, task, follow=False)
            except LogGone:
                return
            except LogBroken:
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def _comes_into_reach(self, task: LoggedTask) -> bool:
        """Waits for the task's node; False where it does not come back before the job is over."""
        while True:
            if any(listed.reachable for listed in self._latest.tasks if listed.id == task.id):
                return True
            if self._latest.over:
                return False
            await asyncio.sleep(_SURVEY_SECONDS)

    async def _follow_until(self, ended: asyncio.Event, log: TaskLog, task: LoggedTask) -> bool:
        """Follows a log until its task ended; True where its last line was read."""
        following = asyncio.create_task(self._follow(log, task))
        ending = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait({following, ending}, return_when=asyncio.FIRST_COMPLETED)
            return following.done() and following.result()
        finally:
            following.cancel()
            ending.cancel()
            await asyncio.gather(following, ending, return_exceptions=True)

    async def _follow(self, log: TaskLog, task: LoggedTask) -> bool:
        while True:
            try:
                if await self._copy(log, task, follow=True):
                    return True
            except LogGone:
                return False
            except LogBroken:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _copy(self, log: TaskLog, task: LoggedTask, *, follow: bool) -> bool:
        """Passes a reading's lines on; True once it has passed on the last of the task."""
        async with aclosing(log.read(follow=follow)) as lines:
            async for line in lines:
                await self.lines.put(log_line(self._job, task, line))
                if line.text.startswith(_END):
                    return True
        return False
