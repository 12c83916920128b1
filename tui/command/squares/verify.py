"""`squarm verify`: the independent verifier over squares and records from anywhere."""

import argparse
from collections import Counter

from solver.classes.analysis import square_flaw
from solver.formats.reading import Ended, Given, Problem
from solver.records import checksum, digest
from solver.verify import flaw, flaw_of
from tui.command.messages import Progress, say
from tui.command.parser import Parser
from tui.command.squares.large_files import is_large_file, verify_large
from tui.command.squares.square_files import add_file, mols, squares_in

_KINDS = {1: "square", 2: "pair"}


def add(parser: Parser) -> None:
    """Define its options."""
    add_file(parser)
    parser.set_defaults(run=verify)
    parser.add_examples(
        ("squarm verify squares.txt", "are they Latin, and orthogonal?"),
        ("squarm results --limit all | squarm verify -", "all that is kept"),
        ("squarm logs mols10-3f | squarm verify -", "what a job's workers wrote"),
    )


def verify(arguments: argparse.Namespace) -> int:
    """Check everything in a file: 0 where all is sound, 1 where not, 2 where not all is readable.

    Raises UsageError, or OSError where the file cannot be read.
    """
    name, together = arguments.file, mols(arguments.mols)
    if is_large_file(name):
        return verify_large(name, together)
    sound: Counter[tuple[int, int]] = Counter()
    failed = unread = 0
    units: dict[int, dict[int, str]] = {}
    with Progress() as progress, squares_in(name, together, progress) as items:
        for item in items:
            wrong = ""
            match item:
                case Problem():
                    wrong = item.sentence
                    unread += not item.altered
                    failed += item.altered
                case Ended():
                    wrong = _end_flaw(item, units.pop(item.record.unit, {}))
                    failed += bool(wrong)
                case Given():
                    wrong = _flaw(item)
                    failed += bool(wrong)
                    if not wrong:
                        sound[len(item.squares), len(item.squares[0])] += 1
                    if item.record is not None:
                        sums = units.setdefault(item.record.unit, {})
                        sums[item.record.seq] = checksum(item.record)
            if wrong:
                progress.clear()
                say(wrong)
    return _conclude(name, sound, failed, unread)


def _flaw(given: Given) -> str:
    """One sentence on what is wrong with what was given; '' where nothing is."""
    if given.record is not None:
        wrong = flaw_of(given.record)
    elif len(given.squares) == 1:
        wrong = square_flaw(given.squares[0])
        wrong = f"this square is not Latin: {wrong}." if wrong else ""
    else:
        wrong = flaw(given.squares)
    return f"line {given.line}: {wrong}" if wrong else ""


def _end_flaw(end: Ended, sums: dict[int, str]) -> str:
    """Whether the records of a unit, by number, are all that it gave, as it gave them."""
    unit, count = end.record.unit, end.record.count
    if len(sums) != count or max(sums, default=0) >= max(count, 1):
        return (
            f"line {end.line}: unit {unit} ends here with {count:,} squares, of which "
            f"{len(sums):,} were read."
        )
    if digest([sums[seq] for seq in range(count)]) != end.record.digest:
        return f"line {end.line}: the digest of unit {unit} is not that of its squares."
    return ""


def _conclude(name: str, sound: Counter[tuple[int, int]], failed: int, unread: int) -> int:
    if sound:
        kinds = (
            f"{number:,} {_kind(squares, number)} of order {order}"
            for (squares, order), number in sorted(sound.items())
        )
        print(f"verified: {', '.join(kinds)}.")
    elif not failed and not unread:
        say(f"There are no squares in {name}: see docs/using/analyse.md for how to write them.")
        return 2
    if failed or unread:
        print(f"failed: {failed:,}; not readable: {unread:,}.")
    return 2 if unread else 1 if failed else 0


def _kind(squares: int, number: int) -> str:
    kind = _KINDS.get(squares)
    if kind is None:
        return f"set{'' if number == 1 else 's'} of {squares} squares"
    return kind if number == 1 else f"{kind}s"
