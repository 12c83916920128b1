"""Jobs on this machine: worker processes that any squarm process can see, cancel and resume.

The transport is files (`job_folder`): workers write their unit's log themselves, so that
what they found outlives whoever started them.
"""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from base import paths
from base.errors import EngineError
from base.text import clean_text
from solver import VERSION
from solver.records import LINE_LIMIT
from swarm.engine import JobState, JobView, KeptUnits, LogLine, NodeView
from swarm.job import JobSpec, SpecError
from swarm.local import worker
from swarm.local.job_folder import JobFolder, Lock, has_ended, problem
from swarm.local.job_folders import create, read, spoilt
from swarm.local.log_tail import JobTails, UnitLine
from swarm.local.views import LocalViews, Running
from swarm.platforms import machine_platform

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 3
_CANCEL_TICK = 0.3
_FOLLOW_TICK = 0.1
_PAUSE = 50
"""So many times as long as a look at a job's folder takes is the least pause before the next."""
_LEAST_SPAN = 0.5
"""Seconds below which the share of the processors in use means nothing."""


@dataclass(slots=True)
class _Owned:
    """A job whose units this engine runs."""

    folder: JobFolder
    lock: Lock
    waiting: deque[int]
    generation: int
    tasks: dict[int, "asyncio.Task[str]"] = field(default_factory=dict)
    started: dict[int, float] = field(default_factory=dict)
    failures: dict[int, int] = field(default_factory=dict)
    anew: set[int] = field(default_factory=set)


