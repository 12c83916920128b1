"""The two mates of a Latin square that are nearest to being orthogonal, out of a list.

Compiled by mypyc; the same source runs without it, slower.
"""

from typing import final

from librt.vecs import vec
from mypy_extensions import i64

from solver.records import Rows
from solver.search.latin import zeros


@final
class NearestTwo:
    """Compares every two of a list of mates of squares of one order, up to 10.

    Of the nearest, `one` and `other` are their numbers.
    """

    def __init__(self, order: int) -> None:
        assert 1 <= order <= 10
        self.order: i64 = order
        self.one: i64 = 0
        self.other: i64 = 0
        self.symbols: vec[i64] = zeros(256)  # [cell]: a mate's symbol, as a bit
        self.sizes: vec[i64] = zeros(1024)  # [set of symbols]
        for bits in range(1024):
            self.sizes[bits] = bits.bit_count()

    def find(self, mates: vec[i64], count: i64) -> i64:
        """How many pairs of symbols the nearest two of `count` mates make; 0 of fewer than two.

        A mate is 16 words, a packed transversal a symbol.
        """
        best: i64 = 0
        i: i64 = 1
        while i < count:
            self._enter(mates, i * 16)
            j: i64 = 0
            while j < i:
                pairs = self._pairs(mates, j * 16)
                if pairs > best:
                    best = pairs
                    self.one = j
                    self.other = i
                j += 1
            i += 1
        return best

    def _enter(self, mates: vec[i64], at: i64) -> None:
        n = self.order
        symbols = self.symbols
        assert len(symbols) >= 256
        bit: i64 = 1
        end = at + n
        while at < end:
            transversal = mates[at]
            row: i64 = 0
            while row < n * 16:
                symbols[(row + (transversal & 15)) & 255] = bit
                transversal >>= 4
                row += 16
            bit += bit
            at += 1

    def _pairs(self, mates: vec[i64], at: i64) -> i64:
        """How many pairs of symbols a mate makes with the one entered."""
        symbols = self.symbols
        sizes = self.sizes
        assert len(symbols) >= 256
        assert len(sizes) >= 1024
        rows = self.order * 16
        end = at + self.order
        pairs: i64 = 0
        while at < end:
            transversal = mates[at]
            met: i64 = 0
            row: i64 = 0
            while row < rows:
                met |= symbols[(row + (transversal & 15)) & 255]
                transversal >>= 4
                row += 16
            pairs += sizes[met & 1023]
            at += 1
        return pairs


def rows_of_mate(mates: vec[i64], which: int, order: int) -> Rows:
    """A mate of the list, row by row; its symbols are 0 to n - 1 along its first row."""
    rows = [[0] * order for _ in range(order)]
    for at in range(which * 16, which * 16 + order):
        transversal = int(mates[at])
        symbol = transversal & 15
        for r in range(order):
            rows[r][(transversal >> (4 * r)) & 15] = symbol
    return tuple(map(tuple, rows))
