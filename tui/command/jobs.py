"""The verbs about jobs: run, jobs, logs, cancel, resume, remove."""

import asyncio
import json
import math
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from base.errors import EngineError, StoreError, UsageError
from base.processes import environment
from base.text import clean_text
from results.collecting import keep_now
from results.reports import Event, JobRow, Snapshot
from results.store import Store, default_path
from results.watch import Watch
from solver.records import LINE_LIMIT
from swarm.choose import choose_engine
from swarm.engine import Engine, JobState, JobView, LogLine
from swarm.job import JobSpec
from swarm.job_names import find_job
from tui.command.arguments import Where
from tui.command.speech import Progress, confirm, say

_HINT = "squarm jobs lists them"
_PATIENCE = 4.0
"""Seconds for which what an ended job found is tried to be kept, on a full disk for instance."""


async def run(where: Where, spec: JobSpec, *, detach: bool) -> int:
    """Start a job and, unless `detach`, see it through."""
    async with _engine(where) as engine:
        with Store.open(where.results) as store:
            job = await engine.submit(spec)
            if not detach:
                return await _see_through(engine, store, job)
        if engine.name == "local":
            # Local workers belong to a process: let a new one in the background take them over.
            await engine.close()
            _resume_in_background(where, job)
        print(job)
        return 0


async def resume(where: Where, text: str) -> int:
    """Go on with a stopped job, or with collecting an ended one, and see it through."""
    async with _engine(where) as engine:
        view = find_job(await engine.jobs(), text, _HINT)
        with Store.open(where.results) as store:
            if view.state is not JobState.COMPLETE:
                await engine.resume(view.id)
            return await _see_through(engine, store, view.id)


async def jobs(where: Where, *, as_json: bool) -> int:
    """List the jobs, newest first."""
    async with _engine(where) as engine:
        views = await engine.jobs()
        name = engine.name
    found = _found(where.results, views)
    if as_json:
        for view in views:
            print(json.dumps(_as_json(view, found[view.id]), separators=(",", ":")))
    elif views:
        print(f"{'JOB':<16} {'STATE':<12} {'ORDER':>5} {'FOUND':>17} {'UNITS':>9} {'AGE':>5}  WHY")
        for view in views:
            print(_line(view, found[view.id]).rstrip())
    else:
        say(f"There are no jobs on the {name} engine yet: squarm run 10 starts one.")
    return 0


async def logs(where: Where, text: str, *, follow: bool) -> int:
    """Print what a job's workers wrote: records on standard output, errors on standard error."""
    async with _engine(where) as engine:
        view = find_job(await engine.jobs(), text, _HINT)
        if follow:
            async for line in engine.follow(view.id):
                _print_line(line)
        else:
            for unit in range(view.spec.units):
                async for line in engine.reread(view.id, unit):
                    _print_line(line)
    return 0


async def cancel(where: Where, text: str, *, yes: bool) -> int:
    """Stop a job, after asking."""
    async with _engine(where) as engine:
        view = find_job(await engine.jobs(), text, _HINT)
        if not view.state.live and view.state is not JobState.INTERRUPTED:
            say(f"Job {view.id} is {view.state}: there is nothing to cancel.")
            return 0
        done = f"{view.units_done} of {view.spec.units} units done"
        if not confirm(f"Cancel job {view.id} (order {view.spec.order}, {done})?", yes=yes):
            return 1
        # A swarm throws the logs of running tasks away when it stops them.
        with Store.open(where.results) as store:
            await keep_now(engine, store, view)
        await engine.cancel(view.id)
        print(f"{view.id} is cancelled; what it found stays.")
    return 0


async def remove(where: Where, text: str, *, yes: bool) -> int:
    """Forget an ended job, after asking, and after collecting what is left in its logs."""
    async with _engine(where) as engine:
        view = find_job(await engine.jobs(), text, _HINT)
        if view.state.live:
            raise UsageError(f"Job {view.id} is {view.state}: cancel it first.")
        if not confirm(f"Remove job {view.id} and its logs? Its results stay.", yes=yes):
            return 1
        with Store.open(where.results) as store:
            try:
                await _collect(engine, store, view.id)
            except TimeoutError:
                raise EngineError(f"{view.id} stays: what it found is not all kept yet.") from None
        await engine.remove(view.id)
        print(f"{view.id} is removed; its results stay.")
    return 0


