"""`squarm results`: the squares kept, newest first."""

import argparse
import sys
from itertools import islice
from pathlib import Path

from base.errors import UsageError
from results.result import Result
from results.store import Store, default_path
from tui.command.messages import say
from tui.command.options import add_format, add_limit, read_limit
from tui.command.parser import Parser
from tui.command.squares.formats import writer
from tui.command.squares.results_file import add_actions
from tui.command.squares.triples import print_board
from tui.command.squares.which_results import add_which, is_chosen, newest, read_order

_PAGE = 200


def add(parser: Parser) -> None:
    """Define its options."""
    add_which(parser)
    parser.add_argument(
        "--triples", action="store_true", help="the leaderboard of the hunt (squarm run --triple)"
    )
    add_limit(parser, 20)
    add_format(parser, default="")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.set_defaults(run=results)
    add_actions(parser)
    parser.add_examples(
        ("squarm results", "the newest 20, each with its number, its job and its date"),
        ("squarm results --job mols10-3f --limit all", "all that a job found"),
        ("squarm results --order 8 --distinct --json", "one of each main class, for a program"),
        ("squarm results --format csv > squares.csv", "for a spreadsheet"),
        ("squarm results export all.jsonl", "all that is kept, to be imported elsewhere"),
        ("squarm results export mine.jsonl --job mols10-3f", "what one job found"),
        ("squarm results import theirs.jsonl", "verify and keep what somebody else found"),
        ("squarm results restore COPY", "back to what the daemon copied one night"),
    )


def results(arguments: argparse.Namespace) -> int:
    """Print what is kept; raises UsageError and StoreError."""
    order = read_order(arguments)
    if arguments.triples and is_chosen(arguments):
        raise UsageError("Of triples all are shown: leave out --order, --job and --distinct.")
    limit = read_limit(arguments)
    style = "json" if arguments.json else arguments.format
    path = arguments.results or default_path()
    if not path.exists():
        say(f"There are no results in {path} yet: squarm run 10 finds some.")
        return 0
    with Store.open(path, read_only=True) as store:
        if arguments.triples:
            _triples(store, path, limit, style)
            return 0
        found = newest(store, arguments, order, min(limit + 1, _PAGE))
        form, printed = writer(style), 0
        for result in islice(found, limit):
            sys.stdout.write(form.result(result))
            printed += 1
        more = next(found, None) is not None
    if not printed:
        say(f"There are no such results in {path}: squarm results shows what there is.")
    elif more:
        say(f"These are the newest {printed:,}: --limit all prints all.")
    return 0


def _triples(store: Store, path: Path, limit: int, style: str) -> None:
    best: list[Result] = store.triples(limit)
    if not style:
        print_board(best)
    else:
        form = writer(style)
        for result in best:
            sys.stdout.write(form.result(result))
    if not best:
        say(f"There are no triples in {path} yet: squarm run --triple hunts for some.")
