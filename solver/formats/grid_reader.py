"""Squares written as people write them, told apart by which reading makes them Latin."""

from collections.abc import Iterator
from dataclasses import replace

from solver.formats.arrays import PagedRuns, in_runs_flaw
from solver.formats.cells import Reading, latin, nearly_latin
from solver.formats.headings import (
    is_beside,
    is_label,
    is_name,
    is_remark,
    may_be_row,
    names_columns,
)
from solver.formats.items import MAX_ORDER, Item, Read
from solver.formats.layouts import in_parts, on_one_line, readings, some_columns, square
from solver.formats.symbols import Row
from solver.formats.unread import LABELS, columns_missing, faulty, given, labels, unread
from solver.formats.windows import may_be_square, told, windows

BLOCK_LIMIT = 2**20
"""Symbols of lines that make no square yet; then they are judged as they stand."""
_LISTED = 2 * MAX_ORDER
"""So many of the last lines of a list of symbols say how long a symbol may be."""
_PATIENCE = 4
"""So many times its order of rows a square that begins out of step waits for the end of them."""


class GridReader:
    """Takes line after line; gives a square as soon as no other reading of it is left."""

    def __init__(self) -> None:
        self._lines: list[Row] = []
        """Since the last square or blank line."""
        self._rows: list[Row] = []
        """These without what stands beside rows, such as page numbers."""
        self._rules: list[int] = []
        """Before which rows a rule, a comment or a heading stands."""
        self._alike = 0
        """How many of the last rows have as many symbols."""
        self._size = 0
        self._joined = False
        """Whether a square stands right before the lines."""
        self._last: Row | None = None
        """The last row of the last square."""
        self._waiting: list[list[Row]] = []
        """What stood between blank lines and is no square alone: these may stand between rows."""
        self._waits_joined = False
        self._runs: PagedRuns | None = None
        """Those that wait, where that is an array so far."""
        self._in_parts = False
        """Whether it was said that some columns of a square stand before the others."""
        self._skipping = False

    def feed(self, row: Row) -> Iterator[Read]:
        """One line that is not blank."""
        row = self._listed(row)
        if not row.words:
            if row.text[0] not in "[](){}":
                yield from self.close()
            return
        if self._skipping:
            return
        if not self._is_beside(row):
            yield from self._take(row)
            return
        self._lines.append(row)
        self._size += len(row.words)
        self._part()

    def rule(self) -> None:
        """A line that is drawn, or a comment: it may part squares, or the rows of one."""
        self._joined = self._joined and bool(self._rows)
        self._part()

    def columns(self, *, more: bool) -> Iterator[Read]:
        """A line that says which columns of a square stand behind it; `more`: not the first."""
        if more and not self._in_parts and self._rows:
            rows = [row for row in self._rows if not is_name(row)] or self._rows
            self._begin_again(joined=False)
            yield from self._abandoned(rows[0])
            self._waiting.append(rows)
        elif self._in_parts:
            yield from self.close()
        else:
            yield from self.end()
        self._in_parts = True

    def close(self) -> Iterator[Read]:
        """A blank line: what stands before it is read, or waits for what stands behind it."""
        self._skipping = False
        lines, rows, rules, joined = self._lines, self._rows, self._rules, self._joined
        self._begin_again(joined=False)
        if not lines:
            return
        kept = [row for row in rows if not is_name(row)]
        if kept and self._runs and self._runs.go_on(kept):
            self._waiting.append(kept)
            if self._runs.whole and (found := readings(waited := self._waited())):
                self._waiting, self._runs, self._size = [], None, 0
                yield from given(waited, found)
                self._last = rows[-1]
            return
        under = {*rules} - {0, len(rows)} == {1}
        if under and not joined and names_columns(rows[0].words) and readings(rows[1:]):
            lines = [line for line in lines if line is not rows[0]]
            rows, rules = rows[1:], []
        width = len(rows[0].words)
        waited = [*self._waited(), *rows]
        if self._in_parts and len(rows) > width and self._size <= BLOCK_LIMIT:
            tables = [
                [row.words for row in (*self._waited(), *some)] for some in _ways(lines, rows)
            ]
            if one := _whole_of(tables):
                self._waiting, self._in_parts = [], False
                yield from given(waited, [one])
            else:
                self._waiting.append(rows)
        elif joined and _has_one_too_many(rows):
            yield from self._abandoned(rows[0])
            yield from told(rows, rules, joined=True, last=self._last)
        elif read := next(filter(readings, _ways(lines, rows)), []):
            found = readings(read)
            yield from self._abandoned(read[0])
            yield from given(read, found)
            self._last = read[-1]
        elif self._waiting and (found := readings(waited)):
            self._waiting, self._runs = [], None
            yield from given(waited, found)
            self._last = waited[-1]
        elif len(kept) > 1 and (runs := PagedRuns()).go_on(kept):
            yield from self._abandoned(kept[0])
            self._waits_joined = joined
            self._waiting, self._runs = [kept], runs
        elif part := next(filter(some_columns, _ways(lines, rows)), []):
            yield from self._abandoned(part[0])
            self._waiting.append(part)
            self._in_parts = True
        elif near := self._nearly(lines, rows):
            first, told_of = near
            yield from self._abandoned(first)
            yield from told_of
            self._last = rows[-1]
        elif self._waiting and _are_beside(rows, self._waiting[0][0]):
            yield from labels(rows)
        elif len({len(row.words) for row in rows}) > 1 or len(rows) >= width > 1:
            yield from self._abandoned(rows[0])
            yield from told(rows, rules, joined=joined, last=self._last)
        else:
            if self._waiting and len(self._waiting[0][0].words) != width:
                yield from self._abandoned(rows[0])
            runs = PagedRuns()
            self._runs = runs if not self._waiting and runs.go_on(rows) else None
            self._waits_joined = self._waits_joined if self._waiting else joined
            self._waiting.append(rows)
            if (width > 1 and len(self._waited()) == width) or self._size > BLOCK_LIMIT:
                yield from self._abandoned(None)
        self._size = sum(len(row.words) for row in self._waited())

    def _nearly(self, lines: list[Row], rows: list[Row]) -> tuple[Row, list[Item]] | None:
        """What is said of lines that are squares but for a few cells, and the first of these.

        None where they are not, or go on what waits.
        """
        if self._waiting and len(self._waiting[0][0].words) == len(rows[0].words):
            return None
        if windows(rows):
            return None
        found = ((way[0], [*faulty(way)]) for way in _ways(lines, rows))
        return next((near for near in found if near[1]), None)

    def end(self) -> Iterator[Read]:
        """The end, or the beginning of something else."""
        yield from self.close()
        yield from self._abandoned(None)
        self._size = 0

    def _take(self, row: Row) -> Iterator[Read]:
        """A row, or what is taken for one until the rows behind it are known."""
        width = len(row.words)
        if self._rows and width != len(self._rows[-1].words):
            if self._could_end():
                yield from self.close()
            elif self._names_columns(row) or (
                len(self._rows) <= LABELS and all(is_beside(one, row) for one in self._rows)
            ):
                self._rows, self._rules = [], []
            self._alike = 0
        self._lines.append(row)
        self._rows.append(row)
        self._alike += 1
        self._size += width
        whole, found = self._whole()
        if found:
            rest, rows = self._rows[:-whole], self._rows[-whole:]
            yield from self._told_of(rest, rows[0])
            yield from given(rows, found)
            self._last = rows[-1]
        elif self._has_whole():
            yield from self._told_of(self._rows, None)
        elif self._size > BLOCK_LIMIT:
            full = self._alike >= width
            yield from self.end()
            self._skipping = not full

    def _told_of(self, rows: list[Row], first: Row | None) -> Iterator[Read]:
        """What is said of the rows before a square, and before these."""
        rules, joined = self._rules, self._joined
        self._begin_again(joined=True)
        yield from self._abandoned(rows[0] if rows else first)
        if rows:
            yield from told(rows, rules, first, joined=joined, last=self._last)

    def _names_columns(self, row: Row) -> bool:
        """Whether the one line before stands above the columns of cells in brackets."""
        words = self._rows[0].words
        alone = len(self._rows) == 1 < len(words)
        return alone and row.group * len(words) == len(row.words) and names_columns(words)

    def _is_beside(self, row: Row) -> bool:
        """Whether a line says something beside the rows before it."""
        if not self._rows:
            return False
        last = self._rows[-1]
        if len(last.words) == len(row.words) and bool(last.word) == bool(row.word):
            another = len(row.words) > 1 and row.words[0] not in last.words
            return another and is_label(row) and not may_be_row(row) and is_beside(row, last)
        # What stands beside this one begins nothing.
        return (may_be_row(last) or not is_beside(last, row)) and is_beside(row, last)

    def _listed(self, row: Row) -> Row:
        """A number in a list of one symbol a line whole, not cut into digits."""
        if self._in_parts and row.word.isdecimal():
            return replace(row, words=(row.word,))
        listed = len(self._rows) > LABELS and all(len(one.words) == 1 for one in self._rows[-2:])
        if listed and row.word.isdecimal() and self._alike > LABELS:
            # Three digits after one are rather the first row of a square.
            most = 1 + max(len(one.words[0]) for one in self._rows[-_LISTED:])
            if len(row.word) <= most:
                return replace(row, words=(row.word,))
        return row

    def _whole(self) -> tuple[int, list[Reading]]:
        """What the last rows make, whatever follows, and how many these are."""
        last = self._rows[-1].words
        width = len(last)
        start = len(self._rows) - width
        ruled = self._rules[-1] if self._rules else 0
        in_step = start >= ruled and start % width == 0
        if width >= 3 and self._alike >= width and in_step:
            ways = square([row.words for row in self._rows[start:]])
            if ways:
                return width, [[way] for way in ways]
        if width > 4 and self._alike == 1 and (one := on_one_line(last)):
            return 1, [one]
        # Four symbols may also be a run of an orthogonal array, as may others among their like.
        pair = self._rows[-2:]
        if width == 4 and self._alike == 2 and all(on_one_line(row.words) for row in pair):
            return 2, readings(pair)
        return 0, []

    def _has_whole(self) -> bool:
        """Whether the last rows are a square after rows that none came of for long."""
        width = len(self._rows[-1].words)
        if not 3 <= width <= self._alike or len(self._rows) < _PATIENCE * width:
            return False
        window = self._rows[-width:]
        return may_be_square(window) and bool(square([row.words for row in window]))

    def _part(self) -> None:
        if self._rows and self._rules[-1:] != [len(self._rows)]:
            self._rules.append(len(self._rows))

    def _begin_again(self, *, joined: bool) -> None:
        self._lines, self._rows, self._rules = [], [], []
        self._alike = self._size = 0
        self._joined = joined

    def _could_end(self) -> bool:
        """Whether the rows so far are squares, Latin or not, once another kind follows."""
        width = len(self._rows[0].words)
        if len(self._rows) == 1 and width == 4 and not self._rows[0].word:
            # Not a square of order 2 on one line, but a row or something else.
            return False
        if self._alike < len(self._rows) or (width > 1 and is_name(self._rows[0])):
            return False
        if (
            _is_of_lengths(self._rows[-1])
            or _of_two_digits(self._rows)
            or _in_columns(self._rules, len(self._rows))
        ):
            return bool(readings(self._rows))
        return (width > 1 and self._alike % width == 0) or bool(readings(self._rows))

    def _abandoned(self, following: Row | None) -> Iterator[Read]:
        """Says of what waits that it is no square."""
        waiting, in_parts, runs = self._waiting, self._in_parts, self._runs
        self._waiting, self._in_parts, self._runs = [], False, None
        if in_parts and waiting:
            yield columns_missing(waiting[0])
            return
        together = [row for rows in waiting for row in rows]
        if runs and len(waiting) > 1 and len(together) > len(together[0].words):
            yield from [*faulty(together)] or [in_runs_flaw(together)]
            return
        if all(len(rows) == 1 for rows in waiting):
            waiting = [[rows[0] for rows in waiting]] if waiting else []
        elif following is None and sum(map(len, waiting)) == len(waiting[0][0].words):
            waiting = [[row for rows in waiting for row in rows]]
        for rows in waiting:
            yield from unread(rows, following, joined=self._waits_joined, last=self._last)

    def _waited(self) -> list[Row]:
        return [row for rows in self._waiting for row in rows]


