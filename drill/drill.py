"""Holds one drill: a job, a fault in the middle of it, and what came of both."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from drill.afterwards import nodes_able, remove, tasks_closed
from drill.collectors import Collectors, collecting
from drill.faults import Fault, FaultStep, Where
from drill.ground import OF_THE_DRILL, REGISTRY_IMAGE, Act, DrillError, Ground
from drill.score import Score, again, came_late, compare, expected, recovered, times, words
from fleet.docker_socket import reach
from results.store import Store
from solver.question import Question
from swarm.choose import choose_engine
from swarm.engine import Engine, TaskState
from swarm.job import JobSpec

_BEGUN = 0.15
"""The share of the squares after which the fault comes."""
_BESIDE = 20
"""Squares of each job that is started beside the one that the fault comes into."""
_MANY = Question(8, source="exhaust")
"""Of which a unit is a second's work, and each but starts, finds and ends."""
_MANY_CPUS = 0.4
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
            await remove(engine, job)


async def _score(
    fault: Fault, ground: Ground, engine: Engine, jobs: dict[str, JobSpec], say: Say
) -> Score:
    """`jobs`: the one that the fault comes into; those that are started beside it are added."""
    ((job, spec),) = jobs.items()

    async def more(step: FaultStep) -> None:
        for beside in _beside(spec, step):
            jobs[await _submit(engine, step, beside)] = beside

    with tempfile.TemporaryDirectory(prefix="squarm-drill-") as folder:
        async with collecting(job, Path(folder), ground.interface, more) as collectors:
            await _until(lambda: collectors.found >= _BEGUN * spec.count, fault.patience)
            if fault.before:
                await _prepare(fault, ground, job, collectors)
            at = time.time()
            say(f"{fault.name}: {fault.what}")
            failed, took = "", 0.0
            acting = asyncio.create_task(act(fault, ground, job, collectors))
            try:
                async with asyncio.timeout(fault.patience):
                    # First: until then whoever collects may be killed, and begin anew.
                    took = await acting
                    await collectors.over()
                    for beside in list(jobs)[1:]:
                        await collectors.start(beside)
                        await collectors.over()
            except TimeoutError:
                failed = f"the job did not end within {fault.patience:.0f} seconds"
            if collectors.slack is not None:
                failed = await collectors.slack.flaw(fault.alerts) or failed
            await collectors.plain.settle()
            seen, announced = sorted(collectors.seen, key=lambda look: look.at), collectors.new
        say(f"{fault.name}: does every node run tasks?")
        able, nodes = await nodes_able(engine, spec.question)
        able_at = time.time() if able == nodes else None
        closed = await tasks_closed(ground, engine)
        lost = wrong = found = 0
        with Store.open(collectors.results, read_only=True) as store:
            for each, asked in jobs.items():
                right = await asyncio.to_thread(expected, asked)
                kept = store.results(job=each, limit=len(right) + 1)
                costs = compare(right, kept)
                found, lost, wrong = found + len(kept), lost + costs[0], wrong + costs[1]
        noticed, stalled = times(seen, at)
        if fault.loses_job:
            lost = 0
        late = not fault.loses_job and came_late(seen, at + took)
        note = "the job had ended before" if late else ""
        if fault.shown and noticed is None and not failed:
            failed, quiet = silence(fault, await _ended_early(engine, job))
            note = "; ".join(filter(None, (note, quiet)))
        return Score(
            fault=fault.name,
            found=found,
            lost=lost,
            doubled=len(announced) - len(set(announced)),
            wrong=wrong,
            took=took,
            noticed=noticed,
            again=again(seen, at),
            stalled=stalled,
            recovered=recovered(seen, at, able_at),
            able=able,
            nodes=nodes,
            closed=closed,
            said=words(seen, at),
            failed=failed,
            note=note,
            plain=collectors.plain.costs(expected(spec)),
        )


async def _prepare(fault: Fault, ground: Ground, job: str, collectors: Collectors) -> None:
    """Do what comes before the fault, until whoever collects then shows all that was found."""
    for step in fault.before:
        await _do(step, ground, job, collectors)
    since = time.time()
    await _until(lambda: collectors.shows_all(since), fault.patience)


def silence(fault: Fault, ended: int) -> tuple[str, str]:
    """Why it failed that the screen said nothing, and else what is to be known; one of them is ''.

    `ended`: tasks that ended before their work was done.
    """
    if fault.by_tasks and not ended:
        return "", "no task ended with it here: there was nothing to say"
    return "the screen said nothing", ""


