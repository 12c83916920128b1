"""Squares in text from anywhere, read line by line, however their writer put them down.

Nothing is judged here but whether the text holds squares; whether these are Latin is for the
verifier. What cannot be read is said in one sentence that names the line, and reading goes on
behind it.
"""

from collections.abc import Iterable, Iterator

from solver.formats.csv_reader import HEAD, CsvReader
from solver.formats.decoding import LINE_LIMIT, decoded, lines_of
from solver.formats.grid_reader import GridReader
from solver.formats.items import Ended, Given, Item, Problem
from solver.formats.markup import plain
from solver.formats.text_reader import TextReader

__all__ = ["Ended", "Given", "Item", "Problem", "lines_of", "read"]

ROW_LIMIT = 1024 * 1024
"""Characters of a line that is not in brackets."""


def read(lines: Iterable[bytes]) -> Iterator[Item]:
    """Everything in the text, in the order given."""
    grid, csv, text = GridReader(), CsvReader(), TextReader()
    in_csv = False
    for number, line in decoded(lines):
        if line is None:
            yield _too_long(number, LINE_LIMIT)
        elif line.startswith('{"'):
            # Most that is read is JSON Lines of our own.
            if not text.busy:
                yield from grid.end()
                yield from csv.close()
                in_csv = False
            yield from text.feed(number, line, [])
        elif text.busy:
            yield from text.feed(number, line, plain(line))
        elif not line:
            yield from grid.close()
            yield from csv.close()
            in_csv = False
        elif line == HEAD:
            yield from grid.end()
            in_csv = True
        elif in_csv and not line.startswith("#"):
            yield from csv.feed(number, line)
        else:
            rows = plain(line) if len(line) <= ROW_LIMIT or line[0] in "[({" else []
            if text.opens(line, rows):
                yield from grid.end()
                yield from csv.close()
                in_csv = False
                yield from text.feed(number, line, rows)
            elif len(line) > ROW_LIMIT:
                yield _too_long(number, ROW_LIMIT)
            else:
                for row in rows:
                    yield from grid.feed(number, row)
    yield from grid.end()
    yield from csv.close()
    yield from text.close()


def _too_long(number: int, limit: int) -> Problem:
    return Problem(
        number, f"line {number} is longer than {limit // 2**20} MiB: write one square a line."
    )
