"""From a Latin square to sets of orthogonal ones: its mates, and the mates of those."""

from collections.abc import Iterator
from itertools import islice

from librt.vecs import vec
from mypy_extensions import i64

from solver.latin import MAX_ORDER, cyclic, zeros
from solver.mates import Mates
from solver.records import Rows
from solver.shape import enter
from solver.transversals import Transversals, common

TRIED_MATES = 500
"""Mates of one square that are tried as a set's next, where more than two squares are wanted."""

_COST = (1, 1, 1, 10, 20, 40, 80, 200, 400, 1_500, 6_000, 40_000, 300_000)
"""By order: how many steps of the search for mates finding a square's transversals is worth."""
assert len(_COST) == MAX_ORDER + 1


class Sets:
    """Finds sets of `mols` squares, at most `most` for each square given; counts its `work`.

    A set's squares after the first two are mates of the square among the transversals that are
    common to all squares before.
    """

    def __init__(self, order: int, mols: int, most: int, bound: int) -> None:
        self.order = order
        self.transversals = Transversals(order)
        self.work = 0
        self.decided = True
        self._most = most
        self._bound = bound
        rooms = [TRIED_MATES] * (mols - 2) + [most]
        self._mates = [Mates(order, room) for room in rooms]
        self._common = [zeros(len(self.transversals.found)) for _ in range(mols - 2)]
        self._state = cyclic(order)

    def count(self, square: vec[i64]) -> int:
        """The square's transversals, how many; -1 where they are too many."""
        self.work += _COST[self.order]
        return int(self.transversals.find(square))

    def find(self, count: int) -> list[tuple[Rows, ...]]:
        """The mates, one or more a set, of the square whose transversals were just counted."""
        mates = self._mates[0]
        listed = self.transversals.found
        if len(self._mates) == 1:
            # The usual case, without the cost of a generator for each square.
            self.decided = mates.search(listed, count, self._bound, self._most) >= 0
            self.work += mates.steps()
            return [(mates.rows(which),) for which in range(min(mates.found(), self._most))]
        self.decided = True
        return list(islice(self._extend(0, listed, count), self._most))

    def _extend(self, level: int, list_: vec[i64], count: int) -> Iterator[tuple[Rows, ...]]:
        mates = self._mates[level]
        last = level == len(self._mates) - 1
        wanted = self._most if last else TRIED_MATES
        self.decided &= mates.search(list_, count, self._bound, wanted) >= 0
        self.work += mates.steps()
        for which in range(min(mates.found(), wanted)):
            mate = mates.rows(which)
            if last:
                yield (mate,)
                continue
            enter(self._state, mate)
            rest = int(common(list_, count, self._state, self.order, self._common[level]))
            self.work += count
            if rest >= self.order:
                for more in self._extend(level + 1, self._common[level], rest):
                    yield (mate, *more)
