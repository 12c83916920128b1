"""Logs that drop, repeat and cut lines, break off, or flood: nothing is lost, nothing twice."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from base.errors import EngineError
from results.reports import UnitState
from results.store import Store
from results.watch import Watch
from solver.record_reader import BadRecord, decode
from solver.records import SquareRecord
from swarm.engine import JobState, JobView, KeptUnits, LogLine, NodeView
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.results.watching import SPEC, Events, assert_all_kept_once

pytestmark = pytest.mark.slow


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
        self.name, self.place, self.own_jobs = real.name, real.place, real.own_jobs
        self.nodes, self.jobs, self.tend = real.nodes, real.jobs, real.tend
        self.submit, self.cancel, self.resume = real.submit, real.cancel, real.resume
        self.remove, self.close = real.remove, real.close

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        bad = self._bad_reads > 0
        self._bad_reads -= 1
        async for line in self._real.follow(job):
            # Units may be run again before this first reading has come to the job's end.
            for copy in self._mangled(line) if bad and line.unit not in self.reruns else [line]:
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
    await asyncio.wait_for(Watch(engine, store, events, jobs=[job], patience=0.1).run(), 120)
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
    await asyncio.wait_for(Watch(engine, store, events, jobs=[job]).run(), 120)
    await engine.close()
    problems = {snapshot.problem for snapshot in events.snapshots}
    assert {"the daemon has gone away.", "the log broke off."} <= problems
    assert events.snapshots[-1].problem == ""
    assert_all_kept_once(store, job, events)
    assert len(events.lines) == len({line.text for line in events.lines})


class Chatty:
    """A log of 30,000 lines, given as fast as it is taken."""

    LINES = 30_000
    name, place, own_jobs = "local", "here", ()

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
