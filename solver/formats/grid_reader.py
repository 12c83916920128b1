"""Squares written as people write them, told apart by which reading makes them Latin."""

from collections.abc import Iterator

from solver.formats.items import Item, Problem
from solver.formats.layouts import Reading, on_one_line, readings, square
from solver.formats.symbols import Row, row_of
from solver.formats.unread import given, unread

BLOCK_LIMIT = 2**20
"""Symbols of lines that make no square yet; then they are judged as they stand."""


class GridReader:
    """Takes line after line; gives a square as soon as no other reading of it is left."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        """Since the last square or blank line."""
        self._alike = 0
        """How many of the last of them have as many symbols."""
        self._size = 0
        self._waiting: list[list[Row]] = []
        """What stood between blank lines and is no square alone: these may stand between rows."""
        self._skipping = False

    def feed(self, number: int, text: str) -> Iterator[Item]:
        """One line that is not blank."""
        row = row_of(number, text)
        if not row.words and text[0] in "[](){}":
            return
        if not row.words:
            yield Problem(number, f"line {number}: there is no symbol in this line: remove it.")
            return
        if self._skipping:
            return
        width = len(row.words)
        if self._rows and width != len(self._rows[-1].words):
            if self._could_end():
                yield from self.close()
            self._alike = 0
        self._rows.append(row)
        self._alike += 1
        self._size += width
        whole, found = self._whole()
        if found:
            rest, rows = self._rows[:-whole], self._rows[-whole:]
            self._begin_again()
            yield from self._abandoned((rest or rows)[0])
            if rest:
                yield from unread(rest, rows[0])
            yield from given(rows, found)
        elif self._size > BLOCK_LIMIT:
            full = self._alike >= width
            yield from self.end()
            self._skipping = not full

    def close(self) -> Iterator[Item]:
        """A blank line: what stands before it is read, or waits for what stands behind it."""
        self._skipping = False
        rows = self._rows
        self._begin_again()
        if not rows:
            return
        width = len(rows[0].words)
        if found := readings(rows):
            yield from self._abandoned(rows[0])
            yield from given(rows, found)
        elif self._waiting and (found := readings(waited := [*self._waited(), *rows])):
            self._waiting = []
            yield from given(waited, found)
        elif len({len(row.words) for row in rows}) > 1 or len(rows) >= width > 1:
            yield from self._abandoned(rows[0])
            yield from unread(rows)
        else:
            if self._waiting and len(self._waiting[0][0].words) != width:
                yield from self._abandoned(rows[0])
            self._waiting.append(rows)
            if (width > 1 and len(self._waited()) == width) or self._size > BLOCK_LIMIT:
                yield from self._abandoned(None)
        self._size = sum(len(row.words) for row in self._waited())

    def end(self) -> Iterator[Item]:
        """The end, or the beginning of something else."""
        yield from self.close()
        yield from self._abandoned(None)
        self._size = 0

    def _whole(self) -> tuple[int, list[Reading]]:
        """What the last lines make, whatever follows, and how many these are."""
        last = self._rows[-1].words
        width = len(last)
        if width >= 3 and self._alike % width == 0:
            ways = square([row.words for row in self._rows[-width:]])
            if ways:
                return width, [[way] for way in ways]
        one = on_one_line(last)
        if one and width > 4 and self._alike == 1:
            return 1, [one]
        # Four symbols may also be a run of an orthogonal array, as may others among their like.
        if one and width == 4 and self._alike == 2 and on_one_line(self._rows[-2].words):
            return 2, readings(self._rows[-2:])
        return 0, []

    def _begin_again(self) -> None:
        self._rows = []
        self._alike = self._size = 0

    def _could_end(self) -> bool:
        """Whether the lines so far are squares, Latin or not, once another kind follows."""
        width = len(self._rows[0].words)
        if self._alike < len(self._rows):
            return False
        return (width > 1 and self._alike % width == 0) or bool(readings(self._rows))

    def _abandoned(self, following: Row | None) -> Iterator[Item]:
        """Says of what waits that it is no square."""
        waiting, self._waiting = self._waiting, []
        if all(len(rows) == 1 for rows in waiting):
            waiting = [[rows[0] for rows in waiting]] if waiting else []
        elif following is None and sum(map(len, waiting)) == len(waiting[0][0].words):
            waiting = [[row for rows in waiting for row in rows]]
        for rows in waiting:
            yield from unread(rows, following)

    def _waited(self) -> list[Row]:
        return [row for rows in self._waiting for row in rows]
