"""What a results file holds: some squares and a partial triple, found at times that stay."""

from functools import cache
from pathlib import Path

from results.store import Store
from solver.question import Question
from solver.records import SquareRecord, TripleRecord
from swarm.job import JobSpec
from tests.swarm.samples import squares, unit_records
from tests.tui.console.scripted.console import NOW


@cache
def some_records() -> tuple[SquareRecord, ...]:
    """Five pairs of order 10."""
    return tuple(squares(JobSpec(Question(10), count=40, seed=1), 5))


@cache
def a_triple() -> TripleRecord:
    """A partial triple."""
    spec = JobSpec(Question(source="turn", triple=True), count=1, replicas=1, seed=3)
    return next(record for record in unit_records(spec, 0) if isinstance(record, TripleRecord))


def keep_some(folder: Path) -> None:
    """Put them where `scripted_app` looks for them."""
    found = [("pi-02", NOW - 600 + n, record) for n, record in enumerate(some_records())]
    with Store.open(folder / "results.sqlite") as store:
        store.bring_in("mols10-77aa01", found)
        store.bring_in("mols10-triple-0c1d2e", [("pi-03", NOW - 500, a_triple())])
