"""Changes to jobs on a real engine: nothing that was found is lost by them."""

from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import EngineError
from operations import jobs
from operations.operation import Caution, Door, Operation, Step
from results.store import Store
from solver.question import Question
from swarm.engine import JobState, JobView
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.operations.ended_job import FOUND, KEPT, MakeHome, kept
from tests.waiting import until

pytestmark = pytest.mark.slow


class Agreeing:
    """Somebody who says yes, and remembers to what."""

    who = ""

    def __init__(self) -> None:
        self.asked: list[Caution] = []
        self.seen: list[str] = []

    async def confirm(self, caution: Caution) -> bool:
        self.asked.append(caution)
        return True

    def show(self, _operation: Operation[object], step: Step) -> None:
        self.seen.append(str(step))


async def test_an_ended_job_goes_only_when_all_that_it_found_is_kept(make_home: MakeHome) -> None:
    home, job = make_home()
    assert kept(home) == KEPT
    person = Agreeing()
    door = Door(person, read_only=False, audit=Audit(home / "audit.jsonl"))
    engine = LocalEngine(home / "squarm", 2)
    with Store.open(home / "squarm" / "results.sqlite3") as store:
        (view,) = await engine.jobs()
        done = await door.perform(jobs.remove(engine, store, view))
        assert await engine.jobs() == ()
    await engine.close()
    assert done is not None
    assert done.sentence == f"Removed {job}; its squares stay."
    assert kept(home) == FOUND
    assert job in person.asked[0].question
    assert any("collecting" in step for step in person.seen)


async def test_a_job_that_cannot_be_kept_stays(make_home: MakeHome) -> None:
    home, _ = make_home()
    engine = LocalEngine(home / "squarm", 2)
    door = Door(Agreeing(), read_only=False, audit=Audit(home / "audit.jsonl"))
    with Store.open(home / "squarm" / "results.sqlite3", read_only=True) as store:
        (view,) = await engine.jobs()
        with pytest.raises(
            EngineError, match=r"stays: what unit 0 .* is not all kept\. .*read only"
        ):
            await door.perform(jobs.remove(engine, store, view))
        assert len(await engine.jobs()) == 1
    await engine.close()


async def test_the_life_of_a_job(tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path, 2)
    audit = Audit(tmp_path / "audit.jsonl")
    door = Door(Agreeing(), read_only=False, audit=audit)

    async def view() -> JobView:
        return (await engine.jobs())[0]

    async def found() -> bool:
        return bool([line async for line in engine.reread(job, 0)])

    with Store.open(tmp_path / "results.sqlite3") as store:
        started = await door.perform(
            jobs.start(engine, JobSpec(Question(10), count=100_000, seed=3))
        )
        assert started is not None
        job = started.value
        await until(found)
        with pytest.raises(EngineError, match="cancel it first"):
            jobs.remove(engine, store, await view())
        with pytest.raises(EngineError, match="nothing to resume"):
            jobs.resume(engine, await view())
        await door.perform(jobs.cancel(engine, store, await view()))
        assert (await view()).state is JobState.CANCELLED
        assert store.found(job) > 0
        with pytest.raises(EngineError, match="nothing to cancel"):
            jobs.cancel(engine, store, await view())
        await door.perform(jobs.resume(engine, await view()))
        assert (await view()).state.live
        await door.perform(jobs.cancel(engine, store, await view()))
        await door.perform(jobs.remove(engine, store, await view()))
        assert await engine.jobs() == ()
    await engine.close()
    notes = [(entry.what, entry.result) for entry in audit.read(9)]
    assert notes == [
        ("start job", "done"),
        ("cancel job", "done"),
        ("resume job", "done"),
        ("cancel job", "done"),
        ("remove job", "done"),
    ]
