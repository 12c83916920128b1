"""Holds one drill: a job, a fault in the middle of it, and what came of both."""

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from base.errors import EngineError
from drill.faults import Fault, FaultStep, Where
from drill.ground import Act, DrillError, Ground
from drill.plain_logs import PlainLogs
from drill.score import Reading, Score, compare, expected, times, words
from results.store import Store
from swarm.engine import Engine, JobState
from swarm.job import JobSpec

_BEGUN = 0.15
"""The share of the squares after which the fault comes."""
_BESIDE = 20
"""Squares of each job that is started beside the one that the fault comes into."""
_PATIENCE = 420.0
_READY_SECONDS = 180.0
_LOOK_SECONDS = 0.5

Say = Callable[[str], None]


async def hold(fault: Fault, ground: Ground, engine: Engine, spec: JobSpec, say: Say) -> Score:
    """Run a job of `spec` through a fault; the score.

    However it ends, what was taken away is given back, and the job is removed.
    """
    jobs = {await engine.submit(spec): spec}
    say(f"{fault.name}: {next(iter(jobs))} runs")
    try:
        return await _score(fault, ground, engine, jobs, say)
    finally:
        for job in jobs:
            await _remove(engine, job)


async def _score(
    fault: Fault, ground: Ground, engine: Engine, jobs: dict[str, JobSpec], say: Say
) -> Score:
    """`jobs`: the one that the fault comes into; those that are started beside it are added."""
    ((job, spec),) = jobs.items()

    async def more(number: int) -> None:
        for seed in range(number):
            beside = replace(spec, count=_BESIDE, replicas=2, seed=seed)
            jobs[await engine.submit(beside)] = beside

    with tempfile.TemporaryDirectory(prefix="squarm-drill-") as folder:
        results = Path(folder) / "results.sqlite3"
        async with _collectors(job, results, ground.interface, more) as collectors:
            await _until(lambda: collectors.found >= _BEGUN * spec.count, _PATIENCE)
            at = time.time()
            say(f"{fault.name}: {fault.what}")
            failed = ""
            acting = asyncio.create_task(act(fault, ground, job, collectors))
            try:
                async with asyncio.timeout(_PATIENCE):
                    # First: until then whoever collects may be killed, and begin anew.
                    await acting
                    await collectors.over()
                    for beside in list(jobs)[1:]:
                        await collectors.start(beside)
                        await collectors.over()
            except TimeoutError:
                failed = f"the job did not end within {_PATIENCE:.0f} seconds"
            await collectors.plain.settle()
            seen, announced = sorted(collectors.seen, key=lambda look: look.at), collectors.new
        say(f"{fault.name}: does every node run tasks?")
        able, nodes = await _able(engine, spec)
        lost = wrong = found = 0
        with Store.open(results, read_only=True) as store:
            for each, asked in jobs.items():
                kept = store.results(job=each, limit=asked.count + 1)
                costs = compare(await asyncio.to_thread(expected, asked), kept)
                found, lost, wrong = found + len(kept), lost + costs[0], wrong + costs[1]
        noticed, stalled = times(seen, at)
        if fault.loses_job:
            lost = 0
        if fault.shown and noticed is None and not failed:
            failed = "the screen said nothing"
        return Score(
            fault=fault.name,
            found=found,
            lost=lost,
            doubled=len(announced) - len(set(announced)),
            wrong=wrong,
            noticed=noticed,
            stalled=stalled,
            able=able,
            nodes=nodes,
            said=words(seen, at),
            failed=failed,
            plain=collectors.plain.costs(expected(spec)),
        )


@dataclass(slots=True)
class Collectors:
    """Processes that collect a job, and what they show; `more` starts so many jobs beside it.

    `plain` follows the same job, and is killed and doubled with them. On the `interface` they
    watch the machines, too.
    """

    job: str
    results: Path
    more: Callable[[int], Awaitable[None]]
    plain: PlainLogs
    interface: str = ""
    running: list[asyncio.subprocess.Process] = field(default_factory=list)
    readers: list["asyncio.Task[None]"] = field(default_factory=list)
    seen: list[Reading] = field(default_factory=list)
    new: list[int] = field(default_factory=list)

    @property
    def found(self) -> int:
        """Squares that were shown as found."""
        return self.seen[-1].found if self.seen else 0

    async def start(self, job: str = "") -> None:
        """One more; of another job than the one that the fault comes into where that is given."""
        command = ["-m", "drill.collector", job or self.job, "--results", str(self.results)]
        command += ["--interface", self.interface] if self.interface and not job else []
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE
        )
        self.running.append(process)
        self.readers.append(asyncio.create_task(self._read(process, shown=not job)))
        if not job:
            await self.plain.start()

    async def kill(self) -> None:
        """Kill all of them, and start one anew."""
        await self.plain.kill()
        for process in self.running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()
        self.running.clear()
        await self.start()

    async def over(self) -> None:
        """Until each has seen the job to its end."""
        while self.running:
            process = self.running[0]
            await process.wait()
            if process in self.running:
                self.running.remove(process)
        await asyncio.gather(*self.readers)

    async def _read(self, process: asyncio.subprocess.Process, *, shown: bool) -> None:
        while line := await process.stdout.readline() if process.stdout else b"":
            with suppress(ValueError):
                body = json.loads(line)
                if "new" in body:
                    self.new += body["new"]
                elif shown:
                    wrong = tuple(body["wrong"])
                    self.seen.append(Reading(body["at"], body["found"], body["state"], wrong))


