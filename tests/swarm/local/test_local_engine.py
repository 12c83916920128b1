"""Local jobs with real worker processes: killed, cancelled from elsewhere, resumed, out of disk."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from base.errors import EngineError
from results.ledger import Ledger
from solver.question import Question
from solver.record_reader import BadRecord, decode
from solver.records import SquareRecord
from swarm.engine import JobState, JobView, LogLine, TaskState
from swarm.job import JobSpec, SpecError
from swarm.local.engine import LocalEngine
from tests.small_disk import small_disk
from tests.swarm.samples import squares
from tests.waiting import until

pytestmark = pytest.mark.slow

LONG = JobSpec(Question(10), count=2_400, seed=11)
ENDLESS = JobSpec(Question(10), count=100_000, seed=12)

OWNER = """
import asyncio, sys
from pathlib import Path
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
async def own():
    engine = LocalEngine(Path(sys.argv[1]), workers=2)
    print(await engine.submit(JobSpec.from_json(sys.argv[2])), flush=True)
    await asyncio.sleep(600)
asyncio.run(own())
"""


@contextmanager
def owner(root: Path, spec: JobSpec) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Another process that runs a job, and the job's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(root), spec.to_json()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@asynccontextmanager
async def engine(root: Path, workers: int = 2) -> AsyncIterator[LocalEngine]:
    made = LocalEngine(root, workers)
    try:
        yield made
    finally:
        await made.close()


async def view(local: LocalEngine, job: str) -> JobView:
    return next(view for view in await local.jobs() if view.id == job)


async def followed(local: LocalEngine, job: str) -> list[LogLine]:
    return [line async for line in local.follow(job)]


def accounted(spec: JobSpec, lines: list[LogLine]) -> Ledger:
    ledger = Ledger(spec, {})
    for line in lines:
        try:
            record = None if line.stderr else decode(line.text)
        except BadRecord:
            record = None
        if record is not None:
            ledger.enter(record, line.node)
    return ledger


def assert_whole(spec: JobSpec, lines: list[LogLine]) -> None:
    ledger = accounted(spec, lines)
    ends = [ledger.collected(unit) for unit in range(spec.units)]
    assert sum(end.count for end in ends if end is not None) == spec.count


def workers_of(job_root: Path) -> list[psutil.Process]:
    """Solver processes that have a file below the folder open."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = any(file.path.startswith(str(job_root)) for file in process.open_files())
            if ours and "solver" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


async def test_a_job_runs_to_its_end_and_another_process_reads_the_same(tmp_path: Path) -> None:
    spec = JobSpec(Question(10), count=30, seed=7)
    async with engine(tmp_path) as ours, engine(tmp_path) as other:
        job = await ours.submit(spec)
        lines, theirs = await asyncio.gather(followed(ours, job), followed(other, job))
        assert sorted(line.text for line in lines) == sorted(line.text for line in theirs)
        assert_whole(spec, lines)
        found = {decode(line.text) for line in lines}
        assert {record for record in found if isinstance(record, SquareRecord)} == set(
            squares(spec, spec.count)
        )
        for local in (ours, other):
            seen = await view(local, job)
            assert (seen.state, seen.units_done) == (JobState.COMPLETE, spec.units)
            assert {task.state for task in seen.tasks} == {TaskState.COMPLETE}
        await ours.nodes()
        await asyncio.sleep(0.5)
        (node,) = await ours.nodes()
        assert node.here
        assert node.cpu_used is not None
        assert 0.0 <= node.cpu_used <= 1.0


async def test_kill_9_of_the_owner_loses_nothing_and_resume_goes_on(tmp_path: Path) -> None:
    async with engine(tmp_path) as ours:
        with owner(tmp_path, LONG) as (process, job):
            running: list[psutil.Process] = []

            async def some_units_done() -> bool:
                # Between two units there may be no worker for a moment.
                running[:] = workers_of(tmp_path)
                return bool(running) and 1 <= (await view(ours, job)).units_done < LONG.units

            await until(some_units_done, 240)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert not psutil.wait_procs(running, timeout=60)[1]
        stopped = await view(ours, job)
        assert stopped.state is JobState.INTERRUPTED
        assert not stopped.why
        finished = {t.unit for t in stopped.tasks if t.state is TaskState.COMPLETE}
        logs = {unit: tmp_path / "jobs" / job / f"unit-{unit}.log" for unit in finished}
        before = {unit: log.read_bytes() for unit, log in logs.items()}
        await ours.resume(job)
        lines = await followed(ours, job)
        assert_whole(LONG, lines)
        assert {unit: log.read_bytes() for unit, log in logs.items()} == before
        assert (await view(ours, job)).state is JobState.COMPLETE
        with pytest.raises(EngineError, match="complete"):
            await ours.resume(job)


