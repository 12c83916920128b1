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
from solver.search.sets import EVERY, ROOM
from solver.search.shape import covered, enter, natural, rows_of
from solver.search.steps import steps
from solver.search.transversals import Transversals
from solver.triples.nearest import Nearest

PARTNERS = 4
"""Mates of one square for each of which the nearest other is looked for, unless for every one."""
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
    """Goes through squares, of each to `every` mate or to some; counts its `work`.

    `unlisted`: True once a square had more transversals than there is room for.
    """

    def __init__(self, order: int, *, every: bool = False) -> None:
        self.order = order
        self.work = 0
        self.unlisted = False
        self._every = every
        self.transversals = 0
        self._finder = Transversals(order)
        self._mates = Mates(order, ROOM if every else PARTNERS)
        self._nearest = Nearest(order)
        self._other = cyclic(order)

    def triples(self, square: vec[i64]) -> Iterator[Triple | None]:
        """For mates of a square, each with the mate nearest to being orthogonal to it; or None."""
        listed = self._finder.found
        count = int(self._finder.find(square))
        self.transversals = max(0, count)
        if count < 0:
            self.unlisted = True
            return
        first = natural(rows_of(square, self.order))
        for mate in self._all(listed, count) if self._every else self._some(listed, count):
            third = self._climb(count, mate)
            if third is None:
                yield None
            else:
                yield Triple((first, *third), (self.order**2, covered(*third)))

    def _some(self, listed: vec[i64], count: int) -> Iterator[Rows]:
        self._mates.search(listed, count, MATE_BOUND, PARTNERS)
        self.work += self._mates.steps()
        for which in range(min(self._mates.found(), PARTNERS)):
            yield self._mates.rows(which)

    def _all(self, listed: vec[i64], count: int) -> Iterator[Rows]:
        if self._mates.divide(listed, count) > 0:
            for _ in steps(self._mates, 0, lambda: EVERY):
                for which in range(self._mates.found()):
                    yield self._mates.rows(which)

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
