"""Mates that an automorphism of a Latin square leaves as they are.

It may make columns of rows and symbols of columns (an autoparatopism). It moves transversals along
orbits. One that is disjoint from all the others of its orbit makes with them so many symbols of a
mate, and together they cover whole orbits of cells. So a mate is an exact cover of these, a bit
each, by orbits of transversals.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import zeros
from solver.triples.invariant import Move

ROOM: Final = 2048
"""Orbits of transversals of a square, and mates."""
ORBITS: Final = 61
"""Of cells: a bit each."""


@final
class OrbitMates:
    """Finds the mates that one automorphism of their square leaves as they are.

    `move`: where it takes each (row, column, symbol) of the square. `mates`: those found, 16 words
    each, a packed transversal a word.
    """

    def __init__(self, order: int, move: Move) -> None:
        """About 0.3 MB."""
        self.order: i64 = order
        self.moves: vec[i64] = zeros(4096)  # [row, column, symbol]: the cell it goes to
        for r in range(order):
            for c in range(order):
                for s in range(order):
                    row, column, _ = move((r, c, s))
                    self.moves[r * 256 + c * 16 + s] = row * 16 + column
        self.goes: vec[i64] = zeros(256)  # [cell]: the cell it goes to
        self.moved: vec[i64] = zeros(256)  # [cell]: that one's nibble of a transversal
        self.cells: vec[i64] = zeros(256)  # [cell]: its orbit's bit
        self.orbits: i64 = 0
        self.nibbles: vec[i64] = zeros(2)
        self.nibbles[0] = sum(1 << (4 * r) for r in range(order))
        self.nibbles[1] = sum(8 << (4 * r) for r in range(order))
        self.bits: vec[i64] = zeros(64)
        for bit in range(ORBITS + 1):
            self.bits[bit] = 1 << bit
        self.listed: vec[i64] = zeros(ROOM)  # transversals, one an orbit
        self.sizes: vec[i64] = zeros(ROOM)  # how many are in it
        self.masks: vec[i64] = zeros(ROOM)  # the orbits of cells it covers
        self.sorted: vec[i64] = zeros(ROOM)  # by the lowest of these
        self.starts: vec[i64] = zeros(64)
        self.count: i64 = 0
        self.chosen: vec[i64] = zeros(16)
        self.mates: vec[i64] = zeros(16 * ROOM)
        self.found: i64 = 0

    def find(self, square: vec[i64], transversals: vec[i64], count: i64) -> i64:
        """Put the mates of a square (16 cells a row) in `mates`; returns how many.

        No more than there is room for; none where there are too many orbits of cells.
        """
        self.found = 0
        if self._number(square):
            self._list(transversals, count)
            # Every mate covers the first orbit.
            if self.starts[1] > 0:
                self._cover(0, 0, 0)
        return self.found

    def _number(self, square: vec[i64]) -> bool:
        """Number the orbits of cells, the last row's first: its are the shortest."""
        n = self.order
        r: i64 = 0
        while r < n:
            c: i64 = 0
            while c < n:
                cell = r * 16 + c
                to = self.moves[(cell * 16 + square[cell]) & 4095]
                self.goes[cell] = to
                self.moved[cell] = (to & 15) << (4 * (to >> 4))
                self.cells[cell] = 0
                c += 1
            r += 1
        self.orbits = 0
        r = n - 1
        while r >= 0:
            c = 0
            while c < n:
                cell = r * 16 + c
                if self.cells[cell] == 0:
                    if self.orbits >= ORBITS:
                        return False
                    while self.cells[cell] == 0:
                        self.cells[cell] = self.bits[self.orbits & 63]
                        cell = self.goes[cell]
                    self.orbits += 1
                c += 1
            r -= 1
        return True

    def _list(self, transversals: vec[i64], count: i64) -> None:
        """List one transversal of each orbit that may be of a mate, by the lowest cells covered."""
        starts = self.starts
        lowest = zeros(ROOM)
        bit: i64 = 0
        while bit < 64:
            starts[bit] = 0
            bit += 1
        listed: i64 = 0
        i: i64 = 0
        while i < count and listed < ROOM:
            size = self._size(transversals[i])
            if size > 0:
                self.listed[listed] = transversals[i]
                self.sizes[listed] = size
                mask = self._mask(transversals[i])
                self.masks[listed] = mask
                bit = 0
                while mask & self.bits[bit & 63] == 0:
                    bit += 1
                lowest[listed] = bit
                starts[(bit + 1) & 63] += 1
                listed += 1
            i += 1
        bit = 1
        while bit < 64:
            starts[bit] += starts[bit - 1]
            bit += 1
        at = zeros(64)
        i = 0
        while i < listed:
            bit = lowest[i]
            self.sorted[starts[bit & 63] + at[bit & 63]] = i
            at[bit & 63] += 1
            i += 1
        self.count = listed

    def _size(self, transversal: i64) -> i64:
        """How many are in its orbit, all disjoint and it the least; else 0."""
        nibbles = self.nibbles
        assert len(nibbles) >= 2
        moved = self._moved(transversal)
        size: i64 = 1
        while moved != transversal:
            differ = moved ^ transversal
            if moved < transversal or (differ - nibbles[0]) & ~differ & nibbles[1] != 0:
                return 0
            moved = self._moved(moved)
            size += 1
        return size

    def _moved(self, transversal: i64) -> i64:
        to = self.moved
        assert len(to) >= 256
        moved: i64 = 0
        row: i64 = 0
        while row < self.order * 16:
            moved |= to[(row + (transversal & 15)) & 255]
            transversal >>= 4
            row += 16
        return moved

    def _mask(self, transversal: i64) -> i64:
        cells = self.cells
        assert len(cells) >= 256
        mask: i64 = 0
        row: i64 = 0
        while row < self.order * 16:
            mask |= cells[(row + (transversal & 15)) & 255]
            transversal >>= 4
            row += 16
        return mask

    def _cover(self, depth: i64, orbit: i64, covered: i64) -> None:
        """Cover the orbits of cells from `orbit` on, but those that are covered by now."""
        while orbit < self.orbits and covered & self.bits[orbit & 63] != 0:
            orbit += 1
        if orbit == self.orbits:
            if self.found < ROOM:
                self._keep(depth)
            return
        i = self.starts[orbit & 63]
        end = self.starts[(orbit + 1) & 63]
        while i < end:
            which = self.sorted[i & 2047]
            if self.masks[which & 2047] & covered == 0:
                self.chosen[depth & 15] = which
                self._cover(depth + 1, orbit + 1, covered | self.masks[which & 2047])
            i += 1

    def _keep(self, depth: i64) -> None:
        at = self.found * 16
        i: i64 = 0
        while i < depth:
            which = self.chosen[i & 15]
            transversal = self.listed[which & 2047]
            left = self.sizes[which & 2047]
            while left > 0:
                self.mates[at] = transversal
                transversal = self._moved(transversal)
                at += 1
                left -= 1
            i += 1
        self.found += 1
