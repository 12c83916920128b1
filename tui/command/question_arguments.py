"""What `solve` and `run` may ask of the search beside an order: `solver.question` as arguments."""

import argparse
from typing import TypedDict

from solver.question import SOURCES
from swarm.job import JobSpec, parse_whole


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


def add_question(parser: argparse.ArgumentParser) -> None:
    """The arguments; what is wrong with their texts, `swarm.job` says in a sentence."""
    parser.add_argument("--mols", metavar="K", help="squares in a set, all orthogonal (default: 2)")
    parser.add_argument(
        "--source",
        metavar="SOURCE",
        help=f"where Latin squares come from: {', '.join(SOURCES)} (default: auto)",
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
        source=arguments.source or default.source,
        mates=whole("mates", default.mates),
        diagonal=arguments.diagonal,
        self_orthogonal=arguments.self_orthogonal,
        subsquare=whole("subsquare", default.subsquare),
        transversals=whole("transversals", default.transversals),
        triple=arguments.triple,
    )
