"""A swarm engine for a test, and what the logs of its jobs say was found."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from solver.record_reader import decode
from solver.records import DoneRecord, SquareRecord, checksum, digest
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.docker.objects import JOB, Json
from swarm.engine import JobState, JobView, LogLine
from swarm.job import JobSpec
from tests.dockerd import IMAGE, Dockerd
from tests.swarm.samples import NOTHING_KEPT
from tests.waiting import until


@asynccontextmanager
async def engine_of(
    host: str, image: str = IMAGE, quiet: float = 20.0
) -> AsyncIterator[SwarmEngine]:
    engine = SwarmEngine(await find_manager(host), image, quiet)
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture
async def engine(swarm_manager: Dockerd) -> AsyncIterator[SwarmEngine]:
    async with engine_of(swarm_manager.host) as made:
        yield made


@dataclass(slots=True)
class Found:
    """What lines say was found: squares by unit and number, ends by unit, and how often."""

    squares: dict[tuple[int, int], SquareRecord]
    ends: dict[int, DoneRecord]
    times: Counter[tuple[int, int]]

    def check_whole(self, spec: JobSpec, units: Iterable[int] | None = None) -> None:
        """Every unit is there, in full, as its end says."""
        for unit in range(spec.units) if units is None else units:
            sums = [checksum(self.squares[unit, seq]) for seq in range(self.ends[unit].count)]
            assert self.ends[unit].digest == digest(sums)
        if units is None:
            assert len(self.squares) == spec.count


def read(lines: Iterable[LogLine]) -> Found:
    found = Found({}, {}, Counter())
    for line in lines:
        assert not line.stderr, line.text
        record = decode(line.text)
        assert record is None or record.unit == line.unit
        if isinstance(record, SquareRecord):
            key = (record.unit, record.seq)
            assert found.squares.setdefault(key, record).squares == record.squares
            found.times[key] += 1
        elif isinstance(record, DoneRecord):
            found.ends[record.unit] = record
    return found


async def lines_of(lines: AsyncIterator[LogLine]) -> list[LogLine]:
    return [line async for line in lines]


async def view_of(engine: SwarmEngine, job: str) -> JobView:
    """The job as whoever watches it sees it, who also tends it."""
    await engine.tend(NOTHING_KEPT)
    return next(view for view in await engine.jobs() if view.id == job)


async def reaches(engine: SwarmEngine, job: str, state: JobState, seconds: float = 180) -> JobView:
    async def there() -> bool:
        await asyncio.sleep(0.3)
        return (await view_of(engine, job)).state is state

    await until(there, seconds)
    return await view_of(engine, job)


async def why_of(engine: SwarmEngine, job: str) -> str:
    async def explained() -> bool:
        await asyncio.sleep(0.3)
        # What others did to the swarm is seen at the next look, not at once.
        return any(view.id == job and view.why for view in await engine.jobs())

    await until(explained)
    view = await view_of(engine, job)
    assert view.state is JobState.PENDING
    return view.why


async def read_while(
    engine: SwarmEngine, job: str, meddle: Callable[[list[LogLine]], object]
) -> list[LogLine]:
    """Follow a job to its end; `meddle` sees what was read so far, now and then."""
    lines: list[LogLine] = []
    last = time.monotonic()
    async for line in engine.follow(job):
        lines.append(line)
        if time.monotonic() - last > 0.2:
            last = time.monotonic()
            meddle(lines)
    return lines


def network(manager: Dockerd, job: str) -> str:
    """The id of a network for a job that no engine made."""
    labels = {JOB: job}
    made = manager.api().create_network(
        job, driver="overlay", scope="swarm", internal=True, labels=labels
    )
    return str(made["Id"])


def create(manager: Dockerd, body: Json) -> None:
    manager.api().create_service(
        body["TaskTemplate"],
        name=body["Name"],
        labels=body["Labels"],
        mode=body["Mode"],
        endpoint_spec=body["EndpointSpec"],
    )
