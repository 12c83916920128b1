"""A job that another version of the solver had begun: what it found is kept, and it ends whole."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import solver
from results.proving import prove
from results.store import Store
from results.watch import Watch
from solver.question import Question
from solver.verify import flaw
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.results.test_one_jobs_trouble import Rows
from tests.swarm.local.test_local_engine import OWNER, accounted, followed
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

SPEC = JobSpec(Question(10), count=400, seed=6)
HERE = Path(solver.__file__).parents[1]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A squarm whose solver is of another version, which finds other squares."""
    root = tmp_path / "older"
    for room in ("base", "solver", "swarm"):
        shutil.copytree(HERE / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    for part in HERE.glob("*__mypyc*.so"):
        shutil.copy(part, root)
    (root / "solver/__init__.py").write_text(
        (HERE / "solver/__init__.py")
        .read_text()
        .replace(solver.VERSION, "0.0.9")
        .replace(solver.SEEDED, "0.0.9")
    )
    return root


def begun(older: Path, home: Path) -> str:
    """The older squarm has run some of the job, and was killed."""
    owner = subprocess.Popen(
        [sys.executable, "-P", "-c", OWNER, str(home), SPEC.to_json()],
        env={**os.environ, "PYTHONPATH": str(older)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    job = owner.stdout.readline().strip()
    folder = home / "jobs" / job
    wait_until(lambda: any(log.stat().st_size > 9000 for log in folder.glob("unit-*.log")))
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    return job


async def collected(engine: LocalEngine, store: Store, job: str) -> Rows:
    rows = Rows()
    await asyncio.wait_for(Watch(engine, store, rows, jobs=[job]).run(), 120)
    return rows


@pytest.mark.parametrize("kept_before", [True, False], ids=["kept before", "read afterwards"])
async def test_units_that_another_version_had_begun_become_whole(
    older: Path, tmp_path: Path, *, kept_before: bool
) -> None:
    home = tmp_path / "home"
    job = begun(older, home)
    engine = LocalEngine(home, workers=2)
    with Store.open(tmp_path / "r.sqlite3") as store:
        theirs = 0
        if kept_before:
            await collected(engine, store, job)
            theirs = store.found(job)
            assert theirs > 0
        ids = {result.id for result in store.results(job=job, limit=10_000)}
        await engine.resume(job)
        row = (await collected(engine, store, job)).last[job]
        assert (row.job.state, row.rejected, row.gaps) == (JobState.COMPLETE, 0, 0)
        assert len(store.finished_units(job)) == SPEC.units
        kept = store.results(job=job, limit=10_000)
        assert ids <= {result.id for result in kept}
        assert len(kept) == store.found(job) == row.found > SPEC.count
        assert not any(flaw(result.squares) for result in kept)
        assert prove(store, job, SPEC).whole
        for _ in range(2):
            again = (await collected(LocalEngine(home, 2), store, job)).last[job]
            assert (again.rejected, again.found) == (0, row.found)
    with Store.open(tmp_path / "other.sqlite3") as store:
        fresh = (await collected(engine, store, job)).last[job]
        assert (fresh.rejected, fresh.gaps, fresh.found) == (0, 0, row.found)
    await engine.close()


async def test_a_solver_that_was_replaced_under_a_running_squarm_is_not_run(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarm.local.worker.environment", lambda: {"PYTHONPATH": str(older)})
    engine = LocalEngine(tmp_path / "home", workers=2)
    job = await engine.submit(SPEC)
    assert accounted(SPEC, await followed(engine, job)).missing(0) == ()
    (view,) = await engine.jobs()
    assert view.state is JobState.FAILED
    assert "this is version 0.0.9" in view.why
    assert "start squarm anew, then resume the job" in view.why
    await engine.close()
