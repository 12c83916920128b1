"""Sets in JSON with a row of each square a line, as `squarm solve` writes what no record holds."""

from collections.abc import Iterator, Mapping
from itertools import chain
from sys import intern

from solver.formats.items import MAX_ORDER, Given, Item, Problem, too_large
from solver.formats.symbols import numbered, odd

_KEYS = {"order", "row", "cells"}


def is_row(body: Mapping[str, object]) -> bool:
    """Whether an object of JSON is a row of each square of a set."""
    return body.keys() == _KEYS


class JsonRows:
    """Takes row after row; a set is whole with its last."""

    def __init__(self) -> None:
        self._start = 0
        self._order = 0
        self._rows: list[list[list[str]]] = []
        self._spoilt = False

    def add(self, line: int, body: Mapping[str, object]) -> Iterator[Item]:
        """One row of each square."""
        row, order = body["row"], body["order"]
        if row == 0 or order != self._order:
            yield from self.close()
            self._start, self._order = line, order if isinstance(order, int) else 0
            if self._order > MAX_ORDER:
                self._spoilt = True
                yield too_large(line, self._order)
        if self._spoilt:
            return
        if wrong := self._enter(row, body["cells"]):
            self._rows, self._spoilt = [], True
            yield Problem(line, f"line {line}: {wrong}: the set is passed over.")
        elif len(self._rows) == self._order:
            rows, self._rows, self._order = self._rows, [], 0
            yield Given(self._start, tuple(map(numbered, zip(*rows, strict=True))))

    def close(self) -> Iterator[Item]:
        """The end, or the beginning of another set."""
        begun, self._rows, self._spoilt, self._order = len(self._rows), [], False, 0
        if begun:
            line = self._start
            yield Problem(
                line, f"line {line}: the set begun here has {begun:,} rows: it is cut off."
            )

    def _enter(self, row: object, cells: object) -> str:
        """Take in one row of each; what is wrong with it, '' where nothing is."""
        if row != len(self._rows):
            return f"this is row {str(row)[:20]} where row {len(self._rows)} of a set is due"
        if not isinstance(cells, list) or not 1 <= len(cells) <= MAX_ORDER:
            return f"a row of each of 1 to {MAX_ORDER} squares is due"
        if self._rows and len(cells) != len(self._rows[0]):
            return f"there are {len(cells)} squares, not {len(self._rows[0])} as in the first row"
        if any(not isinstance(one, list) or len(one) != self._order for one in cells):
            return f"each square has {self._order} cells in a row"
        kinds = {type(symbol) for symbol in chain.from_iterable(cells)}
        if not kinds <= {int, str}:
            return "write numbers or letters"
        # The same few names each time: a large set has millions of them.
        self._rows.append([[intern(str(symbol)) for symbol in one] for one in cells])
        return odd(chain.from_iterable(self._rows[-1]))
