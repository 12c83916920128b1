"""What a job found and cannot be read is lost by nothing but somebody's word."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import EngineError
from operations import jobs
from operations.operation import Door
from results.store import Store
from solver.question import Question
from swarm.engine import JobState, LogLine
from swarm.job import JobSpec
from tests.operations.test_jobs import Agreeing
from tests.results.hostile_tasks import Scripted, honest_logs

SPEC = JobSpec(Question(10), count=32, replicas=2, seed=21)
READ = 28
"""What the seven units give that can be read."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "r.sqlite3") as opened:
        yield opened


def off(state: JobState) -> Scripted:
    """A job one of whose nodes is off."""
    return Scripted(SPEC, {"job": honest_logs(SPEC)}, state, unreadable=[3])


@pytest.mark.slow
async def test_a_job_is_not_removed_before_its_complete_units_are_read(
    store: Store, tmp_path: Path
) -> None:
    engine = off(JobState.COMPLETE)
    person = Agreeing()
    audit = Audit(tmp_path / "audit.jsonl")
    door = Door(person, read_only=False, audit=audit)
    with pytest.raises(EngineError) as refused:
        await door.perform(jobs.remove(engine, store, engine.views[0]))
    assert str(refused.value) == (
        "job stays: what unit 3 on pi3 found is not all kept. pi3 is off. Bring back what is off, "
        "or give that up: squarm remove job --force."
    )
    assert store.found("job") == READ
    assert engine.gone == []
    done = await door.perform(jobs.remove(engine, store, engine.views[0], force=True))
    assert done is not None
    assert done.sentence == (
        "Removed job; its squares stay, but what was not read of unit 3 on pi3 is lost."
    )
    assert engine.gone == ["job"]
    assert "is lost" in person.asked[-1].consequence
    assert [entry.result for entry in audit.read(9)] == ["failed", "done"]


async def test_cancelling_keeps_what_can_be_read_and_says_what_cannot(
    store: Store, tmp_path: Path
) -> None:
    engine = off(JobState.RUNNING)
    door = Door(Agreeing(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    done = await door.perform(jobs.cancel(engine, store, engine.views[0]))
    assert done is not None
    assert done.sentence == (
        "Cancelled job; what it found is kept, but nothing could be read of unit 3 on pi3."
    )
    assert store.found("job") == READ
    assert engine.gone == ["job"]


class Deaf(Scripted):
    """No log of it comes to its end: the last unit's node is off."""

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        async for line in super().follow(job):
            yield line
        raise EngineError("pi3 is off.")


@pytest.mark.slow
async def test_a_failed_job_stays_where_what_its_units_found_could_not_be_read(
    store: Store, tmp_path: Path
) -> None:
    logs = {unit: lines[:2] for unit, lines in honest_logs(SPEC).items()}
    engine = Deaf(SPEC, {"job": logs}, JobState.FAILED)
    door = Door(Agreeing(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    with pytest.raises(EngineError, match=r"job stays: .* pi3 is off\. Bring back what is off"):
        await door.perform(jobs.remove(engine, store, engine.views[0]))
    assert engine.gone == []
