"""From a Latin square to sets of orthogonal ones: its mates, and the mates of those."""

from collections.abc import Iterator
from itertools import islice

from librt.vecs import vec
from mypy_extensions import i64

from solver.records import Rows
from solver.search.latin import MAX_ORDER, cyclic, zeros
from solver.search.mates import Mates
from solver.search.shape import enter
from solver.search.sieve import Sieve
from solver.search.transversals import common

TRIED_MATES = 500
"""Mates of one square that are tried as a set's next, where more than two squares are wanted."""

_COST = (1, 1, 1, 10, 20, 40, 80, 200, 400, 1_500, 6_000, 40_000, 300_000)
"""By order: how many steps of the search for mates finding a square's transversals is worth."""
assert len(_COST) == MAX_ORDER + 1


class Sets:
    """Finds sets of `mols` squares, at most `most` for each square that its `sieve` lets pass.

    A set's squares after the first two are mates of the square among the transversals that are
    common to all squares before. With `most` 0 no mates are looked for.
    """

    def __init__(self, order: int, mols: int, most: int, bound: int, least: int = 0) -> None:
        first = most if mols == 2 else TRIED_MATES
        self.sieve = Sieve(order, max(first, 1), first, bound, least, _COST[order])
        self.order = order
        self._most = most
        self._bound = bound
        rooms = [TRIED_MATES] * (mols - 3) + [most]
        self._deeper = [Mates(order, room) for room in rooms] if mols > 2 else []
        self._common = [zeros(len(self.sieve.transversals.found)) for _ in self._deeper]
        self._state = cyclic(order)

    def sets(self) -> list[tuple[Rows, ...]]:
        """The mates, one or more a set, of the square that the sieve has let pass."""
        sieve = self.sieve
        undecided = sieve.undecided
        listed, count = sieve.transversals.found, int(sieve.count)
        found = list(islice(self._extend(0, sieve.mates, listed, count), self._most))
        # A square is undecided once, however many of its mates are.
        sieve.undecided = min(undecided + 1, sieve.undecided)
        return found

    def _extend(
        self, level: int, mates: Mates, listed: vec[i64], count: int
    ) -> Iterator[tuple[Rows, ...]]:
        """The sets that begin with one of these `mates`, found among the transversals listed."""
        last = level == len(self._deeper)
        for which in range(min(mates.found(), self._most if last else TRIED_MATES)):
            mate = mates.rows(which)
            if last:
                yield (mate,)
                continue
            enter(self._state, mate)
            rest = int(common(listed, count, self._state, self.order, self._common[level]))
            self.sieve.work += count
            if rest >= self.order:
                self._search(level, rest)
                for more in self._extend(level + 1, self._deeper[level], self._common[level], rest):
                    yield (mate, *more)

    def _search(self, level: int, count: int) -> None:
        last = level == len(self._deeper) - 1
        mates = self._deeper[level]
        wanted = self._most if last else TRIED_MATES
        if mates.search(self._common[level], count, self._bound, wanted) < 0:
            self.sieve.undecided += 1
        self.sieve.work += mates.steps()