async def test_closing_the_engine_interrupts_its_jobs(tmp_path: Path) -> None:
    async with engine(tmp_path) as ours:
        job = await ours.submit(ENDLESS)

        async def working() -> bool:
            return len(workers_of(tmp_path)) == 2

        await until(working)
    assert workers_of(tmp_path) == []
    async with engine(tmp_path) as later:
        assert (await view(later, job)).state is JobState.INTERRUPTED


async def test_a_job_is_cancelled_from_another_process(tmp_path: Path) -> None:
    async with engine(tmp_path) as ours:
        with owner(tmp_path, ENDLESS) as (process, job):

            async def working() -> bool:
                return len(workers_of(tmp_path)) == 2

            await until(working)
            with pytest.raises(EngineError, match="running"):
                await ours.resume(job)
            with pytest.raises(EngineError, match="running"):
                await ours.remove(job)
            following = asyncio.create_task(followed(ours, job))
            await ours.cancel(job)
            await asyncio.wait_for(following, 60)
            assert workers_of(tmp_path) == []
            assert process.poll() is None
        assert (await view(ours, job)).state is JobState.CANCELLED
        await ours.cancel(job)
        await ours.remove(job)
        assert await ours.jobs() == ()


async def test_a_killed_worker_is_replaced_and_its_cut_line_does_no_harm(tmp_path: Path) -> None:
    spec = JobSpec(Question(10), count=300, seed=3, replicas=1)
    async with engine(tmp_path, workers=1) as ours:
        job = await ours.submit(spec)
        held: list[tuple[psutil.Process, Path]] = []

        def in_the_middle() -> bool:
            # Of whichever unit: the first may be done by now, and between two there is no worker.
            for worker in workers_of(tmp_path):
                with suppress(psutil.Error):
                    worker.suspend()
                    logs = [Path(f.path) for f in worker.open_files() if f.path.endswith(".log")]
                    held.extend((worker, log) for log in logs if log.stat().st_size > 2000)
                    if not held:
                        worker.resume()
            return bool(held)

        await until(in_the_middle)
        worker, log = held[0]
        with log.open("ab") as file:
            file.write(b'{"type":"square","unit":0,"se')
        worker.kill()
        assert_whole(spec, await followed(ours, job))


async def test_a_unit_that_keeps_failing_fails_the_job_and_says_why(tmp_path: Path) -> None:
    async with engine(tmp_path) as ours, engine(tmp_path) as other:
        job = await ours.submit(JobSpec(Question(10), count=8000, seed=12))

        async def killed_or_over() -> bool:
            for worker in workers_of(tmp_path):
                # It may have ended by itself meanwhile.
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
            return not (await view(ours, job)).state.live

        await until(killed_or_over, 240)
        for local in (ours, other):
            failed = await view(local, job)
            assert failed.state is JobState.FAILED
            assert "SIGKILL" in failed.why
            assert [t.error for t in failed.tasks if t.state is TaskState.FAILED] == [failed.why]


async def test_too_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swarm.job.MIN_MEMORY", 0)
    async with engine(tmp_path) as ours:
        job = await ours.submit(JobSpec(Question(10), count=5000, memory=2 * 1024 * 1024))
        await followed(ours, job)
        failed = await view(ours, job)
        assert failed.state is JobState.FAILED
        assert failed.why


async def test_the_least_memory_allowed_is_enough(tmp_path: Path) -> None:
    spec = JobSpec(Question(12), count=4, seed=1, memory=48 * 1024 * 1024)
    async with engine(tmp_path) as ours:
        assert_whole(spec, await followed(ours, await ours.submit(spec)))


async def test_jobs_share_the_workers(tmp_path: Path) -> None:
    async with engine(tmp_path, workers=2) as ours:
        jobs = [await ours.submit(ENDLESS), await ours.submit(ENDLESS)]
        assert len(set(jobs)) == 2

        async def running() -> list[int]:
            return [
                sum(task.state is TaskState.RUNNING for task in (await view(ours, job)).tasks)
                for job in jobs
            ]

        async def both_at_work() -> bool:
            return sum(await running()) == 2

        await until(both_at_work)
        assert len(workers_of(tmp_path)) == 2
        await ours.cancel(jobs[0])

        async def second_has_all() -> bool:
            return await running() == [0, 2]

        await until(second_has_all)


