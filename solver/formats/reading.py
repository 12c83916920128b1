"""Squares in text from anywhere, read line by line, however their writer put them down.

Nothing is judged here but whether the text holds squares; whether these are Latin is for the
verifier. What cannot be read is said in one sentence that names the line, and reading goes on
behind it.
"""

import re
from collections.abc import Iterable, Iterator

from solver.formats.blocks import BlockReader
from solver.formats.brackets.text_reader import TextReader
from solver.formats.csv_reader import HEAD, CsvReader
from solver.formats.decoding import LINE_LIMIT, decoded, lines_of
from solver.formats.items import Ended, Given, Item, Lone, Problem, Read
from solver.formats.lines.answers import ModelReader
from solver.formats.lines.markup import plain
from solver.formats.lines.spread import (
    fenced_whole,
    of_order_2_whole,
    repeated_whole,
    troff_whole,
)
from solver.formats.lines.tables import records_whole, rows_whole, turned_whole
from solver.formats.surroundings import Surroundings

__all__ = ["Ended", "Given", "Item", "Problem", "lines_of", "read"]

ROW_LIMIT = 1024 * 1024
"""Characters of a line that is not in brackets."""
LONE_LIMIT = 2**16
"""Lines of one symbol and nothing else before it is taken for certain that nothing else comes."""
_OF_ORDER_1 = re.compile(r"# (?:OA\(([3-9]|[1-9]\d{1,2}),1\)|([1-9]\d{0,2}) squares? of order 1)")
"""Above an array or a b-file of ours of which the lines do not tell that the order is 1."""
_COLUMNS = re.compile(r"[Cc]olumns? \d+(?: (?:through|to|and) \d+)?:?")
"""How MATLAB, Octave and Scilab begin some columns of what is wider than the screen."""
_PART = re.compile(r"\[\[([1-9]\d*|[A-Za-z][\w.]+)\]\]")
"""How R and TOML begin a part: a square of order 1 only where nothing else is."""
_R_COLUMNS = re.compile(r"\[,(\d+)\](?:\s+\[,\d+\])*")
"""Above a matrix of R, or above more columns of it."""
_NO_TEXT = {
    "\u2039\b": "compressed: unpack it first (gzip -d)",
    "PK\x03\x04": "a zip, as the files of spreadsheets are: save it as CSV, or unpack it",
    "%PDF-": "a PDF: copy its text out (pdftotext -layout)",
    "{\\rtf": "RTF: save it as plain text",
    "SQLite format 3": "a database of SQLite: write what is in it as CSV (sqlite3 -csv)",
}
"""How files that are no text begin, read as text, and what they are."""
_RTF = ("{\\pard", "{{\\pard")
"""How parts of RTF begin."""
_SEPARATORS = " \t,;|"
"""All that stands in an empty row of a spreadsheet."""


def read(lines: Iterable[bytes]) -> Iterator[Item]:
    """Everything in the text, in the order given."""
    text = Surroundings()
    yield from text.believed(_read(text.seen(lines)))


def _read(lines: Iterable[bytes]) -> Iterator[Item]:
    lone: list[Lone] = []
    others = False
    for item in _all(lines):
        if not isinstance(item, Lone):
            yield from (one.among for one in lone if one.among)
            lone, others = [], True
            yield item
        elif not others:
            lone.append(item)
            if len(lone) > LONE_LIMIT:
                yield lone.pop().alone
        elif item.among:
            yield item.among
    said = [one.alone for one in lone if isinstance(one.alone, Problem)]
    yield from said[:1] or (one.alone for one in lone)


def _all(lines: Iterable[bytes]) -> Iterator[Read]:
    grid, csv, text, model = BlockReader(), CsvReader(), TextReader(), ModelReader()
    in_csv = passing = False
    for number, line in _whole(decoded(lines)):
        if number == 1 and line and line.startswith(tuple(_NO_TEXT)):
            what = next(what for head, what in _NO_TEXT.items() if line.startswith(head))
            yield Problem(1, f"line 1: this is {what}.")
            return
        if line and line.startswith(_RTF):
            yield Problem(number, f"line {number}: this is RTF: save it as plain text.")
            return
        if line is None:
            yield _too_long(number, LINE_LIMIT)
        elif line.startswith('{"'):
            # Most that is read is JSON Lines of our own.
            if not text.busy:
                yield from grid.end()
                yield from csv.close()
                in_csv = False
            yield from text.feed(number, line, None)
        elif text.busy:
            yield from text.feed(number, line, plain(line))
        elif passing and line:
            continue
        elif line and (model.begun or line[0] in "vV") and model.opens(line):
            yield from grid.end()
            yield from model.feed(number, line)
        elif not line or not line.strip(_SEPARATORS):
            yield from grid.close()
            yield from csv.close()
            in_csv = passing = False
        elif line[0] == "#" and (ones := _OF_ORDER_1.fullmatch(line)):
            yield from grid.end()
            yield Given(number, (((0,),),) * (int(ones[1]) - 2 if ones[1] else int(ones[2])))
            passing = True
        elif line.startswith("[[") and (part := _PART.fullmatch(line)):
            yield from grid.close()
            if part[1].isdecimal():
                yield Lone(Given(number, (((0,),),)))
        elif line[0] in "sS" and model.is_status(line):
            model.begun = True
        elif _COLUMNS.fullmatch(line):
            yield from grid.columns(more=False)
        elif line.startswith("[,") and (columns := _R_COLUMNS.fullmatch(line)) and not text.busy:
            if columns[1] != "1":
                yield from grid.columns(more=True)
            else:
                grid.rule()
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
                if not rows:
                    grid.rule()
                elif text.holds and any(char.isalnum() for row in rows for char in row):
                    yield from text.let_go()
                for row in rows:
                    yield from grid.feed(number, row)
    yield from grid.end()
    yield from csv.close()
    yield from text.close()
    yield from model.close()


def _whole(lines: Iterable[tuple[int, str | None]]) -> Iterator[tuple[int, str | None]]:
    """The lines, each row on one, whole."""
    lines = fenced_whole(troff_whole(of_order_2_whole(rows_whole(turned_whole(lines)))))
    return records_whole(repeated_whole(lines))


def _too_long(number: int, limit: int) -> Problem:
    return Problem(
        number, f"line {number} is longer than {limit // 2**20} MiB: write one square a line."
    )
