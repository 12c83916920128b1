"""Tasks that lie: what one of them writes is that task's trouble, and nobody else's."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from results.reports import Event, JobRow, Snapshot
from results.store import Added, Store
from results.watch import Watch
from solver.question import Question
from solver.records import DoneRecord, FindRecord, ImpossibleRecord, encode
from swarm.engine import JobState
from swarm.job import JobSpec
from tests.results.hostile_tasks import Logs, Scripted, honest_logs
from tests.swarm.samples import squares
from tests.waiting import until

SPEC = JobSpec(Question(10), count=32, replicas=2, seed=21)
PROGRESS = '{"type":"progress","unit":0,"tried":1,"transversals":1,"found":1,"seconds":%s}'


class LastSnapshot:
    """What is told of jobs last."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self.snapshot = event

    def row(self, job: str) -> JobRow:
        assert self.snapshot is not None
        return next(row for row in self.snapshot.jobs if row.job.id == job)


async def watched(engine: Scripted, store: Store) -> LastSnapshot:
    """What stands there once nothing more is to come."""
    screen = LastSnapshot()
    jobs = [view.id for view in engine.views]
    watch = Watch(engine, store, screen, jobs=jobs, tick=0.01, patience=0.05)
    await asyncio.wait_for(watch.run(), 120)
    return screen


def claiming(record: FindRecord, source: str) -> str:
    """A genuine square's line with another source: its checksum does not cover that."""
    body = json.loads(encode(record))
    body["found"]["source"] = source
    return json.dumps(body)


@pytest.mark.parametrize(
    "line",
    [
        PROGRESS % ("1" + "0" * 400),
        PROGRESS % "NaN",
        PROGRESS % "Infinity",
        PROGRESS % "-1",
        PROGRESS % '1,"share":1e999',
        claiming(squares(SPEC, 1)[0], "\ud800"),
        encode(ImpossibleRecord(0, 10, "\udfff", 1, 1)),
        encode(DoneRecord(0, 1, "0" * 16, "\ud800")),
        '{"type":"part","unit":0,"seq":0,"part":0,"of":1,"text":"\\ud800","sum":"d5f9dd1ba3eb6e46"}',
        '{"type":' + "[" * 3000,
    ],
)
async def test_one_line_of_one_task_takes_nothing_from_anybody(line: str, store: Store) -> None:
    honest = honest_logs(SPEC)
    hostile = honest | {0: [line, *honest[0]]}
    screen = await watched(Scripted(SPEC, {"bad": hostile, "good": honest}), store)
    assert screen.snapshot is not None
    assert screen.snapshot.problem == ""
    for job in ("bad", "good"):
        assert store.found(job) == SPEC.count
        assert len(store.finished_units(job)) == SPEC.units


async def test_a_proof_that_cannot_be_written_is_none(store: Store) -> None:
    spec = JobSpec(Question(6))
    forged = encode(ImpossibleRecord(0, 6, "\ud800", 9408, 64512))
    honest = honest_logs(spec)
    screen = await watched(Scripted(spec, {"bad": {0: [forged]}, "good": honest}), store)
    assert store.proof("bad") is None
    assert screen.row("bad").gaps == 1
    assert screen.row("good").verdict


async def test_a_task_speaks_for_its_own_unit_alone(store: Store) -> None:
    logs = honest_logs(SPEC)
    others = range(1, SPEC.units)
    ends = [encode(DoneRecord(unit, 0, "0" * 16, "found")) for unit in others]
    stolen = [replace(record, unit=1) for record in squares(SPEC, 3)]
    logs[0] = [*ends, *map(encode, stolen), *logs[0]]
    screen = await watched(Scripted(SPEC, {"job": logs}), store)
    assert store.found("job") == SPEC.count
    assert store.finished_units("job").keys() == set(range(SPEC.units))
    assert screen.row("job").rejected == len(ends) + len(stolen)
    assert screen.row("job").units[1].node == "pi1"


@pytest.mark.parametrize("reason", ["found", "time", "exhausted", "impossible", "tired"])
async def test_a_unit_that_ends_short_without_leave_has_not_ended(
    reason: str, store: Store
) -> None:
    logs = honest_logs(SPEC)
    logs[3] = [encode(DoneRecord(3, 0, "0" * 16, reason))]
    screen = await watched(Scripted(SPEC, {"job": logs}), store)
    assert 3 not in store.finished_units("job")
    assert screen.row("job").gaps == 1
    assert screen.row("job").rejected == 1
    assert screen.row("job").ending == ""


async def test_a_job_that_found_nothing_says_so(store: Store) -> None:
    spec = replace(SPEC, seconds=60)
    logs: Logs = {u: [encode(DoneRecord(u, 0, "0" * 16, "time"))] for u in range(spec.units)}
    screen = await watched(Scripted(spec, {"job": logs}), store)
    assert screen.row("job").ending == (
        "0 of 32 pairs found: the time limit of 1m came first (--seconds); there may be others."
    )


class Choking(Store):
    """Has an error in it that nobody foresaw."""

    def add(self, job: str, found: Iterable[tuple[str, FindRecord]]) -> Added:
        if job == "bad":
            raise ZeroDivisionError("an accident")
        return super().add(job, found)


async def test_what_nobody_foresaw_ends_the_collecting_of_one_job_alone(tmp_path: Path) -> None:
    honest = honest_logs(SPEC)
    screen = LastSnapshot()
    with Choking.open(tmp_path / "r.sqlite3") as store:
        engine = Scripted(SPEC, {"bad": honest, "good": honest}, JobState.FAILED)
        watching = asyncio.create_task(Watch(engine, store, screen).run())

        async def collected() -> bool:
            return store.found("good") == SPEC.count and bool(
                screen.snapshot and screen.snapshot.problem
            )

        await until(collected)
        assert not watching.done()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert screen.snapshot is not None
        assert screen.snapshot.problem.startswith("bad is not read any further")
        assert "an accident" in screen.snapshot.problem
        # Nothing of it counts as kept: whoever reads it next begins anew.
        assert store.finished_units("bad") == {}
