"""Squares from a file or from standard input, with progress while a long one is read."""

import argparse
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from base.errors import UsageError
from solver.formats.layouts import orthogonal
from solver.formats.reading import Given, Item, Problem, lines_of, read
from solver.question import SQUARES_LIMIT, packed
from solver.records import Rows
from solver.verify import not_latin
from swarm.job_values import parse_whole
from tui.command.messages import Progress, say

STANDARD_INPUT = "-"
MOST_MOLS = 62
_FILE = "the squares, in any common notation; - for standard input"
_EACH = 0.2
"""Seconds between two looks at the progress."""


def add_file(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which squares, and how they belong together."""
    parser.add_argument("file", metavar="FILE", help=_FILE)
    parser.add_argument(
        "--mols",
        metavar="K",
        default="",
        help="squares that come alone are K to a set (default: those that are orthogonal)",
    )


def mols(text: str) -> int:
    """How many squares that come alone make one set, 0 where that is not said.

    Raises UsageError.
    """
    if not text:
        return 0
    wanted = parse_whole("mols", text)
    if not 1 <= wanted <= MOST_MOLS:
        raise UsageError(f"Mols must be between 1 and {MOST_MOLS}: {wanted} is not.")
    return wanted


@dataclass(slots=True)
class Passage:
    """How far reading has come: bytes of `size` (0: not known), lines, things read.

    `broken`: why it came no further, in a sentence, though there is more.
    """

    size: int = 0
    passed: int = 0
    lines: int = 0
    read: int = 0
    broken: str = ""

    def text(self) -> str:
        """For the progress line."""
        share = f", {100 * self.passed // self.size} % of the file" if self.size else ""
        return f"{self.read:,} read{share}"


@contextmanager
def squares_in(name: str, mols: int, progress: Progress) -> Iterator[Iterator[Item]]:
    """Everything in a file; squares that come alone are taken `mols` at a time.

    With 0 those that follow one another and are orthogonal are one set. Where a disk fails in the
    middle of the file that is the last there is. Raises OSError where the file cannot be opened.
    """
    with _opened(name) as stream:
        about = os.fstat(stream.fileno())
        passage = Passage(about.st_size if stat.S_ISREG(about.st_mode) else 0)
        items = read(_counted(lines_from(stream, name), passage))
        sets = together(items, mols) if mols else orthogonal_together(items)
        yield _shown(_to_the_end(sets, passage), passage, progress)


def orthogonal_together(items: Iterator[Item]) -> Iterator[Item]:
    """Joins squares that come alone, one behind the other, as long as all are orthogonal."""
    waiting: list[Given] = []
    for item in items:
        if not isinstance(item, Given) or item.record or not _may_join(item.squares):
            yield from _flushed(waiting)
            yield item
            continue
        if not all(orthogonal(one.squares[0], item.squares[0]) for one in waiting):
            yield from _flushed(waiting)
        waiting.append(item)
    yield from _flushed(waiting)


def _may_join(squares: tuple[Rows, ...]) -> bool:
    return len(squares) == 1 and len(squares[0]) > 2 and not not_latin(squares[0])


def _flushed(waiting: list[Given]) -> Iterator[Given]:
    if waiting:
        yield _joined(waiting)
        waiting.clear()


def _joined(waiting: list[Given]) -> Given:
    if len(waiting) == 1:
        return waiting[0]
    return Given(waiting[0].line, tuple(one.squares[0] for one in waiting))


def together(items: Iterator[Item], mols: int) -> Iterator[Item]:
    """Joins each `mols` squares that come alone into one set."""
    waiting: list[Given] = []
    for item in items:
        if mols == 1 or not isinstance(item, Given) or item.record or len(item.squares) > 1:
            if waiting:
                yield _left_over(waiting, mols)
                waiting = []
            yield item
            continue
        waiting.append(item)
        if len(waiting) == mols:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _left_over(waiting, mols)


def _left_over(waiting: list[Given], mols: int) -> Problem:
    line = waiting[0].line
    return Problem(
        line,
        f"line {line}: {len(waiting)} of {mols} squares of a set begin here: add the others, or "
        "say another --mols.",
    )


def packed_squares(file: str, size: int) -> str:
    """A file's squares of one order as a job carries them; raises UsageError, OSError."""
    squares: list[Rows] = []
    others = 0
    with Progress() as progress, squares_in(file, 1, progress) as items:
        for item in items:
            if isinstance(item, Problem):
                raise UsageError(item.sentence.removesuffix("."))
            if isinstance(item, Given):
                squares.append(_of_order(item, size))
                others += len(item.squares) - 1
            if len(squares) * size * size > SQUARES_LIMIT:
                most = SQUARES_LIMIT // (size * size + 1)
                raise UsageError(
                    f"{file} has more squares than the {most:,} of order {size} that a job "
                    "carries: give it fewer."
                )
    if not squares:
        raise UsageError(f"There are no squares in {file}.")
    if others:
        say(
            f"{file} holds sets: the first square of each is searched from, {others:,} others are "
            f"left out. Write each square alone to search from all."
        )
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


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD_INPUT:
        if sys.stdin.isatty():
            raise UsageError("Name a file, or send squares to standard input: nobody does.")
        yield sys.stdin.buffer
        return
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name} is a folder: name a file with squares.")
    with path.open("rb") as stream:
        yield stream


def lines_from(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The lines of a file that is open; raises OSError, which names it, where its disk fails."""
    try:
        yield from lines_of(stream)
    except OSError as error:
        shown = "Standard input" if name == STANDARD_INPUT else name
        raise OSError(error.errno, error.strerror, shown) from None


def _counted(lines: Iterator[bytes], passage: Passage) -> Iterator[bytes]:
    try:
        for line in lines:
            passage.passed += len(line)
            passage.lines += 1
            yield line
    except OSError as error:
        passage.broken = (
            f"{error.filename} cannot be read from line {passage.lines + 1} on "
            f"({error.strerror}): what follows is not looked at."
        )


def _to_the_end(items: Iterator[Item], passage: Passage) -> Iterator[Item]:
    yield from items
    if passage.broken:
        yield Problem(passage.lines + 1, passage.broken)


def _shown(items: Iterator[Item], passage: Passage, progress: Progress) -> Iterator[Item]:
    due = time.monotonic() + _EACH
    for item in items:
        passage.read += 1
        if time.monotonic() >= due:
            progress.show(passage.text())
            due = time.monotonic() + _EACH
        yield item
