"""Long units: what is left of one that was stopped is run, not all of it again."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from results.ledger import Ledger
from results.reports import Event, Snapshot, UnitView
from results.store import Store
from results.watch import Watch
from solver.question import Question
from solver.record_reader import decode
from solver.records import Checkpoint, ProgressRecord, Record, SquareRecord
from swarm.docker import services
from swarm.docker.engine import SwarmEngine
from swarm.docker.images import Image
from swarm.docker.objects import UNIT
from swarm.engine import TaskState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.dockerd import IMAGE, Dockerd, build_solver, cable, join_swarm
from tests.swarm.swarm_jobs import create, engine, network
from tests.waiting import until

pytestmark = pytest.mark.slow

__all__ = ["engine"]

SHORT = JobSpec(Question(7, source="exhaust", mates=1, transversals=63), 1_000, replicas=1)
"""Units of some three seconds with a few squares each."""
LONG = JobSpec(
    Question(8, source="exhaust", mates=1, transversals=256),
    1_000_000,
    replicas=2,
    memory=64 * 2**20,
)
"""Units of an hour or two; a part of one takes some ten seconds."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "results.sqlite3") as opened:
        yield opened


async def test_a_local_unit_is_taken_up_where_its_log_ends(tmp_path: Path) -> None:
    spec = replace(LONG, replicas=1)
    first = LocalEngine(tmp_path, workers=1)
    job = await first.submit(spec)
    log = tmp_path / "jobs" / job / "unit-0.log"

    def records() -> list[Record | None]:
        lines = log.read_bytes().splitlines() if log.exists() else []
        return [decode(line.decode()) for line in lines]

    def last(of: list[Record | None]) -> Checkpoint | None:
        saved = [record.checkpoint for record in of if isinstance(record, ProgressRecord)]
        return saved[-1] if saved else None

    async def saved() -> bool:
        return last(records()) is not None

    await until(saved)
    await first.close()
    before = records()
    there = last(before)
    assert there is not None
    assert there.found > 0
    second = LocalEngine(tmp_path, workers=1)
    await second.resume(job)

    async def further() -> bool:
        return last(records()) not in (None, there)

    await until(further)
    await second.close()
    after = records()[len(before) :]
    finds = [record for record in after if isinstance(record, SquareRecord)]
    assert all(find.tried > there.tried and find.seq >= there.found for find in finds)
    further_on = last(after)
    assert further_on is not None
    assert further_on.part > there.part
    # What both attempts wrote is together what one would have written.
    ledger = Ledger(spec, {})
    for record in (*before, *after):
        if record is not None:
            ledger.enter(record, "here")
    assert ledger.checkpoint(0) == further_on


async def test_a_unit_whose_log_lacks_a_square_is_run_from_its_beginning(tmp_path: Path) -> None:
    local = LocalEngine(tmp_path, workers=1)
    job = await local.submit(SHORT)
    log = tmp_path / "jobs" / job / "unit-0.log"

    async def written() -> bool:
        return log.exists() and b'"checkpoint"' in log.read_bytes()

    await until(written)
    await local.close()
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"seq":0' not in line))
    again = LocalEngine(tmp_path, workers=1)
    await again.rerun(job, 0)

    async def found_again() -> bool:
        return b'"seq":0' in log.read_bytes()

    await until(found_again)
    await again.close()


class Latest:
    """The last snapshot that a watch reported."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self.snapshot = event

    def unit(self, job: str, number: int) -> UnitView | None:
        rows = self.snapshot.jobs if self.snapshot else ()
        return next((row.units[number] for row in rows if row.job.id == job), None)

    def gaps(self, job: str) -> int:
        rows = self.snapshot.jobs if self.snapshot else ()
        return sum(row.gaps for row in rows if row.job.id == job)


@pytest.mark.docker
@pytest.mark.timeout(600)
async def test_a_unit_lost_with_its_node_is_taken_up_where_it_had_come(
    engine: SwarmEngine, swarm_manager: Dockerd, plain_daemon: Dockerd, store: Store
) -> None:
    await asyncio.to_thread(build_solver, plain_daemon)
    with cable(swarm_manager, plain_daemon):
        await asyncio.to_thread(join_swarm, plain_daemon, swarm_manager)
        worker = plain_daemon.api().info()["Swarm"]["NodeID"]

        async def worker_ready() -> bool:
            return any(n.id == worker and n.state == "ready" for n in await engine.nodes())

        await until(worker_ready)
        # As by `submit`, but not held to the node that built the image.
        job, image = "mols8-long", Image(IMAGE)
        create(
            swarm_manager,
            services.job_service(job, LONG, image, network(swarm_manager, job), time.time()),
        )
        watching = asyncio.create_task(Watch(engine, store, Latest()).run())
        lost = -1

        async def saved_there() -> bool:
            nonlocal lost
            views = [view for view in await engine.jobs() if view.id == job]
            if not views:
                return False
            (view,) = views
            (node,) = [node for node in await engine.nodes() if node.id == worker]
            lost = next((task.unit for task in view.tasks if task.node == node.name), -1)
            return lost >= 0 and bool(store.reached(job, lost))

        await until(saved_there, 120)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    saved = Checkpoint.parse(store.reached(job, lost))
    assert saved.found > 0
    # Another console, that has never read what the lost node wrote.
    latest = Latest()
    watching = asyncio.create_task(Watch(engine, store, latest).run())

    async def goes_on() -> bool:
        unit = latest.unit(job, lost)
        return unit is not None and unit.tried > saved.tried

    await until(goes_on, 120)
    (again,) = [
        service
        for service in swarm_manager.api().services()
        if service["Spec"]["Labels"].get(UNIT) == str(lost)
    ]
    assert again["Spec"]["TaskTemplate"]["ContainerSpec"]["Args"][-2:] == [
        "--checkpoint",
        str(saved),
    ]
    await asyncio.sleep(5)
    assert latest.gaps(job) == 0
    (view,) = [view for view in await engine.jobs() if view.id == job]
    states = [task.state for task in view.tasks if task.unit == lost]
    assert sorted(states) == sorted([TaskState.STOPPED, TaskState.RUNNING])
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
