"""From a Latin square to sets of orthogonal ones: its mates, and the mates of those."""

from collections.abc import Iterator
from itertools import islice, pairwise

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
EVERY = 2**60
"""As many as there are."""
ROOM = 10_000
"""Mates for which there is room at first, where more may be wanted."""

_COST = (1, 1, 1, 10, 20, 40, 80, 200, 400, 1_500, 6_000, 40_000, 300_000)
"""By order: how many steps of the search for mates finding a square's transversals is worth."""
assert len(_COST) == MAX_ORDER + 1


def in_order(mates: tuple[Rows, ...]) -> bool:
    """Whether it is the one of its set's arrangements that is given, where all will be found."""
    return all(one < other for one, other in pairwise(mates))


def once(found: Iterator[tuple[Rows, ...]]) -> Iterator[tuple[Rows, ...]]:
    """Each set once, as its mates come first: each of them may be found as the first one."""
    seen: set[frozenset[Rows]] = set()
    for mates in found:
        as_set = frozenset(mates)
        if as_set not in seen:
            seen.add(as_set)
            yield mates


class Extension:
    """Finds sets of `mols` squares that begin with a square and one of its mates.

    A set's squares after the first two are mates of the square among the transversals that are
    common to all squares before, `tried` of them at most; `most` sets are wanted of a square. It
    counts its `work`, and the searches that came to their bound (`undecided`).
    """

    def __init__(self, order: int, mols: int, tried: int, most: int, bound: int) -> None:
        self.order = order
        self.work = 0
        self.undecided = 0
        self._tried = tried
        self._most = most
        self._bound = bound
        rooms = [min(tried, ROOM)] * (mols - 3) + [min(most, ROOM)]
        self._deeper = [Mates(order, room) for room in rooms] if mols > 2 else []
        self._common: list[vec[i64]] = []
        self._state = cyclic(order)

    def sets(
        self, mates: Mates, listed: vec[i64], count: int, level: int = 0
    ) -> Iterator[tuple[Rows, ...]]:
        """The sets that begin with one of these `mates`, found among the transversals listed."""
        last = level == len(self._deeper)
        while len(self._common) < len(self._deeper):
            self._common.append(zeros(len(listed)))
        for which in range(min(mates.found(), mates.room(), self._most if last else self._tried)):
            mate = mates.rows(which)
            if last:
                yield (mate,)
                continue
            enter(self._state, mate)
            rest = int(common(listed, count, self._state, self.order, self._common[level]))
            self.work += count
            # Each further square is made of transversals that no other one is made of.
            if rest >= self.order * (len(self._deeper) - level):
                self._search(level, rest)
                for more in self.sets(self._deeper[level], self._common[level], rest, level + 1):
                    yield (mate, *more)

    def _search(self, level: int, count: int) -> None:
        last = level == len(self._deeper) - 1
        mates, wanted = self._deeper[level], self._most if last else self._tried
        if mates.search(self._common[level], count, self._bound, wanted) < 0:
            self.undecided += 1
        self.work += mates.steps()
        wanted = min(wanted, mates.found())
        if wanted > mates.room():
            mates.widen(wanted)
            mates.search(self._common[level], count, self._bound, wanted)


class Sets:
    """Finds sets of `mols` squares, at most `most` for each square that its `sieve` lets pass.

    With `most` 0 no mates are looked for. Where the `whole` is wanted no more than that keeps sets
    from being found: no mate is left out, and room is made as it is needed.
    """

    def __init__(
        self, order: int, mols: int, most: int, bound: int, least: int = 0, *, whole: bool = False
    ) -> None:
        tried = EVERY if whole else TRIED_MATES
        self._first = most if mols == 2 else tried
        room = max(min(self._first, ROOM), 1)
        self.sieve = Sieve(order, room, self._first, bound, least, _COST[order])
        self._most = most
        self._bound = bound
        self._mols, self._whole = mols, whole
        self._extension = Extension(order, mols, tried, most, bound)

    def sets(self) -> Iterator[tuple[Rows, ...]]:
        """The mates, one or more a set, of the square that the sieve has let pass."""
        sieve, extension = self.sieve, self._extension
        mates, listed, count = sieve.mates, sieve.transversals.found, int(sieve.count)
        wanted = min(mates.found(), self._first)
        if wanted > mates.room():
            mates.widen(wanted)
            mates.search(listed, count, self._bound, self._first)
        undecided, work = extension.undecided, extension.work
        every = self._most == EVERY
        found = extension.sets(mates, listed, count)
        if self._mols > 2:
            found = filter(in_order, found) if self._whole else once(found)
        yield from islice(found, None if every else self._most)
        # A square is undecided once, however many of its mates are.
        sieve.undecided += min(1, extension.undecided - undecided)
        sieve.work += extension.work - work
