"""The watch: from real workers to the store, over logs that drop, repeat and cut lines."""

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import pytest

from base.errors import EngineError
from results import watch as watch_module
from results.reports import Event, FoundBatch, JobRow, LogBatch, Snapshot, UnitState
from results.store import Added, Store
from results.store_classes import ALL
from results.watch import Watch
from solver.question import Question
from solver.record_reader import BadRecord, decode
from solver.records import FindRecord, SquareRecord
from swarm.engine import JobState, JobView, KeptUnits, LogLine, NodeView
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.swarm.samples import squares
from tests.waiting import until

pytestmark = pytest.mark.slow

SPEC = JobSpec(Question(10), count=48, seed=21)


class Events:
    """Everything a watch reported."""

    def __init__(self) -> None:
        self.all: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.all.append(event)

    @property
    def snapshots(self) -> list[Snapshot]:
        return [event for event in self.all if isinstance(event, Snapshot)]

    @property
    def lines(self) -> list[LogLine]:
        batches = [event for event in self.all if isinstance(event, LogBatch)]
        return [line for batch in batches for line in batch.lines]

    @property
    def found(self) -> list[SquareRecord]:
        batches = [event for event in self.all if isinstance(event, FoundBatch)]
        return [
            record
            for batch in batches
            for result in batch.results
            for record in squares(SPEC, SPEC.count)
            if record.squares == result.squares
        ]

    def row(self, job: str) -> JobRow:
        return next(row for row in self.snapshots[-1].jobs if row.job.id == job)

    def gap_was_shown(self) -> bool:
        return any(row.gaps for snapshot in self.snapshots for row in snapshot.jobs)


class Lossy:
    """A real engine behind a log service that drops, repeats and cuts lines.

    `bad_reads`: how many of the first readings of the whole log, and of each unit, are so.
    """

    def __init__(self, real: LocalEngine, bad_reads: int, bad_rereads: int) -> None:
        self._real = real
        self._random = random.Random(4)  # noqa: S311 - what is lost must be the same each time
        self._bad_reads = bad_reads
        self._bad_rereads = bad_rereads
        self.reruns: list[int] = []
        self.name, self.place = real.name, real.place
        self.nodes, self.jobs, self.tend = real.nodes, real.jobs, real.tend
        self.submit, self.cancel, self.resume = real.submit, real.cancel, real.resume
        self.remove, self.close = real.remove, real.close

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        bad = self._bad_reads > 0
        self._bad_reads -= 1
        async for line in self._real.follow(job):
            for copy in self._mangled(line) if bad else [line]:
                yield copy

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        bad = self._bad_rereads > 0
        self._bad_rereads -= 1
        async for line in self._real.reread(job, unit):
            for copy in self._mangled(line) if bad else [line]:
                yield copy

    async def rerun(self, job: str, unit: int) -> None:
        self.reruns.append(unit)
        await self._real.rerun(job, unit)

    def _mangled(self, line: LogLine) -> list[LogLine]:
        chance = self._random.random()
        if chance < 0.3:
            return []
        if chance < 0.5:
            cut = line.text[: self._random.randrange(len(line.text))]
            return [LogLine(line.job, line.unit, line.task, line.node, line.time, cut)]
        return [line] * (1 + (chance < 0.7))


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(tmp_path, workers=2)
    yield engine
    await engine.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "r.sqlite3") as opened:
        yield opened


def assert_all_kept_once(store: Store, job: str, events: Events) -> None:
    wanted = squares(SPEC, SPEC.count)
    assert store.found(job) == SPEC.count
    assert {r.squares for r in store.results(limit=1000)} == {r.squares for r in wanted}
    assert len(events.found) == len(set(events.found)) == SPEC.count
    assert len(store.finished_units(job)) == SPEC.units


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


class CountedMeanwhile(Store):
    """A store whose totals are read between what is added and the news of it."""

    def __init__(self, path: Path, writer: sqlite3.Connection | None) -> None:
        self.counted = threading.Event()
        super().__init__(path, writer)

    def add(self, job: str, found: Iterable[tuple[str, FindRecord]]) -> Added:
        self.counted.clear()
        added = super().add(job, found)
        assert self.counted.wait(10), "nobody counts"
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
    job = await other.submit(JobSpec(Question(10), count=400, seed=21))
    events = Events()
    watching = asyncio.create_task(Watch(local, store, events).run())

    async def begun() -> bool:
        return store.found(job) > 0

    async def interrupted() -> bool:
        return events.row(job).job.state is JobState.INTERRUPTED

    async def complete() -> bool:
        return store.found(job) == 400 and len(store.finished_units(job)) == 8

    await until(begun)
    await other.close()
    await until(interrupted)
    assert store.found(job) < 400
    await local.resume(job)
    await until(complete)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


