"""What watching costs, in shares of one core: the parent of running jobs, and a long history.

python -m benchmarks.watching
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from results.store import Store
from results.watch import Watch
from solver import VERSION
from solver.question import Question, share
from solver.records import NOTHING, DoneRecord, encode
from solver.search.units import Unit, search
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from swarm.local.job_folders import create

_SECONDS = 15.0
_JOBS = 50
_ENDED = JobSpec(Question(10), count=100, replicas=25, seed=1)
"""100 units, of one square each."""


def main() -> None:
    """Print the shares."""
    print("Watching, in % of a core; whatever is found costs its verifying and keeping besides")
    slow = Question(8, source="exhaust")
    for spec, done, what in (
        (JobSpec(slow, count=8), 0, "8 units that find little"),
        (JobSpec(slow, count=1_000), 0, "1,000 units that find little"),
        (JobSpec(slow, count=1_000), 900, "the same, 900 of them done"),
        (JobSpec(Question(10), count=8_000, seed=1), 0, "8 units"),
        (JobSpec(Question(10), count=1_000_000, seed=1), 0, "1,000 units"),
    ):
        cpu, found = asyncio.run(_parent(spec, done))
        print(f"  parent of a job of {what:<30}{cpu:6.1f}   ({found:,.0f} squares a second)")
    for jobs in (0, _JOBS, 4 * _JOBS):
        cpu = asyncio.run(_idle(jobs))
        print(f"  idle, {jobs:>3} ended jobs of {_ENDED.units} units{'':<19}{cpu:6.1f}")


async def _parent(spec: JobSpec, done: int) -> tuple[float, float]:
    """The share of a core, and squares kept a second, with so many units done before."""
    with tempfile.TemporaryDirectory() as home, Store.open(Path(home, "r.sqlite3")) as store:
        engine = LocalEngine(Path(home), workers=1)
        ends = [encode(DoneRecord(unit, 0, NOTHING, "exhausted")) for unit in range(done)]
        job = _made(Path(home, "jobs"), spec, [f"{end}\n" for end in ends])
        await engine.resume(job)
        async with _watched(engine, store):
            await asyncio.sleep(4)
            before = store.found(job)
            cpu = await _share()
            found = store.found(job) - before
        await engine.close()
    return cpu, found / _SECONDS


async def _idle(jobs: int) -> float:
    with tempfile.TemporaryDirectory() as home, Store.open(Path(home, "r.sqlite3")) as store:
        logs = _logs()
        made = [_made(Path(home, "jobs"), _ENDED, logs) for _ in range(jobs)]
        engine = LocalEngine(Path(home), workers=1)
        await Watch(engine, store, lambda _: None, jobs=made).run()
        # Another one, as after a start: what was found in the last minute is still news.
        async with _watched(engine, store):
            await asyncio.sleep(5)
            return await _share()


@asynccontextmanager
async def _watched(engine: LocalEngine, store: Store) -> AsyncIterator[None]:
    watching = asyncio.create_task(Watch(engine, store, lambda _: None).run())
    yield
    watching.cancel()
    await asyncio.wait([watching])


async def _share() -> float:
    cpu, began = time.process_time(), time.monotonic()
    await asyncio.sleep(_SECONDS)
    return 100 * (time.process_time() - cpu) / (time.monotonic() - began)


def _made(root: Path, spec: JobSpec, logs: list[str]) -> str:
    """A job whose first units have ended, and its id."""
    folder, lock = create(root, spec)
    folder.take_over(VERSION)
    for unit, text in enumerate(logs):
        folder.log(unit).write_text(text)
        folder.errors(unit).touch()
    lock.release()
    return folder.job


def _logs() -> list[str]:
    """What each unit of an ended job has written."""
    logs = []
    for unit in range(_ENDED.units):
        wanted = Unit(
            _ENDED.question,
            share(_ENDED.count, _ENDED.units, unit),
            _ENDED.seed,
            unit,
            units=_ENDED.units,
        )
        records = search(wanted, time.monotonic, lambda: False)
        logs.append("".join(f"{encode(record)}\n" for record in records))
    return logs


if __name__ == "__main__":
    main()
