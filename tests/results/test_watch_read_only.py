"""Watching under --read-only: what is lost is read again, and nothing is run again."""

from pathlib import Path

import pytest

from results.store import Store
from results.watch import Watch
from swarm.engine import JobState
from swarm.local.engine import LocalEngine
from tests.results.watching import SPEC, Events

pytestmark = pytest.mark.slow


async def test_a_gap_is_shown_and_no_unit_is_run_again(tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path, workers=2)
    job = await engine.submit(SPEC)
    async for _ in engine.follow(job):
        pass
    log = tmp_path / "jobs" / job / "unit-3.log"
    kept = log.read_text().splitlines(keepends=True)[1:]
    log.write_text("".join(kept))
    events = Events()
    with Store.open(tmp_path / "r.sqlite3") as store:
        await Watch(engine, store, events, jobs=[job], patience=0.1, tend=False).run()
        assert store.found(job) == SPEC.count - 1
    row = events.row(job)
    assert (row.gaps, row.job.state) == (1, JobState.COMPLETE)
    assert log.read_text() == "".join(kept)
    await engine.close()
