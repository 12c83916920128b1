"""Which of the results kept a verb is about: the options, and what they choose."""

import argparse
from collections.abc import Iterator
from typing import Any

from results.result import Result
from results.store import Store
from swarm.job_names import match_job
from swarm.job_values import parse_order


def add_which(parser: argparse.ArgumentParser, *, behind: bool = False) -> None:
    """Define them; `behind` an action they have no default: it would hide what stood before it."""
    group = parser.add_argument_group("which")
    suppressed: dict[str, Any] = {"default": argparse.SUPPRESS} if behind else {}
    group.add_argument("--order", metavar="N", help="only squares of this order", **suppressed)
    group.add_argument(
        "--job",
        metavar="JOB",
        help="only what this job found; its id's beginning will do",
        **suppressed,
    )
    group.add_argument(
        "--distinct",
        action="store_true",
        help="of each main class only the first that was found",
        **suppressed,
    )


def is_chosen(arguments: argparse.Namespace) -> bool:
    """Whether less than all is asked for."""
    return arguments.order is not None or arguments.job is not None or arguments.distinct


def read_order(arguments: argparse.Namespace) -> int | None:
    """The order asked for, if any; raises UsageError."""
    return None if arguments.order is None else parse_order(arguments.order)


def read_job(store: Store, arguments: argparse.Namespace) -> str | None:
    """The job asked for, if any, also where nothing is kept of it; raises EngineError."""
    if arguments.job is None:
        return None
    found = match_job(store.jobs(), arguments.job, "give more of its id")
    # Of what is no text nothing can be looked for.
    return found or str(arguments.job).encode(errors="replace").decode()


def newest(
    store: Store, arguments: argparse.Namespace, order: int | None, page: int
) -> Iterator[Result]:
    """All that is asked for, newest first, read `page` at a time; raises EngineError, StoreError.

    `order`: what `read_order` gave.
    """
    job = read_job(store, arguments)
    before: int | None = None
    while read := store.results(order, job, page, before, distinct=arguments.distinct):
        yield from read
        before = read[-1].id
