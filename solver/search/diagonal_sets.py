"""Sets of orthogonal diagonal squares (ODLS): in each square both main diagonals hold every symbol.

A mate is diagonal where each of its transversals meets each main diagonal once. So any two
transversals of a square that can be its diagonals are made them, and its mates looked for among
those transversals alone (J. W. Brown, F. Cherry, L. Most, M. Most, E. T. Parker, W. D. Wallis,
"Completion of the spectrum of orthogonal diagonal Latin squares", 1993).
"""

from collections.abc import Iterator
from itertools import islice

from librt.vecs import vec
from mypy_extensions import i64

from solver.records import Rows
from solver.search.latin import zeros
from solver.search.mates import Mates
from solver.search.sets import TRIED_MATES, Extension, once
from solver.search.shape import arranged, rearranged
from solver.search.transversals import crossing, opposite

ARRANGED = 200
"""Pairs of transversals of a square that are made its diagonals: then another is as good."""
BOUND = 100_000
"""Search steps for one such pair: there are many."""


class DiagonalSets:
    """Finds sets of `mols` diagonal squares, some from each square; counts its `work`."""

    def __init__(self, order: int, mols: int, most: int) -> None:
        self.work = 0
        self._order = order
        self._mols, self._most = mols, most
        self._mates = Mates(order, most)
        self._crossing = zeros(1)
        self._extension = Extension(order, mols, max(most, TRIED_MATES), most, BOUND)

    def sets(self, square: Rows, listed: vec[i64], count: int) -> Iterator[list[tuple[Rows, ...]]]:
        """For one pair of diagonals after another the sets found, mostly none."""
        if len(self._crossing) < len(listed):
            self._crossing = zeros(len(listed))
        left = self._most
        for main, back in islice(self._diagonals(listed, count), ARRANGED):
            kept = int(crossing(listed, count, self._order, main, back, self._crossing))
            self._mates.search(self._crossing, kept, BOUND, left)
            self.work += count + self._mates.steps()
            others = self._extension.sets(self._mates, self._crossing, kept)
            if self._mols > 2:
                others = once(others)
            order = arranged(main, back, self._order)
            found = [rearranged((square, *mates), order) for mates in islice(others, left)]
            left -= len(found)
            yield found
            if not left:
                return

    def _diagonals(self, listed: vec[i64], count: int) -> Iterator[tuple[int, int]]:
        """Each two transversals that can be a main and a back diagonal, one for each main one."""
        for which in range(count):
            main = int(listed[which])
            # From there on: whatever is a back one for it, it is for that, too.
            at = int(opposite(listed, count, self._order, main, which))
            if at >= 0:
                yield main, int(listed[at])
