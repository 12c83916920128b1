"""A failing disk: what can be read of a log is kept, and what cannot is lost by no removing."""

from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import EngineError
from operations import jobs
from operations.operation import Door
from results.store import Store
from results.watch import Watch
from solver import VERSION
from solver.question import Question
from solver.records import ProgressRecord, encode
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from swarm.local.job_folder import JobFolder
from swarm.local.job_folders import create
from tests.bad_sector import bad_sector
from tests.operations.test_jobs import Agreeing
from tests.results.test_one_jobs_trouble import Rows
from tests.swarm.local.test_local_engine import followed, view
from tests.swarm.samples import unit_records

pytestmark = pytest.mark.slow

SPEC = JobSpec(Question(10), count=400, seed=21, replicas=2)
BAD = 3
FIRST, END = 8192, 12288
"""The bytes that cannot be read of its log."""


def interrupted(root: Path) -> JobFolder:
    """A job whose unit BAD has given all, and had not come to say so."""
    folder, lock = create(root / "jobs", SPEC)
    lock.release()
    (folder.path / "solver").write_text(f"{VERSION}\n")
    for unit in range(SPEC.units):
        lines = [f"{encode(record)}\n" for record in unit_records(SPEC, unit)]
        folder.log(unit).write_text("".join(lines[: -1 if unit == BAD else None]))
    return folder


async def test_what_can_be_read_is_kept_and_what_is_missing_is_found_again(
    local: LocalEngine, store: Store, tmp_path: Path
) -> None:
    folder = interrupted(tmp_path)
    job, log = folder.job, folder.log(BAD)
    written = log.read_bytes()
    touched = written[FIRST:END].count(b"\n") + 1
    door = Door(Agreeing(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    with bad_sector(log, FIRST, END):
        lines = await followed(local, job)
        whole = [line for line in lines if line.text.startswith('{"type":"square"')]
        assert len({line.text for line in whole if line.text.endswith("}")}) == 400 - touched
        why = f"{log} cannot be read from byte 8,192 to 12,288 (Input/output error), but what "
        assert [line.text for line in lines if line.stderr] == [f"squarm: {why}follows can."]
        seen = await view(local, job)
        assert seen.state is JobState.INTERRUPTED
        assert [task.unit for task in seen.tasks if task.unreadable] == [BAD]
        assert f"squarm resume {job} finds that again" in seen.why
        with pytest.raises(EngineError, match=rf"stays: what unit {BAD} .* is not all kept") as no:
            await door.perform(jobs.remove(local, store, seen))
        assert why in str(no.value)
        assert store.found(job) == 400 - touched
        await local.resume(job)
        await Watch(local, store, Rows(), jobs=[job]).run()
        assert store.found(job) == 400
    await door.perform(jobs.remove(local, store, await view(local, job)))
    assert not folder.path.exists()


async def test_what_no_gap_shows_keeps_a_job_all_the_same(
    local: LocalEngine, store: Store, tmp_path: Path
) -> None:
    """The last squares that a unit gave cannot be read: nothing that can tells of them."""
    folder = interrupted(tmp_path)
    log = folder.log(BAD)
    noted = [encode(ProgressRecord(BAD, number, 0, 1, float(number))) for number in range(300)]
    log.write_bytes(log.read_bytes()[:END] + "\n".join(["", *noted, ""]).encode())
    door = Door(Agreeing(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    with bad_sector(log, FIRST, END):
        seen = await view(local, folder.job)
        with pytest.raises(EngineError, match=rf"stays: what unit {BAD} .* is not all kept"):
            await door.perform(jobs.remove(local, store, seen))
        assert folder.path.exists()
