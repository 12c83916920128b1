"""What `solve` and `run` may ask of the search beside an order: `solver.question` as arguments."""

import argparse
from typing import TypedDict

from base.errors import UsageError
from solver.formats.reading import Given, Problem
from solver.question import SOURCES, SQUARES_LIMIT, TRIPLE_ORDER, packed
from solver.records import Rows
from solver.verify import not_latin
from swarm.job import JobSpec, parse_order, parse_whole
from tui.command.speech import Progress


class Asked(TypedDict):
    """The fields of a job's question but for its order."""

    mols: int
    source: str
    mates: int
    diagonal: bool
    self_orthogonal: bool
    subsquare: int
    transversals: int
    triple: bool
    squares: str


def add_question(parser: argparse.ArgumentParser) -> None:
    """The arguments; what is wrong with their texts, `swarm.job` says in a sentence."""
    parser.add_argument("--mols", metavar="K", help="squares in a set, all orthogonal (default: 2)")
    parser.add_argument(
        "--source",
        metavar="SOURCE",
        help=f"where Latin squares come from: {', '.join(SOURCES)} (default: auto)",
    )
    parser.add_argument(
        "--file", metavar="FILE", help="the squares to search from, with --source file; - is stdin"
    )
    parser.add_argument("--mates", metavar="N", help="at most so many sets from one Latin square")
    parser.add_argument(
        "--diagonal", action="store_true", help="the first square has both diagonals full"
    )
    parser.add_argument(
        "--self-orthogonal", action="store_true", help="squares orthogonal to their transpose"
    )
    parser.add_argument("--subsquare", metavar="S", help="the first has a subsquare of order S")
    parser.add_argument("--transversals", metavar="T", help="the first has T transversals or more")
    parser.add_argument(
        "--triple", action="store_true", help="hunt for the nearest to three squares of order 10"
    )


def asked(arguments: argparse.Namespace) -> Asked:
    """The fields of a job; raises SpecError."""
    default = JobSpec()

    def whole(name: str, otherwise: int) -> int:
        text = getattr(arguments, name)
        return otherwise if text is None else parse_whole(name, text)

    return Asked(
        mols=whole("mols", default.mols),
        source=arguments.source or ("file" if arguments.file else default.source),
        mates=whole("mates", default.mates),
        diagonal=arguments.diagonal,
        self_orthogonal=arguments.self_orthogonal,
        subsquare=whole("subsquare", default.subsquare),
        transversals=whole("transversals", default.transversals),
        triple=arguments.triple,
        squares=_squares(arguments.file, arguments.order) if arguments.file else "",
    )


def _squares(file: str, order: str | None) -> str:
    """The file's squares as a job carries them; raises UsageError, OSError, SpecError."""
    from tui.command.square_files import squares_in

    size = TRIPLE_ORDER if order is None else parse_order(order)
    squares: list[Rows] = []
    with Progress() as progress, squares_in(file, 1, progress) as items:
        for item in items:
            if isinstance(item, Problem):
                raise UsageError(item.sentence.removesuffix("."))
            if isinstance(item, Given):
                squares.append(_of_order(item, size))
            if len(squares) * size * size > SQUARES_LIMIT:
                most = SQUARES_LIMIT // (size * size + 1)
                raise UsageError(
                    f"{file} has more squares than the {most:,} of order {size} that a job "
                    "carries: give it fewer."
                )
    if not squares:
        raise UsageError(f"There are no squares in {file}.")
    return packed(squares)


def _of_order(given: Given, order: int) -> Rows:
    """The first square of what was given, which must be Latin and of the job's order."""
    square = given.squares[0]
    if len(square) != order:
        raise UsageError(
            f"Line {given.line}: this square has order {len(square)}, the job's is {order}."
        )
    if wrong := not_latin(square):
        raise UsageError(f"Line {given.line}: this square is not Latin: {wrong}.")
    return square
