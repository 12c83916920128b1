"""Real records for tests, made by the real search, and waiting for what real processes do."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cache
from itertools import islice

from solver.question import share
from solver.records import Record, SquareRecord
from solver.search.units import Unit, search
from swarm.job import JobSpec


@cache
def unit_records(spec: JobSpec, unit: int) -> tuple[Record, ...]:
    """All that the solver gives for a unit."""
    count = share(spec.count, spec.units, unit)
    wanted = Unit(spec.question, count, spec.seed, unit, units=spec.units)
    return tuple(search(wanted, lambda: 0.0, lambda: False))


def squares(spec: JobSpec, count: int) -> list[SquareRecord]:
    """The first square records of a job."""
    every = (
        record
        for unit in range(spec.units)
        for record in unit_records(spec, unit)
        if isinstance(record, SquareRecord)
    )
    return list(islice(every, count))


async def until(condition: Callable[[], Awaitable[object]], seconds: float = 20.0) -> None:
    """Wait until something has come about; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.02)