async def _ended_early(engine: Engine, job: str) -> int:
    """How many tasks of a job have ended before their work was done."""
    view = next((view for view in await engine.jobs() if view.id == job), None)
    early = (TaskState.FAILED, TaskState.STOPPED)
    return sum(task.state in early for task in view.tasks) if view else 0


async def _submit(engine: Engine, step: FaultStep, spec: JobSpec) -> str:
    """Start a job: from the registry's image where the step says so."""
    if step.act is not Act.REGISTRY_JOB:
        return await engine.submit(spec)
    other = await choose_engine("swarm", image=REGISTRY_IMAGE, reach=reach)
    try:
        return await other.submit(spec)
    finally:
        await other.close()


def _beside(spec: JobSpec, step: FaultStep) -> list[JobSpec]:
    """The jobs that a step starts beside one of `spec`."""
    number = int(step.value)
    if step.act is Act.MANY_UNITS:
        return [JobSpec(_MANY, count=number, replicas=spec.replicas, cpus=_MANY_CPUS, seed=1)]
    # One unit of each at a time: what is tried is many jobs, not many tasks.
    return [replace(spec, count=_BESIDE, replicas=1, seed=seed) for seed in range(number)]


async def act(fault: Fault, ground: Ground, job: str, collectors: Collectors) -> float:
    """Do a fault's steps; cut short, what gives back what an earlier one took is done at once.

    How many seconds the first of them took: the lab's verbs are programs that must start.
    """
    left = list(fault.steps)
    begun, took = False, -1.0
    try:
        while left:
            await asyncio.sleep(left[0].after)
            begun, since = True, time.monotonic()
            await _do(left[0], ground, job, collectors)
            took = time.monotonic() - since if took < 0 else took
            del left[0]
        return took
    finally:
        for step in left if begun else ():
            if step.act in _GIVING_BACK:
                # It may have been given back in the moment that it was cut short.
                with suppress(DrillError):
                    await _do(step, ground, job, collectors)


_GIVING_BACK = (
    *(Act.POWER_ON, Act.CABLE_IN, Act.THAW, Act.FREE_DISK, Act.ACTIVATE, Act.DEMOTE),
    *(Act.LOSS, Act.CLOCK, Act.RESTORE_IMAGE, Act.REFLASH, Act.REJOIN),
    *(Act.MDNS_ON, Act.DNS_ON, Act.SLACK_ON),
)


async def _do(step: FaultStep, ground: Ground, job: str, collectors: Collectors) -> None:
    if step.act in OF_THE_DRILL:
        await _do_here(step, collectors)
    elif step.act in (Act.REMOVE_SERVICE, Act.REMOVE_NETWORK):
        await ground.do(step.act, job, step.value)
    else:
        for machine in _machines(step.where, ground):
            await ground.do(step.act, machine, step.value)


async def _do_here(step: FaultStep, collectors: Collectors) -> None:
    """What is done to whoever collects, to the Slack that it tells, or by starting jobs."""
    match step.act:
        case Act.KILL_COLLECTOR:
            await collectors.kill()
            await collectors.start()
        case Act.SECOND_COLLECTOR:
            await collectors.start()
        case Act.DAEMON:
            await collectors.hand_over()
        case Act.KILL_DAEMON if collectors.daemon is not None:
            await collectors.daemon.kill()
        case Act.SLACK:
            await collectors.begin_slack()
        case Act.SLACK_HANGS if collectors.slack is not None:
            collectors.slack.hang()
        case Act.SLACK_ON if collectors.slack is not None:
            collectors.slack.go_on()
        case Act.MORE_JOBS | Act.MANY_UNITS | Act.REGISTRY_JOB:
            await collectors.more(step)
        case _:
            raise DrillError(f"There is nothing yet to which {step.act} could be done.")


def _machines(where: Where, ground: Ground) -> Sequence[str]:
    if where is Where.MANAGER:
        return (ground.manager,)
    if where is Where.LAST_WORKER:
        return ground.workers[-1:]
    return ground.workers if where is Where.WORKERS else ground.workers[:1]


async def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise DrillError("The job did not get going: see squarm jobs.")
        await asyncio.sleep(_LOOK_SECONDS / 5)
