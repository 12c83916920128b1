"""A local job that has ended, in a home of its own, of which the results file knows only a part."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from results.store import Store
from solver.question import Question, packed
from solver.record_reader import decode
from solver.records import FindRecord
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.solver.renaming import group_table
from tests.waiting import until

FOUND = 15_004
KEPT = 3_366
"""What the console's D left of them before there was one door."""
SPEC = JobSpec(
    Question(8, source="file", squares=packed([group_table(4, 2)[0]])),
    count=FOUND,
    seed=3,
    replicas=2,
)

MakeHome = Callable[[], tuple[Path, str]]
"""A home (XDG_DATA_HOME) of one's own, and the job's id."""


@pytest.fixture(scope="session")
def ended_job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The one from which the others are copied."""
    home = tmp_path_factory.mktemp("ended")
    return home, asyncio.run(_run(home / "squarm"))


@pytest.fixture
def make_home(ended_job: tuple[Path, str], tmp_path: Path) -> MakeHome:
    """A copy of the home, to be changed."""

    def make() -> tuple[Path, str]:
        home, job = ended_job
        shutil.copytree(home, tmp_path / "home")
        return tmp_path / "home", job

    return make


async def _run(data: Path) -> str:
    engine = LocalEngine(data, 2)
    try:
        job = await engine.submit(SPEC)

        async def complete() -> bool:
            return (await engine.jobs())[0].state is JobState.COMPLETE

        await until(complete, 240)
        lines = [line.text for unit in range(SPEC.units) async for line in engine.reread(job, unit)]
    finally:
        await engine.close()
    finds = [record for record in map(decode, lines) if isinstance(record, FindRecord)]
    assert len({record.squares for record in finds}) == FOUND
    with Store.open(data / "results.sqlite3") as store:
        store.add(job, [("here", record) for record in finds[:KEPT]])
    return job


def kept(home: Path) -> int:
    """How many squares the results file of a home holds."""
    with Store.open(home / "squarm" / "results.sqlite3", read_only=True) as store:
        return store.kept()
