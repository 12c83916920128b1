"""The hunt for three orthogonal squares of order 10: how near two mates of a square can come.

Whether there are three is open. J. Egan, I. M. Wanless, "Enumeration of MOLS of small order", Math.
Comp. 85 (2016) 799-824, found the nearest known: two of the three pairs are orthogonal, and of the
third 91 of the 100 pairs of symbols occur.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from librt.vecs import vec
from mypy_extensions import i64

from solver.records import Rows
from solver.search.latin import cyclic
from solver.search.mates import Mates
from solver.search.nearest import Nearest
from solver.search.shape import covered, enter, natural, rows_of
from solver.search.transversals import Transversals

PARTNERS = 4
"""Mates of one square for each of which the nearest other is looked for."""
MATE_BOUND = 5_000_000
NEAREST_BOUND = 10_000_000
"""Steps for one mate, some 20 ms: ten times as many find hardly better ones."""
_FEWEST = 50
"""Less than so many pairs of symbols are no find."""


@dataclass(frozen=True, slots=True)
class Triple:
    """Three squares, the first two orthogonal; pairs of symbols the third makes with each."""

    squares: tuple[Rows, Rows, Rows]
    covered: tuple[int, int]


class Hunt:
    """Goes through squares; counts its `work`."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.work = 0
        self.transversals = 0
        self._finder = Transversals(order)
        self._mates = Mates(order, PARTNERS)
        self._nearest = Nearest(order)
        self._other = cyclic(order)

    def triples(self, square: vec[i64]) -> Iterator[Triple]:
        """For some mates of a square, each with the mate nearest to being orthogonal to it."""
        listed = self._finder.found
        count = int(self._finder.find(square))
        self.transversals = max(0, count)
        if count < 0:
            return
        first = natural(rows_of(square, self.order))
        self._mates.search(listed, count, MATE_BOUND, PARTNERS)
        self.work += self._mates.steps()
        for which in range(min(self._mates.found(), PARTNERS)):
            mate = self._mates.rows(which)
            third = self._climb(count, mate)
            if third is not None:
                yield Triple((first, *third), (self.order**2, covered(*third)))

    def _climb(self, count: int, mate: Rows) -> tuple[Rows, Rows] | None:
        """Two mates that are near: the nearest to the one given, the nearest to that, and on."""
        pair: tuple[Rows, Rows] | None = None
        cost = self.order**2 - _FEWEST
        while True:
            enter(self._other, mate)
            better = int(
                self._nearest.find(self._finder.found, count, self._other, cost, NEAREST_BOUND)
            )
            self.work += self._nearest.steps()
            if better >= cost:
                return pair
            cost = better
            pair = (mate, self._nearest.rows())
            mate = pair[1]