def _ways(lines: list[Row], rows: list[Row]) -> Iterator[list[Row]]:
    """The lines without labels before and behind them, all of them, and without any."""
    start, end = 0, len(lines)
    while start < end and is_name(lines[start]):
        start += 1
    while start < end and (
        is_name(lines[end - 1]) or is_remark([lines[end - 1]], lines[start : start + 1])
    ):
        end -= 1
    if 0 < end - start < len(lines):
        yield lines[start:end]
    yield lines
    if len(rows) < len(lines):
        yield rows


def _whole_of(tables: list[list[tuple[str, ...]]]) -> Reading:
    """The square of which these are all columns; [] where none is."""
    ways = (in_parts(table, judge=judge) for judge in (latin, nearly_latin) for table in tables)
    return next(filter(None, ways), [])


def _is_of_lengths(row: Row) -> bool:
    """Whether a line is rows of squares of different orders, each written as one word."""
    lengths = [len(word) for word in row.words]
    return min(lengths) > 1 < len(set(lengths))


def _of_two_digits(rows: list[Row]) -> bool:
    """Whether lines may as well be numbers above 9 in a list of one a line."""
    return all(len(row.word) == 2 and row.word.isdecimal() for row in rows)


def _in_columns(rules: list[int], number: int) -> bool:
    """Whether names of columns part rows evenly: other columns of the same rows follow."""
    first = next((rule for rule in rules if rule), number)
    return 1 < first < number and [*range(first, number + 1, first)] == [r for r in rules if r]


def _are_beside(rows: list[Row], other: Row) -> bool:
    """Whether all are labels or sentences; many of one symbol are a list."""
    return len(rows) <= LABELS and all(is_beside(row, other) for row in rows)


def _has_one_too_many(rows: list[Row]) -> bool:
    """Whether rows are squares without the first, which is one row more of a square before."""
    head, *rest = rows
    if len(rest) < 2 or len(head.words) == len(rest[0].words) or is_label(head):
        return False
    return bool(readings(rest))
