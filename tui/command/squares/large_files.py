"""`verify` and `analyse` for squares above order 256: a row at a time, a bit for each pair."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from base.errors import UsageError
from solver.formats.large_rows import BadRow, begins_large, numbered_rows
from solver.row_verifier import RowVerifier
from tui.command.messages import say
from tui.command.squares.square_files import STANDARD_INPUT, lines_from

_HEAD = 64 * 1024
"""Bytes looked at to tell how large squares are; of standard input what waits there."""


@dataclass(slots=True)
class LargeSet:
    """What was found out about a set: the first sentence on what is wrong with it, '' for none."""

    line: int
    order: int
    squares: int
    flaw: str = ""
    diagonal: tuple[bool, ...] = ()


def is_large_file(name: str) -> bool:
    """Whether the squares of a file must be read by rows; raises OSError."""
    if name == STANDARD_INPUT:
        stream = sys.stdin.buffer
        if stream.isatty() or not isinstance(stream, BufferedReader):
            return False
        return begins_large(stream.peek(_HEAD))
    path = Path(name)
    if not path.is_file():
        return False
    with path.open("rb") as stream, suppress(OSError):
        return begins_large(stream.read(_HEAD))
    # Its disk fails: told by who reads it.
    return False


def verify_large(name: str, mols: int) -> int:
    """`squarm verify`; raises UsageError, OSError."""
    failed = 0
    for found in _sets(name, mols):
        failed += bool(found.flaw)
        if found.flaw:
            say(f"line {found.line}: {found.flaw}")
        else:
            print(f"verified: {_kind(found.squares)} of order {found.order}.")
    return 1 if failed else 0


def analyse_large(name: str, mols: int, *, as_json: bool) -> int:
    """`squarm analyse`: what can be said without holding a square; raises UsageError, OSError."""
    failed = 0
    for number, found in enumerate(_sets(name, mols), 1):
        failed += bool(found.flaw)
        if as_json:
            body = {
                "set": number,
                "line": found.line,
                "order": found.order,
                "squares": found.squares,
                "verified": not found.flaw,
                "why": found.flaw,
                "diagonal": found.diagonal,
            }
            print(json.dumps(body, separators=(",", ":")))
            continue
        verified = "Latin and mutually orthogonal" if found.squares > 1 else "Latin"
        print(f"set {number} (line {found.line}): {_kind(found.squares)} of order {found.order}")
        print(f"  {'verified':<20} {found.flaw or verified}")
        for square, diagonal in enumerate(found.diagonal, 1):
            print(f"  {f'square {square} diagonal':<20} {'yes' if diagonal else 'no'}")
        print(f"  {'all else':<20} not found out: too large\n")
    return 1 if failed else 0


def _sets(name: str, mols: int) -> Iterator[LargeSet]:
    """Each set of a file, gone through to its end, or to what is wrong with it."""
    if mols > 1:
        raise UsageError(
            "Squares this large are taken together where they share a grid, as squarm solve "
            "writes them: leave out --mols."
        )
    reading: _Reading | None = None
    with _stream(name) as stream:
        try:
            for line, rows in numbered_rows(lines_from(stream, name)):
                reading = reading or _Reading(line, rows)
                if reading.add(rows):
                    yield reading.found
                    if reading.found.flaw:
                        return
                    reading = None
        except BadRow as error:
            raise UsageError(str(error).removesuffix(".")) from None
    if reading is not None:
        yield reading.end()


class _Reading:
    """A set of which rows are being read."""

    def __init__(self, line: int, rows: list[list[int]]) -> None:
        self.found = LargeSet(line, len(rows[0]), len(rows))
        self._verifier = RowVerifier(self.found.order, self.found.squares)
        self._seen: list[tuple[set[int], set[int]]] = [(set(), set()) for _ in rows]

    def add(self, rows: list[list[int]]) -> bool:
        """Take in the next row; True once there is an end to it, good or bad."""
        found, number = self.found, self._verifier.rows
        found.flaw = self._verifier.add(rows)
        if found.flaw:
            return True
        for (forward, backward), row in zip(self._seen, rows, strict=True):
            forward.add(row[number])
            backward.add(row[-1 - number])
        if self._verifier.rows < found.order:
            return False
        found.diagonal = tuple(len(one) == len(other) == found.order for one, other in self._seen)
        return True

    def end(self) -> LargeSet:
        """The set as it is where the text ends within it."""
        self.found.flaw = self._verifier.end()
        return self.found


@contextmanager
def _stream(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as stream:
        yield stream


def _kind(squares: int) -> str:
    return {1: "1 square", 2: "1 pair"}.get(squares, f"1 set of {squares} squares")
