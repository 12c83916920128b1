"""A search that the bot runs: its job, and what has come of it so far."""

from collections.abc import Sequence

from chat.bot.commands import MOST_SQUARES, HuntCommand, SearchCommand
from chat.bot.replies import SECONDS, End, proved
from chat.bot.requests import Request
from results.reports import JobRow
from results.result import Result
from results.store import Store
from solver.question import Question
from swarm.job import JobSpec

TRIPLES = 8
"""Of a hunt: one a unit, the first that comes near, after a second or two."""


def job_of(search: SearchCommand | HuntCommand, seed: int) -> JobSpec:
    """The job for a search; all other limits are those of any job."""
    if isinstance(search, HuntCommand):
        return JobSpec(Question(triple=True), TRIPLES, SECONDS, seed=seed)
    return JobSpec(search.question, search.count, SECONDS, seed=seed)


def spec_of(request: Request) -> JobSpec:
    """The job's specification of a request that has one."""
    return JobSpec.from_json(request.spec)


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
        verdict=proved(proof) if proof else "",
    )