@pytest.mark.parametrize(("bad_rereads", "rerun"), [(0, False), (99, True)])
async def test_gaps_are_shown_and_filled(
    local: LocalEngine, store: Store, bad_rereads: int, *, rerun: bool
) -> None:
    engine = Lossy(local, bad_reads=1, bad_rereads=bad_rereads)
    events = Events()
    job = await local.submit(SPEC)
    await Watch(engine, store, events, jobs=[job], patience=0.3).run()
    assert events.gap_was_shown()
    assert events.row(job).gaps == 0
    assert bool(engine.reruns) == rerun
    assert len(engine.reruns) == len(set(engine.reruns))
    assert_all_kept_once(store, job, events)


class Forgetful(LocalEngine):
    """A log service that never gives one certain line."""

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        async for line in super().follow(job):
            if not self._forgets(line):
                yield line

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        async for line in super().reread(job, unit):
            if not self._forgets(line):
                yield line

    def _forgets(self, line: LogLine) -> bool:
        try:
            record = decode(line.text)
        except BadRecord:
            return False
        return isinstance(record, SquareRecord) and (record.unit, record.seq) == (2, 1)


async def test_a_gap_that_cannot_be_filled_stays_in_sight(tmp_path: Path, store: Store) -> None:
    engine = Forgetful(tmp_path, workers=2)
    events = Events()
    job = await engine.submit(SPEC)
    await asyncio.wait_for(Watch(engine, store, events, jobs=[job], patience=0.1).run(), 30)
    await engine.close()
    row = events.row(job)
    assert [unit.unit for unit in row.units if unit.state is UnitState.GAP] == [2]
    assert row.found == SPEC.count - 1
    assert 2 not in store.finished_units(job)


class Failing(LocalEngine):
    """An engine whose daemon goes away for a while, and in the middle of a log."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, workers=2)
        self.failures = 2
        self.cuts = 2

    async def jobs(self) -> tuple[JobView, ...]:
        self.failures -= 1
        if self.failures >= 0:
            raise EngineError("the daemon has gone away.")
        return await super().jobs()

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        count = 0
        async for line in super().follow(job):
            yield line
            count += 1
            if count == 5 and self.cuts:
                self.cuts -= 1
                raise EngineError("the log broke off.")


async def test_an_engine_in_trouble_is_shown_and_tried_again(tmp_path: Path, store: Store) -> None:
    engine = Failing(tmp_path)
    events = Events()
    job = await engine.submit(SPEC)
    await asyncio.wait_for(Watch(engine, store, events, jobs=[job]).run(), 30)
    await engine.close()
    problems = {snapshot.problem for snapshot in events.snapshots}
    assert {"the daemon has gone away.", "the log broke off."} <= problems
    assert events.snapshots[-1].problem == ""
    assert_all_kept_once(store, job, events)
    assert len(events.lines) == len({line.text for line in events.lines})


def run(command: list[str]) -> int:
    return subprocess.run(command, check=False).returncode


async def test_a_full_disk_stops_collecting_until_there_is_room(
    local: LocalEngine, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or await asyncio.to_thread(run, command) != 0:
        pytest.skip("mounting is not allowed here")
    try:
        with Store.open(disk / "r.sqlite3") as store:
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
            await asyncio.wait_for(watching, 20)
            assert events.snapshots[-1].problem == ""
            assert_all_kept_once(store, job, events)
    finally:
        await asyncio.to_thread(run, ["umount", "-l", str(disk)])


class Chatty:
    """A log of 30,000 lines, given as fast as it is taken."""

    LINES = 30_000
    name, place = "local", "here"

    def __init__(self) -> None:
        self.given = 0

    async def jobs(self) -> tuple[JobView, ...]:
        return (JobView("j", JobSpec(), JobState.FAILED, 1.0, 0),)

    async def nodes(self) -> tuple[NodeView, ...]:
        return ()

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        for number in range(self.LINES):
            self.given += 1
            yield LogLine(job, 0, "t", "n", "", f"\x1b[31mred\u202e {number}\x07")

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        for number in range(0):
            yield LogLine(job, unit, str(number), "n", "", "")

    async def no(self, *_: object) -> None:
        raise EngineError("not here.")

    async def submit(self, spec: JobSpec) -> str:
        raise EngineError(f"not here: {spec}.")

    cancel = resume = remove = rerun = no

    async def tend(self, kept: KeptUnits) -> None:
        """Nothing is lost here."""

    async def close(self) -> None:
        return


async def test_a_flood_of_lines_is_held_back_and_cleaned(store: Store) -> None:
    engine = Chatty()
    events = Events()
    held: list[int] = []

    async def probe() -> None:
        while True:
            await asyncio.sleep(0.01)
            held.append(engine.given - len(events.lines))

    probing = asyncio.create_task(probe())
    await Watch(engine, store, events, jobs=["j"]).run()
    probing.cancel()
    texts = [line.text for line in events.lines]
    assert texts == [f"red {number}" for number in range(engine.LINES)]
    assert max(held) < 6_000


async def test_a_new_job_is_seen_at_once_when_the_watch_is_nudged(
    local: LocalEngine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_POLL", 600.0)
    events = Events()
    watch = Watch(local, store, events)
    watching = asyncio.create_task(watch.run())
    await asyncio.sleep(0.6)
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
