"""`squarm results`: the squares kept, newest first."""

import argparse
import sys
from pathlib import Path

from base.errors import UsageError
from results.store import Store, default_path
from swarm.job import parse_order, parse_whole
from tui.command.messages import say
from tui.command.options import FORMATS
from tui.command.squares.formats import writer
from tui.command.squares.triples import triples as board

_PAGE = 200


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    parser.add_argument("--order", metavar="N", help="only squares of this order")
    parser.add_argument("--job", metavar="JOB", help="only what this job found")
    parser.add_argument("--triples", action="store_true", help="the leaderboard of --triple")
    parser.add_argument("--limit", metavar="N", default="20", help="at most so many (default: 20)")
    parser.add_argument(
        "--distinct", action="store_true", help="of squares that differ in names alone only one"
    )
    parser.add_argument("--format", choices=FORMATS, default="", help="default: grid")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.set_defaults(run=results)


def results(arguments: argparse.Namespace) -> int:
    """Print up to `limit` results; 1 where there are none.

    One of each class where `distinct`; with `triples` their leaderboard.
    """
    size = None if arguments.order is None else parse_order(arguments.order)
    left = parse_whole("limit", arguments.limit)
    style = "json" if arguments.json else arguments.format
    if left < 1:
        raise UsageError(f"Limit must be 1 or more: {left} is not.")
    path = arguments.results or default_path()
    if not path.exists():
        say(f"There are no results in {path} yet: squarm run 10 finds some.")
        return 1
    if arguments.triples:
        return _triples(path, left, style)
    form = writer(style)
    before: int | None = None
    with Store.open(path, read_only=True) as store:
        while page := store.results(
            size, arguments.job, min(left, _PAGE), before, distinct=arguments.distinct
        ):
            for result in page:
                sys.stdout.write(form.result(result))
            before = page[-1].id
            left -= len(page)
            if left <= 0:
                break
    if before is None:
        say(f"There are no such results in {path}.")
        return 1
    return 0


def _triples(path: Path, limit: int, style: str) -> int:
    with Store.open(path, read_only=True) as store:
        if not style:
            found = board(store, limit)
        else:
            form = writer(style)
            best = store.triples(limit)
            for result in best:
                sys.stdout.write(form.result(result))
            found = bool(best)
    if not found:
        say(f"There are no triples in {path} yet: squarm run --triple hunts for some.")
    return 0 if found else 1
