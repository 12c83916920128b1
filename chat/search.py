"""A search that the bot runs: its job, and what has come of it so far."""

from collections.abc import Sequence

from chat.asks import Ask
from chat.replies import SECONDS, End
from chat.request import MOST_SQUARES, Hunt, Search
from swarm.job import JobSpec
from swarm.ledger import verdict
from swarm.report import JobRow, Result
from swarm.store import Store


def job_of(search: Search | Hunt, seed: int) -> JobSpec:
    """The job for a search; all other limits are those of any job."""
    if isinstance(search, Hunt):
        return JobSpec(count=MOST_SQUARES, seconds=SECONDS, seed=seed, triple=True)
    return JobSpec(order=search.order, count=search.count, seconds=SECONDS, seed=seed)


def spec_of(ask: Ask) -> JobSpec:
    """The job's specification of a request that has one."""
    return JobSpec.from_json(ask.spec)


def found_by(store: Store, job: str) -> list[Result]:
    """A job's squares, oldest first."""
    if not store.found(job):
        return []
    return store.results(job=job, limit=MOST_SQUARES)[::-1]


def best_of(results: Sequence[Result]) -> list[Result]:
    """The triple that is nearest to three orthogonal squares, the oldest of equals."""
    return sorted(results, key=lambda result: (-sum(result.covered or ()), result.id))[:1]


def end_of(store: Store, row: JobRow) -> End:
    """What the store holds of an ended job: a unit is finished there when its squares are."""
    job = row.job.id
    proof = store.proof(job)
    return End(
        missing=row.job.spec.units - len(store.finished_units(job)),
        found=store.found(job),
        verdict=verdict(proof) if proof else "",
    )
