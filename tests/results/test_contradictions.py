"""What the store would not keep of a job, or could not: no unit is told as whole by mistake."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from base.errors import StoreError
from results.collecting import collect_to_end
from results.proving import prove
from results.reports import UnitState
from results.store import Store
from results.watch import Watch
from solver.record_reader import decode
from solver.records import DoneRecord, SquareRecord, checksum, digest, encode
from solver.verify import flaw
from swarm.engine import LogLine
from swarm.local.engine import LocalEngine
from tests.results.watching import SPEC, Events
from tests.swarm.samples import squares, unit_records
from tests.waiting import until

pytestmark = pytest.mark.slow

UNIT = 1


async def test_what_an_import_put_in_a_jobs_places_makes_way_for_what_its_tasks_found(
    local: LocalEngine, store: Store
) -> None:
    job, events = await local.submit(SPEC), Events()
    foreign = squares(replace(SPEC, seed=SPEC.seed + 1), 3)
    for seq, record in enumerate(foreign):
        store.bring_in(job, [("pi9", 0.0, replace(record, unit=UNIT, seq=seq))])
    await Watch(local, store, events, jobs=[job], patience=0.1).run()
    assert prove(store, job, SPEC).whole
    assert (store.found(job), store.kept()) == (SPEC.count, SPEC.count + len(foreign))
    assert all(store.knows(record.squares) for record in foreign)
    assert store.miscounted() == []
    row = events.row(job)
    assert (row.gaps, row.rejected > 0) == (0, True)


class Lying(LocalEngine):
    """A unit whose first task gives what is not orthogonal, under the digest of what it gave."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, workers=2)
        self.reruns: list[int] = []

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        async for line in _told(super().follow(job)):
            yield line

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        async for line in _told(super().reread(job, unit)):
            yield line

    async def rerun(self, job: str, unit: int) -> None:
        self.reruns.append(unit)
        await super().rerun(job, unit)


async def _told(lines: AsyncIterator[LogLine]) -> AsyncIterator[LogLine]:
    sums: list[str] | None = []
    async for line in lines:
        record = decode(line.text) if line.unit == UNIT and sums is not None else None
        if isinstance(record, SquareRecord) and sums is not None:
            if record.seq == 1:
                record = replace(record, squares=(record.squares[0],) * 2)
            sums.append(checksum(record))
        elif isinstance(record, DoneRecord) and sums is not None:
            record, sums = replace(record, digest=digest(sums)), None
        yield line if record is None else replace(line, text=encode(record))


@pytest.mark.parametrize("tend", [True, False])
async def test_a_unit_of_which_the_verifier_refused_a_set_is_run_again(
    tmp_path: Path, store: Store, *, tend: bool
) -> None:
    engine, events = Lying(tmp_path), Events()
    job = await engine.submit(SPEC)
    await Watch(engine, store, events, jobs=[job], patience=0.1, tend=tend).run()
    row, proof = events.row(job), prove(store, job, SPEC)
    gaps = [unit.unit for unit in row.units if unit.state is UnitState.GAP]
    await engine.close()
    assert (engine.reruns, gaps, [*proof.flaws]) == (
        ([UNIT], [], []) if tend else ([], [UNIT], [UNIT])
    )
    assert row.rejected == 1
    assert all(flaw(result.squares) == "" for result in store.results(job=job, limit=1000))
    assert store.found(job) == SPEC.count - (not tend)


class Forging(LocalEngine):
    """A unit whose first task throws in genuine squares of another job, in places of its own."""

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        async for line in _with_forgeries(super().follow(job)):
            yield line

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        async for line in _with_forgeries(super().reread(job, unit)):
            yield line


async def _with_forgeries(lines: AsyncIterator[LogLine]) -> AsyncIterator[LogLine]:
    """Before the first place, and of the second, which the unit has given by then, after it."""
    thrown = {place: replace(FOREIGN, unit=UNIT, seq=seq) for place, seq in PLACES.items()}
    async for line in lines:
        record = decode(line.text) if line.unit == UNIT and thrown else None
        if isinstance(record, SquareRecord) and (forged := thrown.pop(record.seq, None)):
            yield replace(line, text=encode(forged))
        yield line


(FOREIGN,) = squares(replace(SPEC, seed=SPEC.seed + 1), 1)
PLACES = {0: 4, 2: 0, 3: 5}
"""Before which of its squares a unit's task forges which."""


async def test_forged_squares_make_way_for_those_that_the_unit_s_own_digest_proves(
    tmp_path: Path, store: Store
) -> None:
    engine, events = Forging(tmp_path, workers=2), Events()
    job = await engine.submit(SPEC)
    await Watch(engine, store, events, jobs=[job], patience=0.1).run()
    await engine.close()
    assert prove(store, job, SPEC).whole
    kept = {(each.unit, each.seq): each.squares for each in store.results(job=job, limit=1000)}
    assert kept == {(each.unit, each.seq): each.squares for each in squares(SPEC, SPEC.count)}
    assert (events.row(job).gaps, events.row(job).rejected > 0) == (0, True)
    assert store.miscounted() == []


def test_released_places_are_free_and_all_numbers_right(store: Store) -> None:
    records = [record for record in unit_records(SPEC, UNIT) if isinstance(record, SquareRecord)]
    store.add("job", [("pi1", record) for record in (*records, replace(records[0], unit=0))])
    store.release("job", [UNIT])
    assert (store.found("job"), store.distinct("job"), store.kept()) == (1, 1, len(records))
    assert store.miscounted() == []
    assert store.add("job", [("pi2", record) for record in reversed(records)]).refused == ()
    assert (store.found("job"), store.kept()) == (len(records) + 1, len(records))
    assert store.distinct("job") == store.distinct()


async def test_a_file_that_is_gone_holds_nothing_and_a_new_one_gets_it_all(
    local: LocalEngine, tmp_path: Path
) -> None:
    """SQLite itself would go on, without a word, with a file that has no name any more."""
    path = tmp_path / "moved.sqlite3"
    job = await local.submit(SPEC)
    with Store.open(path) as store:
        events = Events()
        collecting = asyncio.create_task(collect_to_end(local, store, job, events, 1.0))
        await until(lambda: events.snapshots and events.snapshots[-1].jobs)
        path.unlink()
        with pytest.raises(TimeoutError, match="moved away or deleted while it was in use"):
            await collecting
        for used in (store.kept, partial(store.add, job, [])):
            with pytest.raises(StoreError, match="put it back, or start squarm anew"):
                used()
    with Store.open(path) as store:
        await collect_to_end(local, store, job, Events())
        assert prove(store, job, SPEC).whole
