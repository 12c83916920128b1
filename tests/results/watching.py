"""What a watch reports, and whether all of a job was kept."""

from results.reports import Event, FoundBatch, JobRow, LogBatch, Snapshot
from results.store import Store
from solver.question import Question
from solver.records import SquareRecord
from swarm.engine import LogLine
from swarm.job import JobSpec
from tests.swarm.samples import squares

SPEC = JobSpec(Question(10), count=48, seed=21)


class Events:
    """Everything a watch reported."""

    def __init__(self) -> None:
        self.all: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.all.append(event)

    @property
    def snapshots(self) -> list[Snapshot]:
        return [event for event in self.all if isinstance(event, Snapshot)]

    @property
    def lines(self) -> list[LogLine]:
        batches = [event for event in self.all if isinstance(event, LogBatch)]
        return [line for batch in batches for line in batch.lines]

    @property
    def found(self) -> list[SquareRecord]:
        batches = [event for event in self.all if isinstance(event, FoundBatch)]
        return [
            record
            for batch in batches
            for result in batch.results
            for record in squares(SPEC, SPEC.count)
            if record.squares == result.squares
        ]

    def row(self, job: str) -> JobRow:
        return next(row for row in self.snapshots[-1].jobs if row.job.id == job)

    def gap_was_shown(self) -> bool:
        return any(row.gaps for snapshot in self.snapshots for row in snapshot.jobs)


def assert_all_kept_once(store: Store, job: str, events: Events) -> None:
    wanted = squares(SPEC, SPEC.count)
    assert store.found(job) == SPEC.count
    assert {r.squares for r in store.results(limit=1000)} == {r.squares for r in wanted}
    assert len(events.found) == len(set(events.found)) == SPEC.count
    assert len(store.finished_units(job)) == SPEC.units
