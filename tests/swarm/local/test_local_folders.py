"""Jobs on the disk: whole after a power cut, never gone without a word, nothing left over."""

import fcntl
import os
import time
from pathlib import Path

import pytest

from base.errors import EngineError
from results.store import Store
from results.watch import Watch
from solver.question import SQUARES_LIMIT, Question, packed
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local.job_folders import create, read
from tests.results.test_one_jobs_trouble import Rows, watching
from tests.swarm.local.test_local_engine import assert_whole, engine, followed, view
from tests.waiting import until

pytestmark = pytest.mark.slow

SPEC = JobSpec(Question(10), count=16, seed=4)


@pytest.mark.parametrize("time_told", ["1e300", "-1e300", "NaN", "Infinity", "-5"])
def test_a_job_whose_time_is_none_was_made_when_its_folder_was(
    tmp_path: Path, time_told: str
) -> None:
    folder, lock = create(tmp_path, SPEC)
    lock.release()
    file = folder.path / "spec.json"
    file.write_text(file.read_text().replace(str(folder.created), time_told))
    found = read(folder.path)
    assert found is not None
    assert found.created == file.stat().st_mtime


async def test_a_job_carries_as_many_squares_as_is_said(tmp_path: Path) -> None:
    cyclic = tuple(tuple((row + column) % 10 for column in range(10)) for row in range(10))
    most = SQUARES_LIMIT // 101
    squares = packed([cyclic] * most)
    spec = JobSpec(Question(10, source="file", squares=squares, mates=0), count=most)
    async with engine(tmp_path) as ours:
        job = await ours.submit(spec)
        assert (await view(ours, job)).spec == spec
        await ours.cancel(job)
    with pytest.raises(ValueError, match=f"at most {most:,} squares"):
        Question(10, source="file", squares=packed([cyclic] * (most + 1)))


@pytest.mark.parametrize("spoil", ["", "{", '{"created": 1, "spec": {"order": "x"}}'])
async def test_a_job_whose_spec_is_lost_is_shown_and_can_be_mended(
    tmp_path: Path, spoil: str
) -> None:
    async with engine(tmp_path) as before:
        job = await before.submit(SPEC)
        await followed(before, job)
    file = tmp_path / "jobs" / job / "spec.json"
    asked = file.read_text()
    file.write_text(spoil)
    async with engine(tmp_path) as ours:
        seen = await view(ours, job)
        assert seen.state is JobState.FAILED
        assert seen.spec.order == 10
        assert abs(seen.created - time.time()) < 600
        assert f"{file} any more: cat" in seen.why
        for change in (ours.resume, ours.remove, ours.cancel):
            with pytest.raises(EngineError, match="cannot be read from"):
                await change(job)
        assert [str(file) in line.text for line in await followed(ours, job)] == [True]
        rows = Rows()
        with Store.open(tmp_path / "r.sqlite3") as store:
            async with watching(Watch(ours, store, rows)):
                await until(lambda: rows.last)
                assert (rows.last[job].found, rows.last[job].rejected) == (0, 0)
                file.write_text(asked)
                await until(lambda: rows.last[job].found == SPEC.count)
        assert (await view(ours, job)).state is JobState.COMPLETE
        assert_whole(SPEC, await followed(ours, job))


async def test_what_dead_processes_left_half_done_is_swept(tmp_path: Path) -> None:
    root = tmp_path / "jobs"
    names = (".new-dead", ".gone-dead/mols10-0", ".new-fresh", ".new-held", ".gone-held/mols10-1")
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "lock").touch()
    for name in (".new-dead", ".gone-dead", ".new-held", ".gone-held"):
        os.utime(root / name, (time.time() - 7200,) * 2)
    with (root / ".new-held/lock").open() as one, (root / ".gone-held/mols10-1/lock").open() as two:
        for lock in (one, two):
            fcntl.flock(lock, fcntl.LOCK_EX)
        async with engine(tmp_path) as ours:
            await followed(ours, await ours.submit(JobSpec(Question(4), count=1)))
    left = {path.name for path in root.iterdir() if path.name.startswith(".")}
    assert left == {".new-fresh", ".new-held", ".gone-held"}


def test_a_new_job_is_on_the_disk_before_anybody_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    folder, lock = create(tmp_path, SPEC)
    lock.release()
    assert read(folder.path) == folder
    file, made, root = synced
    assert file.startswith(".spec.json.")
    assert made.startswith(".new-")
    assert root == tmp_path.name
