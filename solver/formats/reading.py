"""Squares in text from anywhere, read line by line: grids, one-line squares, CSV, JSON, records.

Nothing is judged here but whether the text holds squares; whether these are Latin is for the
verifier. What cannot be read is said in one sentence that names the line, and reading goes on
behind it.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from solver.formats.csv_reader import HEAD, CsvReader
from solver.formats.grid_reader import GridReader
from solver.formats.items import Ended, Given, Item, Problem
from solver.formats.json_reader import JsonReader

__all__ = ["Ended", "Given", "Item", "Problem", "lines_of", "read"]

LINE_LIMIT = 16 * 1024 * 1024
"""Bytes of one line."""


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The stream's lines; longer ones than LINE_LIMIT come in pieces, which `read` refuses."""
    return iter(lambda: stream.readline(LINE_LIMIT), b"")


def read(lines: Iterable[bytes]) -> Iterator[Item]:
    """Everything in the text, in the order given; lines that begin with # are comments."""
    grid, csv, text = GridReader(), CsvReader(), JsonReader()
    in_csv = False
    for number, line in _decoded(lines):
        if line is None:
            yield Problem(
                number,
                f"line {number} is longer than {LINE_LIMIT // 2**20} MiB: write one square a line.",
            )
        elif text.busy:
            yield from text.feed(number, line)
        elif line.startswith("#"):
            pass
        elif not line or line == HEAD or line[0] in "{[":
            yield from grid.close()
            yield from csv.close()
            in_csv = line == HEAD
            if line and not in_csv:
                yield from text.feed(number, line)
        elif in_csv:
            yield from csv.feed(number, line)
        else:
            yield from grid.feed(number, line)
    for reader in (grid, csv, text):
        yield from reader.close()


def _decoded(lines: Iterable[bytes]) -> Iterator[tuple[int, str | None]]:
    """Numbered lines without space around them; None for one that is too long."""
    number = 0
    in_pieces = False
    for line in lines:
        ended = line.endswith(b"\n") or len(line) < LINE_LIMIT
        if not in_pieces:
            number += 1
            yield number, line.decode("utf-8-sig", "replace").strip() if ended else None
        in_pieces = not ended
