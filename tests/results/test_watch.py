"""The watch: from real workers to the store, to the screen."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from results import watch as watch_module
from results.reports import UnitState
from results.store import Added, Store
from results.store.classes import ALL
from results.watch import Watch
from solver.question import Question
from solver.records import FindRecord
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.results.watching import SPEC, Events, assert_all_kept_once
from tests.small_disk import small_disk
from tests.waiting import until

pytestmark = pytest.mark.slow


async def test_a_job_is_collected_shown_and_not_read_again(
    local: LocalEngine, store: Store
) -> None:
    events = Events()
    job = await local.submit(SPEC)
    await Watch(local, store, events, jobs=[job]).run()
    assert_all_kept_once(store, job, events)
    row = events.row(job)
    assert row.job.state is JobState.COMPLETE
    assert {unit.state for unit in row.units} == {UnitState.COMPLETE}
    assert (row.found, row.rejected, row.gaps) == (SPEC.count, 0, 0)
    assert row.rate > 0
    assert events.snapshots[-1].kept == SPEC.count
    assert events.snapshots[-1].nodes[0].here
    again = Events()
    await Watch(local, store, again, jobs=[job]).run()
    assert again.row(job).found == SPEC.count
    assert again.row(job).units[0].found == row.units[0].found
    assert again.lines == []


async def test_a_job_that_is_kept_whole_is_complete_although_its_logs_are_gone(
    local: LocalEngine, store: Store, tmp_path: Path
) -> None:
    job = await local.submit(SPEC)
    await Watch(local, store, Events(), jobs=[job]).run()
    for log in (tmp_path / "jobs" / job).glob("unit-*.log"):
        log.write_bytes(b"\0" * 100)
    events, later = Events(), LocalEngine(tmp_path, workers=2)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(Watch(later, store, events).run())
        await until(lambda: events.snapshots and events.snapshots[-1].jobs)
        watching.cancel()
    (view,) = await later.jobs()
    assert view.state is JobState.INTERRUPTED
    row = events.row(job)
    assert (row.job.state, row.job.units_done, row.job.why) == (JobState.COMPLETE, SPEC.units, "")
    assert (row.found, row.gaps, row.short, row.ending) == (SPEC.count, 0, False, "")


class CountedMeanwhile(Store):
    """A store whose totals are read between what is added and the news of it."""

    def __init__(self, path: Path, writer: sqlite3.Connection | None) -> None:
        self.counted = threading.Event()
        super().__init__(path, writer)

    def add(self, job: str, found: Iterable[tuple[str, FindRecord]]) -> Added:
        self.counted.clear()
        added = super().add(job, found)
        assert self.counted.wait(60), "nobody counts"
        return added

    def totals(self) -> dict[str, tuple[int, int]]:
        totals = super().totals()
        if any(found for job, (found, _) in totals.items() if job != ALL):
            self.counted.set()
        return totals


async def test_totals_that_are_read_while_squares_are_added_do_not_count_them_twice(
    local: LocalEngine, tmp_path: Path
) -> None:
    spec = JobSpec(Question(9), count=4, seed=3, replicas=1)
    with CountedMeanwhile.open(tmp_path / "r.sqlite3") as store:
        events = Events()
        job = await local.submit(spec)
        await Watch(local, store, events, jobs=[job]).run()
        assert events.row(job).found == store.found(job) == spec.count
        assert max(snapshot.kept for snapshot in events.snapshots) == spec.count


async def test_a_proof_of_impossibility_is_the_verdict_and_stays_it(
    local: LocalEngine, store: Store
) -> None:
    job = await local.submit(JobSpec(Question(6)))
    for _ in range(2):
        events = Events()
        await Watch(local, store, events, jobs=[job]).run()
        assert "all 9,408 reduced Latin squares" in events.row(job).verdict
        assert events.row(job).found == 0


async def test_a_watch_killed_in_the_middle_is_carried_on_by_the_next(
    local: LocalEngine, store: Store
) -> None:
    events = Events()
    job = await local.submit(SPEC)
    for _ in range(8):
        watching = asyncio.create_task(Watch(local, store, events, jobs=[job]).run())
        await asyncio.sleep(0.08)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    await Watch(local, store, events, jobs=[job]).run()
    assert store.found(job) == SPEC.count
    assert len(events.found) == len(set(events.found))
    assert len(store.finished_units(job)) == SPEC.units


async def test_an_interrupted_job_is_taken_up_again_when_it_is_resumed(
    local: LocalEngine, store: Store, tmp_path: Path
) -> None:
    other = LocalEngine(tmp_path, workers=2)
    job = await other.submit(JobSpec(Question(10), count=800, seed=21))
    events = Events()
    watching = asyncio.create_task(Watch(local, store, events).run())

    async def begun() -> bool:
        return store.found(job) > 0

    async def interrupted() -> bool:
        return events.row(job).job.state is JobState.INTERRUPTED

    async def complete() -> bool:
        return store.found(job) == 800 and len(store.finished_units(job)) == 8

    await until(begun)
    await other.close()
    await until(interrupted, 120)
    assert store.found(job) < 800
    await local.resume(job)
    await until(complete, 300)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_full_disk_stops_collecting_until_there_is_room(
    local: LocalEngine, tmp_path: Path
) -> None:
    with (
        small_disk(tmp_path / "disk", "2m") as disk,
        Store.open(disk / "r.sqlite3") as store,
    ):
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(disk).free))
        events = Events()
        job = await local.submit(SPEC)
        watching = asyncio.create_task(Watch(local, store, events, jobs=[job]).run())

        async def said() -> bool:
            return any("full" in snapshot.problem for snapshot in events.snapshots)

        await until(said)
        assert not watching.done()
        ballast.unlink()
        await asyncio.wait_for(watching, 120)
        assert events.snapshots[-1].problem == ""
        assert_all_kept_once(store, job, events)


async def test_a_new_job_is_seen_at_once_when_the_watch_is_nudged(
    local: LocalEngine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_POLL", 600.0)
    events = Events()
    watch = Watch(local, store, events)
    watching = asyncio.create_task(watch.run())
    await until(lambda: events.snapshots)
    job = await local.submit(SPEC)
    watch.nudge()

    async def seen() -> bool:
        return any(row.job.id == job for row in events.snapshots[-1].jobs)

    async def collected() -> bool:
        return store.found(job) == SPEC.count

    await until(seen)
    await until(collected)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
