"""Squares as `--format csv` writes them: one row of one square of one set a line."""

import re
from collections.abc import Iterator

from solver.formats.items import MAX_ORDER, Given, Item, Problem
from solver.formats.symbols import numbered, odd

HEAD = "set,order,square,row,cells"
"""The header: a set's number, the order, which square of the set and which row, its symbols."""
_WHOLE = re.compile(r"[0-9]{1,18}")


class CsvReader:
    """Takes line after line behind the header; a set ends where the next begins."""

    def __init__(self) -> None:
        self._set = ""
        self._order = 0
        self._start = 0
        self._rows: dict[tuple[int, int], list[str]] = {}
        self._spoilt = False

    def feed(self, number: int, text: str) -> Iterator[Item]:
        """One line that is not blank."""
        name = text.split(",", 1)[0]
        if name != self._set:
            yield from self.close()
            self._set, self._start = name, number
        if self._spoilt:
            return
        if wrong := self._enter(text.split(",")):
            self._spoilt = True
            yield Problem(number, f"line {number}: {wrong}: the set {name[:20]!r} is passed over.")

    def close(self) -> Iterator[Item]:
        """The end of a set."""
        rows, self._rows = self._rows, {}
        spoilt, self._spoilt = self._spoilt, False
        name, self._set = self._set, ""
        if not rows or spoilt:
            return
        order = self._order
        count = len(rows) // order
        if set(rows) != {(square, row) for square in range(count) for row in range(order)}:
            yield Problem(
                self._start,
                f"line {self._start}: the set {name[:20]!r} begun here is not whole: each of its "
                f"squares needs the rows 0 to {order - 1}.",
            )
            return
        squares = (numbered([rows[square, row] for row in range(order)]) for square in range(count))
        yield Given(self._start, tuple(squares))

    def _enter(self, fields: list[str]) -> str:
        """Take in one row; what is wrong with it, '' where nothing is."""
        if len(fields) != 5 or not all(
            field.isdecimal() and field.isascii() for field in fields[:4]
        ):
            return f"this is no line of {HEAD}"
        order, square, row = (int(field) for field in fields[1:4])
        cells = fields[4].split()
        if not 1 <= order <= MAX_ORDER or (self._rows and order != self._order):
            return f"order {order} is not between 1 and {MAX_ORDER}, or not the set's"
        if len(cells) != order:
            return f"there are {len(cells)} cells in a row of order {order}"
        if (square, row) in self._rows:
            return f"row {row} of square {square} is there twice"
        self._order = order
        self._rows[square, row] = cells
        return odd(cells)
