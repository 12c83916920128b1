"""What is wrong with one job is that job's: the others go on, and so does who watches them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from results.reports import Event, JobRow, Snapshot
from results.store import Store
from results.watch import Watch
from solver.question import Question
from swarm.engine import JobState, JobView, LogLine
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.waiting import until

pytestmark = pytest.mark.slow

SPEC = JobSpec(Question(10), count=16, seed=21)


class Rows:
    """The rows of the jobs, as the last report had them."""

    def __init__(self) -> None:
        self.last: dict[str, JobRow] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self.last = {row.job.id: row for row in event.jobs}


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[None]:
    """Runs a watch meanwhile; whatever ended it is raised."""
    task = asyncio.create_task(watch.run())
    yield
    assert not task.done(), task.exception()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def ended(engine: LocalEngine, spec: JobSpec) -> str:
    job = await engine.submit(spec)
    async for _ in engine.follow(job):
        pass
    return job


def a_folder(log: Path) -> None:
    log.unlink()
    log.mkdir()


def a_bad_sector(log: Path) -> None:
    log.unlink()
    log.symlink_to("/proc/self/mem")


def a_file_of_another_user(log: Path) -> None:
    log.chmod(0)
    if _readable(log):
        pytest.skip("root may read everything")


def _readable(log: Path) -> bool:
    try:
        return bool(log.read_bytes())
    except PermissionError:
        return False


@pytest.mark.parametrize("spoil", [a_folder, a_bad_sector, a_file_of_another_user])
async def test_a_log_that_cannot_be_read_costs_its_own_unit_only(
    local: LocalEngine, store: Store, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    job = await ended(local, SPEC)
    log = tmp_path / "jobs" / job / "unit-3.log"
    spoil(log)
    seen = next(view for view in await local.jobs() if view.id == job)
    assert seen.state is JobState.INTERRUPTED
    assert seen.units_done == SPEC.units - 1
    assert f"{log} cannot be read (" in seen.why
    assert "run unit 3 again with squarm resume" in seen.why
    lines: list[LogLine] = [line async for line in local.follow(job)]
    assert {line.unit for line in lines if not line.stderr} == set(range(SPEC.units)) - {3}
    assert [str(log) in line.text for line in lines if line.stderr] == [True]

    rows = Rows()
    async with watching(Watch(local, store, rows)):
        await until(lambda: store.found(job) == SPEC.count - 2)
        other = await local.submit(SPEC)
        await until(lambda: other in rows.last and rows.last[other].found == SPEC.count)
    collected = Rows()
    await Watch(local, store, collected, jobs=[other]).run()
    assert collected.last[other].job.state is JobState.COMPLETE

    (log.rmdir if log.is_dir() else log.unlink)()
    await local.resume(job)
    await Watch(local, store, Rows(), jobs=[job]).run()
    assert store.found(job) == SPEC.count


async def test_jobs_whose_logs_cannot_be_read_do_not_keep_others_waiting(
    local: LocalEngine, store: Store, tmp_path: Path
) -> None:
    bad = [await ended(local, JobSpec(Question(4), count=1)) for _ in range(5)]
    good = await ended(local, SPEC)
    assert len(await local.jobs()) == 6
    for job in bad:
        folder = tmp_path / "jobs" / job
        folder.rename(folder.with_name(f"{job}-was"))
        folder.write_text("no folder any more")
    async with watching(Watch(local, store, Rows())):
        await until(lambda: store.found(good) == SPEC.count)


class RemovedMeanwhile(LocalEngine):
    """An engine whose jobs are removed by somebody else while a unit is run again."""

    async def rerun(self, job: str, unit: int) -> None:
        await super().rerun(job, unit)
        async for _ in self.follow(job):
            pass
        await self.remove(job)
        self.gone = job
        await until(lambda: self.forgotten)

    gone = ""
    forgotten = False

    async def jobs(self) -> tuple[JobView, ...]:
        views = await super().jobs()
        # The first look without the job makes the watch forget it, the next comes after that.
        self.forgotten, self._looked = self._looked, bool(self.gone)
        return views

    _looked = False


async def test_a_job_removed_while_its_unit_runs_again_does_not_end_the_watch(
    store: Store, tmp_path: Path
) -> None:
    engine = RemovedMeanwhile(tmp_path, workers=2)
    job = await ended(engine, SPEC)
    log = tmp_path / "jobs" / job / "unit-3.log"
    log.write_text(log.read_text().splitlines(keepends=True)[-1])
    rows = Rows()
    async with watching(Watch(engine, store, rows, patience=0.1)):
        await until(lambda: engine.forgotten)
        other = await ended(engine, SPEC)
        await until(lambda: store.found(other) == SPEC.count)
    await engine.close()
