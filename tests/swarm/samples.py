"""Real records for tests, made by the real search."""

from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from solver.question import Question, packed, share
from solver.records import Record, Rows, SquareRecord
from solver.search.units import Unit, search
from swarm.job import JobSpec, with_parts


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


@dataclass
class Kept:
    """What a results file would say of jobs' units."""

    units: dict[str, set[int]] = field(default_factory=dict)

    def finished_units(self, job: str) -> set[int]:
        return self.units.get(job, set())

    def reached(self, _job: str, _unit: int) -> str:
        return ""


NOTHING_KEPT = Kept()


def counting(square: Rows, replicas: int = 2) -> JobSpec:
    """The job that counts a square's mates."""
    squares = packed([square])
    question = Question(len(square), source="file", squares=squares, count_mates=True)
    return with_parts(JobSpec(question, replicas=replicas))