class LocalEngine:
    """Runs jobs in `workers` processes (default: one per core) that all its jobs share.

    Limits: a unit's `memory` bounds its process's data (RLIMIT_DATA), enforced by the kernel;
    `cpus` is not enforced, a worker is one thread at a low priority; `replicas` bounds how many
    units of the job run at a time, as the number of workers does.
    """

    def __init__(self, root: Path | None = None, workers: int | None = None) -> None:
        self._root = (paths.data() if root is None else root) / "jobs"
        self._workers = workers or len(os.sched_getaffinity(0))
        self._host = clean_text(os.uname().nodename, 64) or "localhost"
        self._views = LocalViews(self._root, self._host)
        self._owned: dict[str, _Owned] = {}
        self._guard: asyncio.Task[None] | None = None
        self._rerunning = asyncio.Lock()
        self._cpu_read: float | None = None
        self._cpu_used: float | None = None

    @property
    def name(self) -> str:
        """`local`."""
        return "local"

    @property
    def place(self) -> str:
        """This host's name."""
        return self._host

    @property
    def own_jobs(self) -> tuple[str, ...]:
        """Those whose workers are ours, the newest first; other processes' go on."""
        return tuple(reversed(self._owned))

    async def nodes(self) -> tuple[NodeView, ...]:
        """This machine."""
        # Imported late: most who ask for jobs do not ask for this.
        import psutil

        memory = psutil.virtual_memory()
        if self._cpu_read is None:
            # psutil reports the share since its last reading: this one begins the first span.
            psutil.cpu_percent(interval=None)
            self._cpu_read = time.monotonic()
        elif time.monotonic() - self._cpu_read >= _LEAST_SPAN:
            self._cpu_used = psutil.cpu_percent(interval=None) / 100
            self._cpu_read = time.monotonic()
        node = NodeView(
            id=self._host,
            name=self._host,
            address="127.0.0.1",
            role="local",
            availability="active",
            state="ready",
            platform=machine_platform("linux", os.uname().machine),
            cpus=self._workers,
            memory=memory.total,
            cpu_used=self._cpu_used,
            memory_used=memory.total - memory.available,
            here=True,
        )
        return (node,)

    async def jobs(self) -> tuple[JobView, ...]:
        """Every local job, whichever process runs it, newest first."""
        ours = {job: _running(owned) for job, owned in self._owned.items()}
        return await asyncio.to_thread(self._views.all, ours)

    async def tend(self, kept: KeptUnits) -> None:
        """Nothing to do: a job's owner sees its workers end, and their logs stay."""

    async def submit(self, spec: JobSpec) -> str:
        """Start a job; its units wait for a free worker.

        Raises SpecError for too many cpus, or where it is to choose among nodes.
        """
        if spec.cpus > max(1, self._workers):
            raise SpecError(
                "cpus",
                f"Cpus must be at most {self._workers} here, as this machine has no more cores: "
                f"{spec.cpus:g} is too many.",
            )
        if spec.where:
            raise SpecError("where", "Only a swarm has nodes to choose among: leave where out.")
        folder, lock = await asyncio.to_thread(create, self._root, spec)
        await self._own(folder, lock, range(spec.units))
        return folder.job

    async def cancel(self, job: str) -> None:
        """Stop a job, whichever process runs it: its owner sees the mark within a moment."""
        folder = self._find(job)
        owned = self._owned.get(job)
        ours = _running(owned) if owned else None
        view = await asyncio.to_thread(self._views.one, folder, ours)
        if not view.state.live and view.state is not JobState.INTERRUPTED:
            return
        with problem(folder.path):
            try:
                folder.cancelled.touch()
            finally:
                if owned is not None:
                    await self._stop(owned)

    async def resume(self, job: str) -> None:
        """Run what is left of the units of a stopped job; its workers are now ours."""
        folder = self._find(job)
        lock = await self._take(folder)
        try:
            left = await asyncio.to_thread(_taken_up, folder)
        except BaseException:
            lock.release()
            raise
        self._views.failures.pop(job, None)
        await self._own(folder, lock, left)

    async def hand_over(self, job: str) -> Lock | None:
        """Stop our workers of a job, which another process is to go on with by its lock.

        Nobody sees it interrupted meanwhile. None where the job is not ours, or no more.
        """
        owned = self._owned.get(job)
        if owned is None:
            return None
        lock = owned.lock.shared()
        await self._stop(owned)
        return lock

    async def go_on(self, job: str, lock: Lock) -> None:
        """Run what is left of a job that another process has handed over."""
        try:
            folder = self._find(job)
            left = await asyncio.to_thread(_left, folder)
        except BaseException:
            lock.release()
            raise
        if left:
            await self._own(folder, lock, left)
        else:
            lock.release()

    async def remove(self, job: str) -> None:
        """Delete an ended job's folder."""
        folder = self._find(job)
        lock = await self._take(folder)
        try:
            await asyncio.to_thread(folder.remove)
        finally:
            lock.release()

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        """Every line of the job; a unit's in their order, units as they grow."""
        if why := await asyncio.to_thread(spoilt, self._root / job):
            yield self._line(job, UnitLine(0, stderr=True, text=f"squarm: {why}"))
            return
        folder = self._find(job)
        tails = JobTails(folder)
        self._views.reading(job, tails.unread)
        over = False
        while True:
            began = time.monotonic()
            lines = await asyncio.to_thread(tails.read_on, all_files=over)
            for line in lines:
                yield self._line(job, line)
            if lines:
                continue
            if over:
                break
            # Looked at before the last reading, so that nothing written since is left out.
            over = job not in self._owned and not folder.held()
            if not over:
                # A folder of a thousand units takes its time: look at it the more rarely.
                await asyncio.sleep(max(_FOLLOW_TICK, _PAUSE * (time.monotonic() - began)))
        for line in tails.read_rest():
            yield self._line(job, line)

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        """What a unit's files hold now."""
        tails = JobTails(self._find(job), unit)
        while lines := await asyncio.to_thread(tails.read_on, all_files=True):
            for line in lines:
                yield self._line(job, line)

    async def rerun(self, job: str, unit: int) -> None:
        """Run one unit again from its beginning, and next; its log is appended to."""
        folder = self._find(job)
        if not 0 <= unit < folder.spec.units:
            raise EngineError(f"Job {job} has no unit {unit}.")
        # One at a time: while the job is taken for one unit, another of its units may be asked for.
        async with self._rerunning:
            owned = self._owned.get(job)
            if owned is None:
                if folder.is_cancelled:
                    raise EngineError(f"Job {job} was cancelled: resume it to run its units.")
                await asyncio.to_thread(_check_version, folder)
                await self._own(folder, await self._take(folder), [unit], anew=True)
            elif unit not in owned.waiting and unit not in owned.tasks:
                owned.waiting.appendleft(unit)
                owned.anew.add(unit)
                self._assign()

    async def close(self) -> None:
        """Kill our workers; jobs with units left are then interrupted, and can be resumed."""
        for owned in list(self._owned.values()):
            await self._stop(owned)
        if self._guard is not None:
            self._guard.cancel()
            with suppress(asyncio.CancelledError):
                await self._guard

    def _find(self, job: str) -> JobFolder:
        folder = read(self._root / job)
        if folder is None:
            shown = clean_text(job, 64)
            if why := spoilt(self._root / job):
                raise EngineError(f"Nothing can be done with {shown}: {why}")
            raise EngineError(f"There is no local job {shown}.")
        return folder

    def _line(self, job: str, line: UnitLine) -> LogLine:
        task, text = f"{job}.{line.unit}", clean_text(line.text, LINE_LIMIT)
        return LogLine(job, line.unit, task, self._host, "", text, line.stderr, line.generation)

    async def _take(self, folder: JobFolder) -> Lock:
        lock = None
        if folder.job not in self._owned:
            lock = await asyncio.to_thread(folder.take)
        if lock is None:
            raise EngineError(f"Job {folder.job} is running: cancel it first.")
        return lock

    async def _own(
        self, folder: JobFolder, lock: Lock, units: Collection[int], *, anew: bool = False
    ) -> None:
        try:
            with problem(folder.path):
                generation = await asyncio.to_thread(folder.take_over, VERSION)
        except BaseException:
            lock.release()
            raise
        owned = _Owned(folder, lock, deque(units), generation, anew=set(units) if anew else set())
        self._owned[folder.job] = owned
        if self._guard is None or self._guard.done():
            self._guard = asyncio.create_task(self._heed_cancelling())
        self._assign()

    async def _heed_cancelling(self) -> None:
        """Stops our jobs that another process has marked cancelled."""
        while self._owned:
            await asyncio.sleep(_CANCEL_TICK)
            for owned in list(self._owned.values()):
                if owned.folder.is_cancelled:
                    await self._stop(owned)

    def _assign(self) -> None:
        """Hands waiting units to free workers: the job with the fewest running comes first."""
        while sum(len(owned.tasks) for owned in self._owned.values()) < self._workers:
            ready = [
                owned
                for owned in self._owned.values()
                if owned.waiting and len(owned.tasks) < owned.folder.spec.replicas
            ]
            if not ready:
                return
            owned = min(ready, key=lambda owned: (len(owned.tasks), owned.folder.created))
            unit = owned.waiting.popleft()
            owned.started[unit] = time.time()
            task = asyncio.create_task(self._attempt(owned, unit))
            owned.tasks[unit] = task
            task.add_done_callback(partial(self._attempted, owned, unit))

    async def _attempt(self, owned: _Owned, unit: int) -> str:
        """One attempt at one unit; why the job must fail, '' where it need not."""
        folder, generation = owned.folder, owned.generation
        code = await worker.work(folder, unit, generation, anew=unit in owned.anew)
        with problem(folder.path):
            if code == 0 and await asyncio.to_thread(has_ended, folder.log(unit, generation), unit):
                return ""
        failures = owned.failures[unit] = owned.failures.get(unit, 0) + 1
        job = owned.folder.path.name
        _LOG.warning("%s: unit %d has failed with %d, %d times now", job, unit, code, failures)
        if failures < _ATTEMPTS and code != worker.BAD_INPUT:
            owned.waiting.append(unit)
            return ""
        return f"unit {unit} failed: {worker.failure(owned.folder, unit, code)}."

    def _attempted(self, owned: _Owned, unit: int, task: "asyncio.Task[str]") -> None:
        """What follows an attempt, however it ended: nothing in here may raise."""
        del owned.tasks[unit]
        del owned.started[unit]
        owned.anew.discard(unit)
        why = worker.why_failed(owned.folder.job, unit, task)
        if why:
            owned.waiting.clear()
            self._views.failures[owned.folder.job] = (unit, why)
            owned.folder.fail(unit, why)
            for other in owned.tasks.values():
                other.cancel()
        if not owned.waiting and not owned.tasks:
            self._release(owned)
        self._assign()

    async def _stop(self, owned: _Owned) -> None:
        """Kills a job's workers and lets go of the job."""
        owned.waiting.clear()
        tasks = list(owned.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._release(owned)

    def _release(self, owned: _Owned) -> None:
        if self._owned.get(owned.folder.job) is owned:
            del self._owned[owned.folder.job]
        owned.lock.release()


def _left(folder: JobFolder) -> list[int]:
    """The units that a stopped job has left; raises EngineError."""
    _check_version(folder)
    with problem(folder.path):
        logs = folder.logs()
        ended = {unit for unit, log in logs.items() if has_ended(log.path, unit)}
    return [unit for unit in range(folder.spec.units) if unit not in ended]


def _check_version(folder: JobFolder) -> None:
    """Raises EngineError for a job that what runs here cannot go on with."""
    with problem(folder.path):
        others = set(folder.versions) - {VERSION}
    if others and folder.spec.question.count_mates:
        raise EngineError(
            f"Job {folder.job} was begun by another version of the solver, which counts in other "
            "parts: run it anew."
        )


def _taken_up(folder: JobFolder) -> list[int]:
    """The same, the marks of its stop taken away; raises EngineError where none is left, too."""
    left = _left(folder)
    if not left:
        raise EngineError(f"Job {folder.job} is complete: nothing of it is left to run.")
    with problem(folder.path):
        folder.cancelled.unlink(missing_ok=True)
        folder.failed.unlink(missing_ok=True)
    return left


def _running(owned: _Owned) -> Running:
    return Running(dict(owned.started))
