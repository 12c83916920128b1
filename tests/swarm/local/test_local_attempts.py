"""Attempts at a local unit that end in ways nobody planned: the job ends too, and says why."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solver.question import Question
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local import worker
from swarm.local.engine import LocalEngine
from swarm.local.job_folders import create
from tests.swarm.local.test_local_engine import assert_whole, engine, followed, view
from tests.waiting import until

pytestmark = pytest.mark.slow

RUN = """
import asyncio, sys
from pathlib import Path
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
async def run():
    engine = LocalEngine(Path(sys.argv[1]), workers=2)
    job = await engine.submit(JobSpec.from_json(sys.argv[2]))
    async with asyncio.timeout(240):
        async for line in engine.follow(job):
            pass
    (view,) = await engine.jobs()
    print(view.state, view.why)
asyncio.run(run())
"""
FAIL = """
import sys
from pathlib import Path
from swarm.job import JobSpec
from swarm.local import job_folders, worker
folder, lock = job_folders.create(Path(sys.argv[1]), JobSpec.from_json(sys.argv[2]))
folder.errors(0).write_text("ImportError: cannot map the library\\n")
print(worker.failure(folder, 0, 1))
"""


def as_an_ordinary_user(script: str, before: list[str], root: Path, spec: JobSpec) -> str:
    """What the script says that may not raise its own limits and priority, nor its children's."""
    less = ["setpriv", "--bounding-set=-sys_nice,-sys_resource"] if os.geteuid() == 0 else []
    command = [*less, *before, sys.executable, "-c", script, str(root), spec.to_json()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(["nice", "-n", "15"], id="a lower priority"),
        pytest.param(["prlimit", f"--data={512 << 20}:{512 << 20}"], id="a limit on memory"),
    ],
)
def test_a_job_runs_under_what_its_user_may_not_undo(tmp_path: Path, before: list[str]) -> None:
    spec = JobSpec(Question(10), count=4, seed=1, memory=1 << 30)
    assert as_an_ordinary_user(RUN, before, tmp_path, spec) == "complete"


def test_a_limit_below_what_the_job_is_to_have_is_said(tmp_path: Path) -> None:
    spec = JobSpec(Question(10), count=4, seed=1, memory=1 << 30)
    before = ["prlimit", f"--data={512 << 20}:{512 << 20}"]
    said = as_an_ordinary_user(FAIL, before, tmp_path, spec)
    assert said.startswith("ImportError: cannot map the library; ")
    assert "1024M" in said
    assert "allows 512M: raise it" in said


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("can't start new thread"), "too few threads are allowed"),
        (OSError(errno.EMFILE, "Too many open files"), "raise the limit on them (ulimit -n"),
        (MemoryError(), "there is too little memory for squarm"),
    ],
)
async def test_what_squarm_may_not_have_is_no_fault_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    async def refused(*_: object, **__: object) -> int:
        raise error

    async with engine(tmp_path) as ours:
        monkeypatch.setattr("swarm.local.worker.work", refused)
        job = await ours.submit(JobSpec(Question(10), count=8, seed=5))
        await until(lambda: ended(ours, job))
        why = (await view(ours, job)).why
        assert words in why
        assert why.endswith("then resume the job.")


async def test_a_log_that_goes_bad_under_a_worker_fails_the_job(tmp_path: Path) -> None:
    spec = JobSpec(Question(10), count=1200, seed=5, replicas=1)
    async with engine(tmp_path, workers=1) as ours:
        job = await ours.submit(spec)
        log = tmp_path / "jobs" / job / "unit-0.log"
        await until(lambda: log.exists() and log.stat().st_size > 2000)
        log.rename(log.with_name("moved"))
        log.mkdir()
        await until(lambda: ended(ours, job))
        failed = await view(ours, job)
        assert failed.state is JobState.FAILED
        assert f"{log} cannot be used: Is a directory" in failed.why
        log.rmdir()
        log.with_name("moved").rename(log)
        await ours.resume(job)
        assert_whole(spec, await followed(ours, job))


async def test_squarms_own_fault_fails_the_job_and_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spec = JobSpec(Question(10), count=8, seed=5)
    async with engine(tmp_path) as ours:
        monkeypatch.setattr("swarm.local.worker.command", lambda *_: [None])
        job = await ours.submit(spec)
        await until(lambda: ended(ours, job))
        failed = await view(ours, job)
        assert failed.state is JobState.FAILED
        assert "own fault (TypeError)" in failed.why
        assert "Traceback" in caplog.text
        monkeypatch.undo()
        await ours.resume(job)
        assert_whole(spec, await followed(ours, job))


async def ended(local: LocalEngine, job: str) -> bool:
    return not (await view(local, job)).state.live


def test_a_signal_that_has_no_name_is_told_by_its_number(tmp_path: Path) -> None:
    folder, lock = create(tmp_path, JobSpec(Question(10)))
    lock.release()
    assert worker.failure(folder, 0, -9) == "its worker was killed by SIGKILL"
    assert worker.failure(folder, 0, -40) == "its worker was killed by signal 40"
