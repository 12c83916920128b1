"""Jobs: started, resumed, cancelled, removed."""

import asyncio

from base.errors import EngineError
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from results.collecting import collect_to_end, keep_now
from results.reports import Event, Snapshot
from results.store import Store
from swarm.engine import Engine, JobState, JobView
from swarm.job import JobSpec


def start(engine: Engine, spec: JobSpec) -> Operation[str]:
    """Start a job; gives its id."""

    async def work(_tell: Tell) -> Done[str]:
        job = await engine.submit(spec)
        return Done(f"Started {job}.", job)

    target = f"order {spec.order}, {spec.count:,} wanted"
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

    async def keep(_tell: Tell) -> None:
        # A swarm throws the logs of running tasks away when it stops them.
        await keep_now(engine, store, view)

    async def work(_tell: Tell) -> Done[None]:
        await engine.cancel(view.id)
        return Done(f"Cancelled {view.id}; what it found is kept.", None)

    return Operation(kind=Kind.CANCEL_JOB, target=view.id, caution=caution, keep=keep, work=work)


def remove(engine: Engine, store: Store, view: JobView) -> Operation[None]:
    """Forget an ended job and its logs, once all that they hold is kept.

    Raises EngineError where it runs.
    """
    if view.state.live:
        raise EngineError(f"{view.id} is {view.state}: cancel it first.")
    caution = Caution(
        f"Remove {view.id}?",
        "Its record and its logs are forgotten, once all that they hold is kept. Its squares stay.",
        agree="Remove the job",
        decline="Keep it",
    )

    async def keep(tell: Tell) -> None:
        if len(await asyncio.to_thread(store.finished_units, view.id)) == view.spec.units:
            return

        def notify(event: Event) -> None:
            if isinstance(event, Snapshot):
                row = next((row for row in event.jobs if row.job.id == view.id), None)
                if row is not None:
                    tell(Step(f"collecting: {row.found:,} kept"))

        try:
            await collect_to_end(engine, store, view.id, notify)
        except TimeoutError:
            raise EngineError(f"{view.id} stays: what it found is not all kept yet.") from None

    async def work(_tell: Tell) -> Done[None]:
        await engine.remove(view.id)
        return Done(f"Removed {view.id}; its squares stay.", None)

    return Operation(kind=Kind.REMOVE_JOB, target=view.id, caution=caution, keep=keep, work=work)
