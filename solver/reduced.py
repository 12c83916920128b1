"""Every reduced Latin square of an order: first row and first column in natural order.

Whether a square has a mate does not change when rows, columns or symbols are permuted, so the
reduced squares decide an order. There are 1, 1, 1, 4, 56, 9,408, 16,942,080 of orders 1 to 7
(OEIS A000315). Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.latin import zeros

# Offsets into the flat state.
TRIED: Final = 256  # [cell]: symbols still to be tried there
ROW_USED: Final = 512
COLUMN_USED: Final = 528
STATE: Final = 1024


@final
class Reduced:
    """Walks through the reduced squares of one order, row by row, smallest symbols first."""

    def __init__(self, order: int) -> None:
        self.order: i64 = order
        self.square: vec[i64] = zeros(STATE)
        self.started = False
        state = self.square
        for i in range(order):
            state[i] = i
            state[i * 16] = i
            state[ROW_USED + i] = 1 << i
            state[COLUMN_USED + i] = 1 << i

    def advance(self) -> bool:
        """Put the next reduced square in `square` (16 cells a row); False after the last."""
        n = self.order
        state = self.square
        cells = (n - 1) * (n - 1)
        if not self.started:
            self.started = True
            if cells == 0:
                return True
            _open(state, n, 0)
            return _fill(state, n, 0)
        if cells == 0:
            return False
        _clear(state, n, cells - 1)
        return _fill(state, n, cells - 1)


def _open(state: vec[i64], n: i64, cell: i64) -> None:
    """List the symbols that fit in the `cell`th cell of the inner (n - 1) x (n - 1) square."""
    r = cell // (n - 1) + 1
    c = cell % (n - 1) + 1
    one: i64 = 1
    state[TRIED + cell] = ((one << n) - 1) & ~(state[ROW_USED + r] | state[COLUMN_USED + c])


def _clear(state: vec[i64], n: i64, cell: i64) -> None:
    """Take the symbol out of a cell."""
    r = cell // (n - 1) + 1
    c = cell % (n - 1) + 1
    one: i64 = 1
    bit = one << state[r * 16 + c]
    state[ROW_USED + r] ^= bit
    state[COLUMN_USED + c] ^= bit


def _fill(state: vec[i64], n: i64, cell: i64) -> bool:
    """Fill cells from the `cell`th on, backtracking; False where no filling is left."""
    last = (n - 1) * (n - 1) - 1
    while cell >= 0:
        tried = state[TRIED + cell]
        if tried == 0:
            cell -= 1
            if cell >= 0:
                _clear(state, n, cell)
            continue
        low = tried & -tried
        state[TRIED + cell] = tried ^ low
        r = cell // (n - 1) + 1
        c = cell % (n - 1) + 1
        symbol: i64 = 0
        while low >> symbol != 1:
            symbol += 1
        state[r * 16 + c] = symbol
        state[ROW_USED + r] |= low
        state[COLUMN_USED + c] |= low
        if cell == last:
            return True
        cell += 1
        _open(state, n, cell)
    return False