@asynccontextmanager
async def _engine(where: Where) -> AsyncIterator[Engine]:
    engine = await choose_engine(where.engine, image=where.image)
    try:
        yield engine
    finally:
        await engine.close()


async def _see_through(engine: Engine, store: Store, job: str) -> int:
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
        say(f"What {job} found is not all kept yet: squarm resume {job} collects the rest.")
        return 1
    if row is None:
        raise EngineError(f"Job {job} is gone.")
    if row.gaps:
        say(f"{row.gaps} units could not be collected in full: squarm logs {job} shows the rest.")
    if row.rejected:
        say(f"{row.rejected:,} records did not verify, and were refused.")
    if row.verdict:
        say(row.verdict)
        return 1
    if row.job.state is not JobState.COMPLETE:
        say(f"Job {job} is {row.job.state}{f': {row.job.why}' if row.job.why else '.'}")
        return 1
    spec = row.job.spec
    what = "triples" if spec.triple else "squares"
    print(f"{job}: {row.found:,} of {spec.count:,} {what} of order {spec.order} found and kept.")
    if row.found and spec.triple:
        print("squarm results --triples ranks them.")
    elif row.found:
        print(f"{store.distinct(job):,} of them differ in more than names.")
        print(f"squarm results --job {job} prints them.")
    return 0 if row.found and not row.gaps else 1


async def _collect(engine: Engine, store: Store, job: str) -> JobRow | None:
    """Collect until the job has ended; how it stands then, None where it is gone.

    Raises TimeoutError where the job is over and what is in the way of collecting it stays.
    """
    last: JobRow | None = None
    told = ""
    stuck = math.inf
    with Progress() as progress:

        def notify(event: Event) -> None:
            nonlocal last, told, stuck
            if not isinstance(event, Snapshot):
                return
            last = next((row for row in event.jobs if row.job.id == job), None)
            live = last is None or last.job.state.live
            problem = event.problem or (last.job.why if last is not None and live else "")
            if problem and problem != told:
                progress.clear()
                say(problem)
            told = problem
            stuck = min(stuck, time.monotonic()) if event.problem and not live else math.inf
            if last is not None:
                progress.show(_progress(last))

        watching = asyncio.create_task(Watch(engine, store, notify, jobs=[job]).run())
        try:
            while not (await asyncio.wait([watching], timeout=1))[0]:
                if time.monotonic() - stuck > _PATIENCE:
                    raise TimeoutError
        finally:
            watching.cancel()
        await watching
    return last


def _progress(row: JobRow) -> str:
    spec = row.job.spec
    text = f"{row.job.id} {row.job.state}: {row.found:,} of {spec.count:,}, {row.rate:,.0f}/min"
    if row.share:
        text += f", {row.share:.1%} done"
    if row.left:
        text += f", {timedelta(seconds=round(row.left))} left"
    return text + (f", {row.gaps} units with gaps" if row.gaps else "")


def _resume_in_background(where: Where, job: str) -> None:
    command = [sys.executable, "-P", "-m", "tui", "resume", job, "--engine", "local"]
    if where.results is not None:
        command += ["--results", str(where.results.absolute())]
    subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )


def _found(path: Path | None, views: tuple[JobView, ...]) -> dict[str, int | None]:
    """How much of each job is kept; None where the results file cannot say."""
    path = path or default_path()
    if not path.exists():
        return {view.id: 0 for view in views}
    try:
        with Store.open(path, read_only=True) as store:
            return {view.id: store.found(view.id) for view in views}
    except StoreError as error:
        say(str(error))
        return {view.id: None for view in views}


def _as_json(view: JobView, found: int | None) -> dict[str, object]:
    return {
        "id": view.id,
        "state": str(view.state),
        "found": found,
        "units_done": view.units_done,
        "units": view.spec.units,
        "created": view.created,
        "why": view.why,
        "spec": json.loads(view.spec.to_json()),
    }


def _line(view: JobView, found: int | None) -> str:
    spec = view.spec
    kept = f"{'?' if found is None else format(found, ',')}/{spec.count:,}"
    units = f"{view.units_done}/{spec.units}"
    age = _age(time.time() - view.created)
    numbers = f"{spec.order:>5} {kept:>17} {units:>9} {age:>5}"
    return f"{view.id:<16} {view.state:<12} {numbers}  {view.why}"


def _age(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"


def _print_line(line: LogLine) -> None:
    text = clean_text(line.text, LINE_LIMIT)
    print(text, file=sys.stderr if line.stderr else sys.stdout, flush=True)
