"""Following a job to its end, with its progress and what came of it."""

import asyncio

from base.errors import EngineError
from base.text import age_text, count_text
from results.collecting import collect_to_end
from results.reports import Event, JobRow, Snapshot
from results.store import Store
from swarm.engine import Engine, JobState
from tui.command.messages import Progress, say


async def see_through(engine: Engine, store: Store, job: str) -> int:
    """Follow a job to its end with its progress; Ctrl-C stops a local one so that it can go on."""
    try:
        row = await _collect(engine, store, job)
    except asyncio.CancelledError:
        if engine.name == "local":
            await engine.close()
            say(f"Stopped: squarm resume {job} goes on with it, nothing found is lost.")
        else:
            say(f"{job} goes on in the swarm: squarm logs -f {job}, or squarm cancel {job}.")
        raise
    except TimeoutError:
        say(not_all_kept(job))
        return 1
    if row is None:
        raise EngineError(f"Job {job} is gone.")
    if row.gaps:
        say(f"{row.gaps} units could not be collected in full: squarm logs {job} shows the rest.")
    if row.rejected:
        say(f"{row.rejected:,} records were refused.")
    if row.verdict:
        say(row.verdict)
        return 1
    if row.job.state is not JobState.COMPLETE:
        say(f"Job {job} is {row.job.state}{f': {row.job.why}' if row.job.why else '.'}")
        return 1
    question = row.job.spec.question
    done = "counted" if question.count_mates else "found and kept"
    print(f"{job}: {row.standing} of order {question.order} {done}.")
    if row.proved:
        print(row.proved)
    if question.count_mates:
        if row.ending:
            print(row.ending)
        return 0 if row.whole and not row.short else 1
    if row.ending:
        say(row.ending)
    if row.found and question.triple:
        print("squarm results --triples ranks them.")
    elif row.found:
        print(f"{count_text(store.distinct(job), 'of them is', 'of them are')} distinct.")
        print(f"squarm results --job {job} prints them.")
    return 0 if row.found and not row.gaps else 1


async def _collect(engine: Engine, store: Store, job: str) -> JobRow | None:
    """Collect until the job has ended, with its progress and what is in the way.

    None where it is gone. Raises TimeoutError where it is over and not all can be kept.
    """
    told = ""
    with Progress() as progress:

        def notify(event: Event) -> None:
            nonlocal told
            if not isinstance(event, Snapshot):
                return
            row = next((row for row in event.jobs if row.job.id == job), None)
            live = row is None or row.job.state.live
            problem = event.problem or (row.job.why if row is not None and live else "")
            if problem and problem != told:
                progress.clear()
                say(problem)
            told = problem
            if row is not None:
                progress.show(_progress(row))

        return await collect_to_end(engine, store, job, notify)


def _progress(row: JobRow) -> str:
    text = f"{row.job.id} {row.job.state}: {row.standing}, {row.rate:,.0f}/min"
    if row.share:
        text += f", {row.share:.1%} done"
    if row.left:
        text += f", {age_text(row.left)} left"
    return text + (f", {row.gaps} units with gaps" if row.gaps else "")


def not_all_kept(job: str) -> str:
    """What to do where something is in the way of keeping all, as a full disk is."""
    return f"What {job} found is not all kept yet: squarm resume {job} collects the rest."
