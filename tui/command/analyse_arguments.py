"""What `squarm analyse` and `squarm verify` understand."""

import argparse
from collections.abc import Callable

from base.errors import UsageError
from solver.classes.analysis import MATES
from swarm.job import parse_whole

_FILE = "the squares: grids, one-line squares, CSV, JSON or records; - for standard input"
MOST_MOLS = 62


def add(verb: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Define both verbs."""
    analyse = verb("analyse", "say everything about squares: Latin, transversals, mates, class")
    _add_file(analyse)
    analyse.add_argument("--json", action="store_true", help="one JSON object a square")
    analyse.add_argument(
        "--mates", metavar="N", default=str(MATES), help=f"count mates to N (default: {MATES:,})"
    )
    _add_file(verb("verify", "check squares and records, whoever found them"))


def mols(arguments: argparse.Namespace) -> int:
    """How many squares that come alone make one set; raises UsageError."""
    wanted = parse_whole("mols", arguments.mols)
    if not 1 <= wanted <= MOST_MOLS:
        raise UsageError(f"Mols must be between 1 and {MOST_MOLS}: {wanted} is not.")
    return wanted


def mates(arguments: argparse.Namespace) -> int:
    """How far mates are counted; raises UsageError."""
    cap = parse_whole("mates", arguments.mates)
    if not 1 <= cap <= 10**12:
        raise UsageError(f"Mates must be between 1 and {10**12:,}: {cap:,} is not.")
    return cap


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE)
    parser.add_argument(
        "--mols", metavar="K", default="1", help="squares that come alone are K to a set"
    )