async def test_a_lost_log_is_run_again_and_joins_the_stream(tmp_path: Path) -> None:
    spec = JobSpec(Question(10), count=30, seed=7)
    async with engine(tmp_path) as ours, engine(tmp_path) as other:
        job = await ours.submit(spec)
        await followed(ours, job)
        (tmp_path / "jobs" / job / "unit-3.log").unlink()
        assert [line async for line in other.reread(job, 3)] == []
        await other.rerun(job, 3)
        assert_whole(spec, await followed(ours, job))
        again = [line async for line in ours.reread(job, 3)]
        assert {line.unit for line in again} == {3}
        with pytest.raises(EngineError, match="no unit 99"):
            await other.rerun(job, 99)


async def test_following_can_be_stopped_at_once(tmp_path: Path) -> None:
    with owner(tmp_path, ENDLESS) as (_, job):
        async with engine(tmp_path) as ours:
            following = asyncio.create_task(followed(ours, job))
            await asyncio.sleep(0.3)
            following.cancel()
            done, _ = await asyncio.wait({following}, timeout=60)
            assert done
            assert following.cancelled()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[" * 60_000,
        "null",
        '{"created": 1}',
        '{"created": "soon", "spec": {}}',
        '{"created": 1, "spec": {"order": 10.5}}',
        '{"created": 1, "spec": {"order": "10"}}',
        '{"created": 1, "spec": {"count": 99999999999}}',
        '{"created": 1, "spec": {"cpus": NaN}}',
        '{"created": 1, "spec": []}',
        "x" * 100_000,
    ],
)
async def test_a_spoilt_job_folder_is_passed_over(tmp_path: Path, text: str) -> None:
    async with engine(tmp_path) as ours:
        job = await ours.submit(JobSpec(Question(4), count=1))
        for name in ("spoilt", "UPPER", "a b", ".new-1", "dir"):
            (tmp_path / "jobs" / name).mkdir()
            (tmp_path / "jobs" / name / "spec.json").write_text(text)
        (tmp_path / "jobs" / "file").write_text("x")
        os.mkfifo(tmp_path / "jobs" / "dir" / "lock")
        assert [seen.id for seen in await ours.jobs()] == [job]
        with pytest.raises(EngineError, match="no local job"):
            await ours.cancel("spoilt")


@pytest.mark.parametrize("name", ["lock", "unit-0.log", "unit-0.err"])
async def test_a_pipe_in_the_place_of_a_file_holds_up_nothing(tmp_path: Path, name: str) -> None:
    async with asyncio.timeout(60), engine(tmp_path) as ours:
        job = await ours.submit(JobSpec(Question(4), count=1))
        await followed(ours, job)
        file = tmp_path / "jobs" / job / name
        file.unlink(missing_ok=True)
        os.mkfifo(file)
        assert [seen.id for seen in await ours.jobs()] == [job]
        if name == "unit-0.log":
            with pytest.raises(EngineError, match=f"{file} cannot be used: Not a regular file"):
                await ours.resume(job)
        # What has no end is not read for ever.
        file.unlink()
        file.symlink_to("/dev/zero")
        assert len(await followed(ours, job)) < 10
        other = await ours.submit(JobSpec(Question(4), count=1))
        assert (await view(ours, other)).id == other


async def test_a_spec_with_fields_of_a_newer_version_is_understood(tmp_path: Path) -> None:
    folder = tmp_path / "jobs" / "later"
    folder.mkdir(parents=True)
    body = {"created": 5.0, "spec": {"order": 9, "colour": "red"}, "more": 1}
    (folder / "spec.json").write_text(json.dumps(body))
    async with engine(tmp_path) as ours:
        assert (await view(ours, "later")).spec.order == 9


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB of its own."""
    with small_disk(tmp_path / "disk", "256k") as made:
        yield made


def make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)


async def test_a_full_disk_fails_the_job_clearly_and_room_lets_it_go_on(disk: Path) -> None:
    spec = JobSpec(Question(10), count=400, seed=2)
    async with engine(disk) as ours:
        job = await ours.submit(spec)
        await followed(ours, job)
        failed = await view(ours, job)
        assert failed.state is JobState.FAILED
        assert "full" in failed.why
        assert "make room" in failed.why
        (disk / "ballast").write_bytes(bytes(psutil.disk_usage(str(disk)).free))
        with pytest.raises(EngineError, match="full: make room"):
            await ours.submit(spec)
        await asyncio.to_thread(make_room, disk)
        await ours.resume(job)
        assert_whole(spec, await followed(ours, job))


async def test_more_cores_than_the_machine_has_are_refused(tmp_path: Path) -> None:
    async with engine(tmp_path, workers=2) as local:
        with pytest.raises(SpecError, match=r"^Cpus must be at most 2 here.*: 2\.5 is too many\.$"):
            await local.submit(JobSpec(Question(4), cpus=2.5))
        assert await local.jobs() == ()
        await local.submit(JobSpec(Question(4), cpus=2.0))
