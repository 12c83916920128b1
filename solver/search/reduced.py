"""Every reduced Latin square of an order: first row and first column in natural order.

Whether a square has a mate does not change when rows, columns or symbols are permuted, so the
reduced squares decide an order. There are 1, 1, 1, 4, 56, 9,408, 16,942,080 of orders 1 to 7
(OEIS A000315). Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import Source, zeros

# Offsets into the flat state.
TRIED: Final = 256  # [cell]: symbols still to be tried there
ROW_USED: Final = 512
COLUMN_USED: Final = 528
LINE: Final = 544  # [cell]: 16 times its row, plus its column
STATE: Final = 1024


@final
class Reduced(Source):
    """Walks through the reduced squares of one order, row by row, smallest symbols first.

    By beginnings: `begin` goes to the next filling of the first `rows` rows, `advance` and
    `count` through the squares that begin with it. With no `rows` there is one beginning.
    Of the beginnings only every `units`th is gone to, from the `number`th on, none before `since`.
    """

    def __init__(
        self, order: int, rows: int = 0, units: int = 1, number: int = 0, since: int = 0
    ) -> None:
        super().__init__(zeros(STATE))
        self.order: i64 = order
        self.units: i64 = units
        self.number: i64 = number
        self.since: i64 = since
        self.cells: i64 = (order - 1) * (order - 1)
        self.fixed: i64 = max(0, rows - 1) * (order - 1)
        self.begun = False
        self.inside = False
        state = self.square
        for i in range(order):
            state[i] = i
            state[i * 16] = i
            state[ROW_USED + i] = 1 << i
            state[COLUMN_USED + i] = 1 << i
        for cell in range((order - 1) * (order - 1)):
            state[LINE + cell] = 16 * (cell // (order - 1) + 1) + cell % (order - 1) + 1

    def begin(self) -> bool:
        """Go on to the next beginning; False after the last."""
        while self._next():
            self.part += 1
            if self.part >= self.since and self.part % self.units == self.number:
                return True
        return False

    def _next(self) -> bool:
        self.inside = False
        if self.fixed == 0:
            first = not self.begun
            self.begun = True
            return first
        if self.begun:
            _clear(self.square, self.fixed - 1)
            return _fill(self.square, self.order, self.fixed - 1, 0, self.fixed - 1)
        self.begun = True
        _open(self.square, self.order, 0)
        return _fill(self.square, self.order, 0, 0, self.fixed - 1)

    def advance(self) -> bool:
        """Put the next square with this beginning in `square` (16 cells a row); False after all."""
        n = self.order
        last = self.cells - 1
        if self.cells == self.fixed:
            first = not self.inside
            self.inside = True
            return first
        if self.inside:
            _clear(self.square, last)
            return _fill(self.square, n, last, self.fixed, last)
        self.inside = True
        _open(self.square, n, self.fixed)
        return _fill(self.square, n, self.fixed, self.fixed, last)

    def count(self) -> int:
        """Go through all squares with this beginning, and say how many there are."""
        squares = 0
        while self.advance():
            squares += 1
        return squares


def _open(state: vec[i64], n: i64, cell: i64) -> None:
    """List the symbols that fit in the `cell`th cell of the inner (n - 1) x (n - 1) square."""
    assert len(state) >= STATE
    at = state[(LINE + cell) & 1023]
    used = state[(ROW_USED + (at >> 4)) & 1023] | state[(COLUMN_USED + (at & 15)) & 1023]
    one: i64 = 1
    state[(TRIED + cell) & 1023] = ((one << n) - 1) & ~used


def _clear(state: vec[i64], cell: i64) -> None:
    """Take the symbol out of a cell."""
    assert len(state) >= STATE
    at = state[(LINE + cell) & 1023]
    one: i64 = 1
    bit = one << state[at & 1023]
    state[(ROW_USED + (at >> 4)) & 1023] ^= bit
    state[(COLUMN_USED + (at & 15)) & 1023] ^= bit


def _fill(state: vec[i64], n: i64, cell: i64, floor: i64, last: i64) -> bool:
    """Fill cells from the `cell`th to the `last`, backtracking to the `floor`th.

    False where no filling is left.
    """
    assert len(state) >= STATE
    while cell >= floor:
        tried = state[(TRIED + cell) & 1023]
        if tried == 0:
            cell -= 1
            if cell >= floor:
                _clear(state, cell)
            continue
        low = tried & -tried
        state[(TRIED + cell) & 1023] = tried ^ low
        at = state[(LINE + cell) & 1023]
        symbol: i64 = 0
        while low >> symbol != 1:
            symbol += 1
        state[at & 1023] = symbol
        state[(ROW_USED + (at >> 4)) & 1023] |= low
        state[(COLUMN_USED + (at & 15)) & 1023] |= low
        if cell == last:
            return True
        cell += 1
        _open(state, n, cell)
    return False
