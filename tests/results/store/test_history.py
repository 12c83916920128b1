"""A long history: it costs next to nothing, and what changes in it is seen all the same."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from results.store import Store
from results.watch import Watch
from solver.question import Question
from swarm.engine import JobState, LogLine
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.results.test_one_jobs_trouble import SPEC, Rows, ended, watching
from tests.waiting import until

pytestmark = pytest.mark.slow


class Counting(LocalEngine):
    """Counts what is done about gaps."""

    steps = 0

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        self.steps += 1
        async for line in super().reread(job, unit):
            yield line

    async def rerun(self, job: str, unit: int) -> None:
        self.steps += 1
        await super().rerun(job, unit)


async def test_ended_jobs_that_wait_to_be_read_have_no_gaps(tmp_path: Path) -> None:
    engine = Counting(tmp_path, workers=2)
    first = await ended(engine, SPEC)
    jobs = [first, *(f"mols10-copy{number}" for number in range(24))]
    for job in jobs[1:]:
        shutil.copytree(tmp_path / "jobs" / first, tmp_path / "jobs" / job)
    with Store.open(tmp_path / "r.sqlite3") as store:
        await Watch(engine, store, Rows(), jobs=jobs, patience=2.0).run()
        assert {store.found(job) for job in jobs} == {SPEC.count}
    assert engine.steps == 0
    await engine.close()


async def test_two_lost_units_of_an_ended_job_are_run_again_at_once(tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path, workers=2)
    job = await ended(engine, SPEC)
    logs = [tmp_path / "jobs" / job / f"unit-{unit}.log" for unit in (3, 5)]
    kept = [log.read_text() for log in logs]
    for log in logs:
        log.unlink()
    await asyncio.gather(engine.rerun(job, 3), engine.rerun(job, 5))
    async for _ in engine.follow(job):
        pass
    assert [_squares(log.read_text()) for log in logs] == list(map(_squares, kept))
    await engine.close()


def _squares(text: str) -> list[str]:
    return [line for line in text.splitlines() if '"square"' in line]


async def test_a_job_that_has_rested_is_seen_to_go_on_elsewhere(tmp_path: Path) -> None:
    spec = JobSpec(Question(10), count=400, seed=21)
    engine, elsewhere = LocalEngine(tmp_path, workers=2), LocalEngine(tmp_path, workers=2)
    job = await elsewhere.submit(spec)
    folder = tmp_path / "jobs" / job
    await until((folder / "unit-1.log").exists)
    await elsewhere.close()
    for path in (folder, folder / "lock"):
        os.utime(path, (1_000_000_000,) * 2)
    rows = Rows()
    with Store.open(tmp_path / "r.sqlite3") as store:
        async with watching(Watch(engine, store, rows)):
            await until(lambda: rows.last and rows.last[job].job.state is JobState.INTERRUPTED)
            assert (await engine.jobs())[0] is (await engine.jobs())[0]
            await elsewhere.resume(job)
            await until(lambda: rows.last[job].job.state is JobState.RUNNING)
            await until(lambda: rows.last[job].job.state is JobState.COMPLETE)
            await until(lambda: rows.last[job].found == spec.count)
            await elsewhere.remove(job)
            await until(lambda: job not in rows.last)
    await engine.close()