@asynccontextmanager
async def _collectors(
    job: str, results: Path, interface: str, more: Callable[[int], Awaitable[None]]
) -> AsyncIterator[Collectors]:
    plain = PlainLogs(job, results.with_name("docker-service-logs"))
    collectors = Collectors(job, results, more, plain, interface)
    await collectors.start()
    try:
        yield collectors
    finally:
        await plain.kill()
        for process in collectors.running:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await asyncio.gather(*collectors.readers)


async def act(fault: Fault, ground: Ground, job: str, collectors: Collectors) -> None:
    """Do a fault's steps; cut short, what gives back what an earlier one took is done at once."""
    left = list(fault.steps)
    begun = False
    try:
        while left:
            await asyncio.sleep(left[0].after)
            begun = True
            await _do(left[0], ground, job, collectors)
            del left[0]
    finally:
        for step in left if begun else ():
            if step.act in _GIVING_BACK:
                # It may have been given back in the moment that it was cut short.
                with suppress(DrillError):
                    await _do(step, ground, job, collectors)


_GIVING_BACK = (
    *(Act.POWER_ON, Act.CABLE_IN, Act.THAW, Act.FREE_DISK, Act.ACTIVATE, Act.DEMOTE),
    *(Act.LOSS, Act.CLOCK, Act.RESTORE_IMAGE),
)


async def _do(step: FaultStep, ground: Ground, job: str, collectors: Collectors) -> None:
    if step.act is Act.KILL_COLLECTOR:
        await collectors.kill()
    elif step.act is Act.SECOND_COLLECTOR:
        await collectors.start()
    elif step.act is Act.MORE_JOBS:
        await collectors.more(int(step.value))
    elif step.act in (Act.REMOVE_SERVICE, Act.REMOVE_NETWORK):
        await ground.do(step.act, job, step.value)
    else:
        for machine in _machines(step.where, ground):
            await ground.do(step.act, machine, step.value)


def _machines(where: Where, ground: Ground) -> Sequence[str]:
    if where is Where.MANAGER:
        return (ground.manager,)
    return ground.workers if where is Where.WORKERS else ground.workers[:1]


async def _able(engine: Engine, spec: JobSpec) -> tuple[int, int]:
    """How many nodes run a task of a job made for that, and how many there are."""
    end = time.monotonic() + _READY_SECONDS
    nodes: tuple[str, ...] = ()
    while time.monotonic() < end:
        with suppress(EngineError):
            views = await engine.nodes()
            nodes = tuple(node.name for node in views)
            if all(node.takes_tasks for node in views):
                break
        await asyncio.sleep(_LOOK_SECONDS)
    worked: set[str] = set()
    while time.monotonic() < end and len(worked) < len(nodes):
        with suppress(EngineError):
            short = JobSpec(spec.question, count=4 * len(nodes), replicas=len(nodes), seed=1)
            job = await engine.submit(short)
            try:
                worked |= await _worked_on(engine, job, end)
            finally:
                await _remove(engine, job)
    return len(worked & set(nodes)), len(nodes)


async def _worked_on(engine: Engine, job: str, end: float) -> set[str]:
    """The nodes that have run tasks of a job, once it has ended."""
    while time.monotonic() < end:
        await asyncio.sleep(_LOOK_SECONDS)
        view = next((view for view in await engine.jobs() if view.id == job), None)
        if view is None or not view.state.live:
            return {task.node for task in view.tasks} if view else set()
    return set()


async def _remove(engine: Engine, job: str) -> None:
    for _ in range(20):
        with suppress(EngineError):
            view = next((view for view in await engine.jobs() if view.id == job), None)
            if view is None:
                return
            if view.state.live or view.state is JobState.PENDING:
                await engine.cancel(job)
            await engine.remove(job)
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise DrillError("The job did not get going: see squarm jobs.")
        await asyncio.sleep(_LOOK_SECONDS / 5)
