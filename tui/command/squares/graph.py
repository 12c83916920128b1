"""`squarm graph`: which squares are orthogonal to which, and the spectra of their classes."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from base.errors import UsageError
from results.store import Store, default_path
from solver.classes.analysis import square_flaw
from solver.classes.graph import Edge
from solver.formats.reading import Given, Problem
from solver.records import Rows
from swarm.job_values import parse_order, parse_whole
from tui.command.messages import Progress, say
from tui.command.parser import Parser
from tui.command.squares.graph_report import MATES, Graphs, csv_edge, print_csv, print_text
from tui.command.squares.square_files import squares_in
from tui.command.squares.which_results import read_job

_SQUARES = 1_000
"""Squares of an order that are compared each with each, unless more are asked for."""
_PAGE = 200
_EACH = 0.2
"""Seconds between two looks at how many classes are counted."""


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="*",
        help="files with squares, - for standard input (default: the results kept)",
    )
    parser.add_argument("--order", metavar="N", help="only squares of this order")
    parser.add_argument("--job", metavar="JOB", help="of the results kept only what this job found")
    parser.add_argument(
        "--at-least",
        metavar="R",
        help="join squares that make R pairs of symbols or more (default: all, order squared)",
    )
    parser.add_argument(
        "--squares",
        metavar="N",
        default=str(_SQUARES),
        help=f"compare the first N different squares of an order (default: {_SQUARES:,})",
    )
    parser.add_argument(
        "--mates",
        metavar="N",
        help=f"count mates to N, however long it takes (default: {MATES:,}, for a moment)",
    )
    parser.add_argument(
        "--csv", choices=("edges", "classes"), help="who is joined to whom, or the classes, as CSV"
    )
    parser.set_defaults(run=graph)
    parser.add_examples(
        ("squarm graph", "of all results that are kept"),
        ("squarm graph squares.txt --at-least 90", "who makes 90 pairs of symbols with whom"),
        ("squarm solve 9 --mols 8 | squarm graph -", "eight squares, each joined to each"),
        ("squarm graph --csv edges > edges.csv", "for a program that draws graphs"),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A square, or a sentence on what could not be read."""

    square: Rows = ()
    where: str = ""
    problem: str = ""


def graph(arguments: argparse.Namespace) -> int:
    """Print the graph of each order: 1 where a square is not Latin, 2 where something is unread.

    Raises UsageError, StoreError, or OSError where a file cannot be read.
    """
    if arguments.job and arguments.file:
        raise UsageError("A job's results are in the results file: leave out the files, or --job.")
    only = None if arguments.order is None else parse_order(arguments.order)
    graphs = Graphs(
        at_least=_whole(arguments, "at_least", 0, 10**8),
        most=_whole(arguments, "squares", _SQUARES, 10**6),
        mates=_whole(arguments, "mates", 0, 10**12),
    )
    # Compiled loops do not look at signals: Ctrl-C ends the process itself, between two lines.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    worst = 0
    with Progress() as progress, _source(arguments, only, progress) as squares:
        if arguments.csv == "edges":
            print("order,one,other,r,class_one,class_other")
        for found in squares:
            wrong = found.problem
            if not wrong and (flaw := square_flaw(found.square)):
                wrong, worst = f"{found.where}: this square is not Latin: {flaw}.", max(worst, 1)
            if wrong:
                progress.clear()
                say(wrong)
                worst = 2 if found.problem else worst
                continue
            if only in (None, len(found.square)):
                edges = graphs.add(found.square)
                if arguments.csv == "edges" and edges:
                    progress.clear()
                    _print_edges(graphs, len(found.square), edges)
        if arguments.csv != "edges":
            _print_report(graphs, progress, as_csv=arguments.csv == "classes")
        progress.clear()
    for sentence in graphs.bounds():
        say(sentence)
    if not graphs.read and not worst:
        say("There are no such squares: squarm help graph tells where they may come from.")
        return 2 if arguments.file else 0
    return worst


def _whole(arguments: argparse.Namespace, name: str, otherwise: int, most: int) -> int:
    text = vars(arguments)[name]
    if text is None:
        return otherwise
    called = name.replace("_", "-")
    value = parse_whole(called, text)
    if not 1 <= value <= most:
        raise UsageError(f"{called.capitalize()} must be between 1 and {most:,}: {value:,} is not.")
    return value


def _print_edges(graphs: Graphs, order: int, edges: list[Edge]) -> None:
    for edge in edges:
        print(csv_edge(graphs.orders[order], edge))
    sys.stdout.flush()


def _print_report(graphs: Graphs, progress: Progress, *, as_csv: bool) -> None:
    due = 0.0
    for each in graphs.orders.values():
        for done, _ in enumerate(each.count(), 1):
            if time.monotonic() >= due:
                what = f"{done:,} of {len(each.classes):,} classes counted"
                progress.show(f"order {each.order}: {what}")
                due = time.monotonic() + _EACH
    progress.clear()
    if as_csv:
        print_csv(graphs)
        return
    for each in graphs.orders.values():
        print_text(each)


@contextmanager
def _source(
    arguments: argparse.Namespace, only: int | None, progress: Progress
) -> Iterator[Iterator[_Found]]:
    """The squares of the files, one after the other, or of the results kept."""
    if arguments.file:
        yield _of_files(arguments.file, progress)
        return
    path = arguments.results or default_path()
    if not path.exists():
        raise UsageError(f"There are no results in {path} yet: name a file with squares.")
    with Store.open(path, read_only=True) as store:
        yield _of_store(store, only, read_job(store, arguments), progress)


def _of_files(names: list[str], progress: Progress) -> Iterator[_Found]:
    for name in names:
        of = f"{name}: " if len(names) > 1 else ""
        with squares_in(name, 1, progress) as items:
            for item in items:
                if isinstance(item, Problem):
                    yield _Found(problem=of + item.sentence)
                elif isinstance(item, Given):
                    for square in item.squares:
                        yield _Found(square, f"{of}Line {item.line}")


def _of_store(
    store: Store, order: int | None, job: str | None, progress: Progress
) -> Iterator[_Found]:
    before: int | None = None
    passed = 0
    while read := store.results(order, job, _PAGE, before):
        progress.show(f"{passed:,} results read")
        passed += len(read)
        for result in read:
            for square in result.squares:
                yield _Found(square, f"Result {result.id}")
        before = read[-1].id
