"""Jobs: started, resumed, cancelled, removed."""

import asyncio
from collections.abc import Sequence

from base.errors import EngineError
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from results.collecting import collect_to_end, keep_now, not_read
from results.proving import Proof, prove
from results.reports import Event, Snapshot
from results.store import Store
from swarm.engine import Engine, JobState, JobView, TaskState, TaskView
from swarm.job import JobSpec, with_parts

_NAMED = 3
"""Units that a sentence names."""


def start(engine: Engine, spec: JobSpec) -> Operation[str]:
    """Start a job; gives its id."""
    counts = spec.question.count_mates

    async def work(_tell: Tell) -> Done[str]:
        asked = await asyncio.to_thread(with_parts, spec) if counts else spec
        job = await engine.submit(asked)
        return Done(f"Started {job}.", job)

    wanted = "every mate of a square" if counts else f"{spec.count:,} wanted"
    target = f"order {spec.order}, {wanted}"
    return Operation(kind=Kind.START_JOB, target=target, caution=None, keep=None, work=work)


def resume(engine: Engine, view: JobView) -> Operation[str]:
    """Run what a stopped job has left; raises EngineError where it runs."""
    if view.state.live:
        raise EngineError(f"{view.id} is {view.state}: there is nothing to resume.")

    async def work(_tell: Tell) -> Done[str]:
        await engine.resume(view.id)
        return Done(f"Resumed {view.id}.", view.id)

    return Operation(kind=Kind.RESUME_JOB, target=view.id, caution=None, keep=None, work=work)


def cancel(engine: Engine, store: Store, view: JobView) -> Operation[None]:
    """Stop a job, after what its running tasks hold is kept; raises EngineError where it ended."""
    if not view.state.live and view.state is not JobState.INTERRUPTED:
        raise EngineError(f"{view.id} is {view.state}: there is nothing to cancel.")
    done = f"{view.units_done} of {view.spec.units} units are done"
    caution = Caution(
        f"Cancel {view.id} (order {view.spec.order})?",
        f"Its tasks stop: {done}. What was found so far stays.",
        agree="Cancel the job",
        decline="Keep running",
    )

    unread: list[TaskView] = []

    async def keep(_tell: Tell) -> None:
        # A swarm throws the logs of running tasks away when it stops them.
        unread.extend(await keep_now(engine, store, view))

    async def work(_tell: Tell) -> Done[None]:
        await engine.cancel(view.id)
        if not unread:
            return Done(f"Cancelled {view.id}; what it found is kept.", None)
        what = f"nothing could be read of {_called(unread)}"
        return Done(f"Cancelled {view.id}; what it found is kept, but {what}.", None)

    return Operation(kind=Kind.CANCEL_JOB, target=view.id, caution=caution, keep=keep, work=work)


def remove(engine: Engine, store: Store, view: JobView, *, force: bool = False) -> Operation[None]:
    """Forget an ended job and its logs, once all that they hold is kept.

    What cannot be read of them keeps the job, unless `force`. Raises EngineError where it runs.
    """
    if view.state.live:
        raise EngineError(f"{view.id} is {view.state}: cancel it first.")
    once = "What cannot be read of them is lost." if force else "once all that they hold is kept."
    forgotten = f"Its record and its logs are forgotten{'. ' if force else ', '}{once}"
    caution = Caution(
        f"Remove {view.id}?",
        f"{forgotten} Its squares stay.",
        agree="Remove the job",
        decline="Keep it",
    )
    lost: list[TaskView] = []

    async def keep(tell: Tell) -> None:
        unread, why = await _unread(engine, store, view, tell, tend=not force)
        if unread and not force:
            raise EngineError(
                f"{view.id} stays: what {_called(unread)} found is not all kept. {why}Bring back "
                f"what is off, or give that up: squarm remove {view.id} --force."
            )
        lost.extend(unread)

    async def work(_tell: Tell) -> Done[None]:
        await engine.remove(view.id)
        but = f", but what was not read of {_called(lost)} is lost" if lost else ""
        return Done(f"Removed {view.id}; its squares stay{but}.", None)

    return Operation(kind=Kind.REMOVE_JOB, target=view.id, caution=caution, keep=keep, work=work)


def refill(engine: Engine, store: Store, view: JobView, proof: Proof) -> Operation[Proof]:
    """Run those units of a complete job again of which something is missing; how it stands then.

    Raises EngineError where the job is not complete: it is resumed then.
    """
    if view.state is not JobState.COMPLETE:
        raise EngineError(f"{view.id} is {view.state}: squarm resume {view.id} goes on with it.")
    last = {task.unit: task for task in view.tasks}
    units = [last.get(unit, TaskView("", unit, "", TaskState.COMPLETE)) for unit in proof.flaws]
    caution = Caution(
        f"Run {_called(units)} of {view.id} again?",
        "What is missing of them could not be read: the same squares are found anew.",
        agree="Run again",
        decline="Leave it",
    )

    async def work(tell: Tell) -> Done[Proof]:
        _, why = await _unread(engine, store, view, tell, tend=True)
        after = await asyncio.to_thread(prove, store, view.id, view.spec)
        return Done(f"{after.verdict(view.id)} {why}".rstrip(), after)

    return Operation(kind=Kind.REFILL_JOB, target=view.id, caution=caution, keep=None, work=work)


async def _unread(
    engine: Engine, store: Store, view: JobView, tell: Tell, *, tend: bool
) -> tuple[tuple[TaskView, ...], str]:
    """Collects what is left of an ended job; the units of which not all is kept, and why."""
    if len(await asyncio.to_thread(store.finished_units, view.id)) == view.spec.units:
        return (), ""

    def notify(event: Event) -> None:
        if isinstance(event, Snapshot):
            row = next((row for row in event.jobs if row.job.id == view.id), None)
            if row is not None:
                units = "1 unit is" if row.gaps == 1 else f"{row.gaps} units are"
                again = f"; {units} read again, or run again" if row.gaps else ""
                tell(Step(f"collecting: {row.found:,} kept{again}"))

    row, why = None, ""
    try:
        row = await collect_to_end(engine, store, view.id, notify, tend=tend)
    except TimeoutError as error:
        why = f"{error} "
    # What the engine could not read of the logs is known by now.
    now = next((each for each in await engine.jobs() if each.id == view.id), view)
    unread = not_read(now, row, await asyncio.to_thread(store.finished_units, view.id))
    return unread, why or (f"{now.why} " if now.why else "")


def _called(tasks: Sequence[TaskView]) -> str:
    """Units and their nodes, the first few: `unit 3 on pi3`."""
    names = [
        f"unit {task.unit}{f' on {task.node}' if task.node else ''}" for task in tasks[:_NAMED]
    ]
    more = len(tasks) - _NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
