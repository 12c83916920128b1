"""How many transversals a set of orthogonal squares has in common, in little memory.

A common transversal takes one cell of each row and of each column, and in each of the squares
all symbols are different; for one square these are its transversals. Row by row, backtracking:
slower than `solver.search.transversals` does, but for more squares, greater orders, and without
a list. Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.classes.canonical import Squares
from solver.search.latin import zeros

MAX_ORDER: Final = 60
"""So that a set of columns or of symbols is one word."""
MAX_SQUARES: Final = 62
LISTED: Final = 4096
"""Common transversals kept beside their count, of orders that pack into a word."""
PACKED: Final = 15


@final
class TransversalCount:
    """Counts the common transversals of sets of `squares` squares of one order."""

    def __init__(self, order: int, squares: int) -> None:
        assert 1 <= order <= MAX_ORDER
        assert 1 <= squares <= MAX_SQUARES
        self.n: i64 = order
        self.k: i64 = squares
        self.bits: vec[i64] = zeros(order * order * squares)
        self.used: vec[i64] = zeros((order + 1) * squares)
        self.next: vec[i64] = zeros(order + 1)
        self.free: vec[i64] = zeros(order + 1)
        self.path: vec[i64] = zeros(order + 1)
        self.listed: vec[i64] = zeros(LISTED)
        self.whole = True

    def count(self, squares: Squares, bound: i64) -> i64:
        """How many they have; `whole` is False where more than `bound` cells had to be tried.

        The first LISTED are in `listed`, packed as in `solver.search.transversals`, up to order 15.
        """
        n = self.n
        k = self.k
        one: i64 = 1
        for which, square in enumerate(squares):
            at: i64 = which
            for row in square:
                for symbol in row:
                    self.bits[at] = one << i64(symbol)
                    at += k
        self.whole = True
        self.free[0] = (one << n) - 1
        self.next[0] = 0
        self.path[0] = 0
        m: i64 = 0
        while m < k:
            self.used[m] = 0
            m += 1
        found, left = _walk(
            self.bits, self.used, self.next, self.free, self.path, self.listed, n, k, bound
        )
        self.whole = left >= 0
        return found


def _walk(
    bits: vec[i64],
    used: vec[i64],
    next_: vec[i64],
    free: vec[i64],
    path: vec[i64],
    listed: vec[i64],
    n: i64,
    k: i64,
    bound: i64,
) -> tuple[i64, i64]:
    """The number found, and what is left of the bound: negative where it did not suffice."""
    found: i64 = 0
    r: i64 = 0
    while r >= 0:
        c = next_[r]
        here = r * k
        columns = free[r] >> c
        at = here * n + c * k
        while columns != 0:
            bound -= 1
            if columns & 1:
                m: i64 = 0
                while m < k and used[here + m] & bits[at + m] == 0:
                    m += 1
                if m == k:
                    break
            columns >>= 1
            at += k
            c += 1
        if columns == 0 or bound < 0:
            r -= 1
            continue
        next_[r] = c + 1
        if r == n - 1:
            if found < LISTED and n <= PACKED:
                listed[found] = path[r] | (c << (4 * r))
            found += 1
            continue
        m = 0
        while m < k:
            used[here + k + m] = used[here + m] | bits[at + m]
            m += 1
        one: i64 = 1
        r += 1
        free[r] = free[r - 1] ^ (one << c)
        next_[r] = 0
        if n <= PACKED:
            path[r] = path[r - 1] | (c << (4 * (r - 1)))
    return found, bound
