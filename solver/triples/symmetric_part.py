"""The hunt for three squares of order 10 through symmetric families, a part of it at a time.

A part begins at random squares of one family and changes them a little, as long as that brings
nearer mates or more. The mates looked at are those with the family's automorphism: there are few,
and they are found at once. Of the best squares then every mate is compared with every other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from librt.vecs import vec
from mypy_extensions import i64

from solver.records import Rows
from solver.search.latin import Random, cyclic, zeros
from solver.search.mates import Mates
from solver.search.shape import covered, enter, natural, rows_of
from solver.search.transversals import Transversals
from solver.triples.families import Family
from solver.triples.hunt import Triple
from solver.triples.invariant import Invariant
from solver.triples.nearest_two import NearestTwo, rows_of_mate
from solver.triples.orbit_mates import OrbitMates

ORDER = 10
SQUARES = 20_000
"""In a part: some four seconds of one core."""
NEAR = 82
"""Pairs of symbols: the hunt without symmetry was never seen to come so near."""
_CHANGES = 60
"""In vain, after which another square is begun at random."""
_FEW = 200
"""Mates with the automorphism that are compared; few squares have more."""
_BEST = 20
"""Squares of a part of which all mates are compared."""
_ALL = 2_048
"""Mates of a square, if it has so many."""
_MATE_BOUND = 50_000_000
_AT_ONCE = 50
"""Squares between looks at the clock."""
_A_SQUARE = 5_000
"""Steps of work that a square is counted as: some tenth of a millisecond's."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A square with two of its mates, and how many pairs of symbols these make."""

    pairs: int
    transversals: int
    square: Rows
    mates: tuple[Rows, Rows]


class SymmetricPart:
    """A part of the hunt; it counts the squares `tried`, their transversals (`seen`) and `work`."""

    def __init__(self, family: Family, random: Random) -> None:
        self.tried = self.seen = self.work = self.transversals = 0
        self._random = random
        self._squares = Invariant(ORDER, family.moves)
        self._finder = Transversals(ORDER)
        self._orbit_mates = OrbitMates(ORDER, family.moves[0])
        self._mates = Mates(ORDER, _ALL)
        self._listed = zeros(16 * _ALL)
        self._nearest = NearestTwo(ORDER)
        # By pairs of symbols and transversals: what has both alike is mostly the same square.
        self._best: dict[tuple[int, int], _Found] = {}

    def triples(self, *, soon: bool = False) -> Iterator[Triple | None]:
        """The part's best triple, at its end; before that None, again and again.

        With `soon` also, at once, what is `NEAR` and nearer than all before.
        """
        best: _Found | None = None
        given = 0
        for best in chain(self._walk(), self._compared()):
            if soon and best is not None and best.pairs >= max(NEAR, given + 1):
                given = best.pairs
                yield self._triple(best)
            else:
                yield None
        if best is not None and best.pairs > given:
            yield self._triple(best)

    def _triple(self, found: _Found) -> Triple:
        self.transversals = found.transversals
        squares = (natural(found.square), *found.mates)
        return Triple(squares, (ORDER**2, covered(*found.mates)))

    def _walk(self) -> Iterator[_Found | None]:
        """Go through the part's squares: the best so far."""
        squares, random = self._squares, self._random
        kept, count, score, in_vain = zeros(128), 0, -1, _CHANGES
        while self.tried < SQUARES:
            if in_vain == _CHANGES:
                if not squares.begin(random):
                    return
                score, in_vain = -1, 0
            elif not squares.change(random):
                in_vain += 1
                continue
            better = self._look()
            in_vain = 0 if better > score else in_vain + 1
            if better >= score:
                score, count = better, int(squares.keep(kept))
            else:
                squares.put_back(kept, count)
            if self.tried % _AT_ONCE == 0:
                yield self._best[max(self._best)] if self._best else None

    def _look(self) -> int:
        """How good the present square is: by its mates, and by the nearest two of them."""
        square, finder = self._squares.square, self._finder
        count = int(finder.find(square))
        self.tried += 1
        self.seen += max(0, count)
        self.work += _A_SQUARE
        found = int(self._orbit_mates.find(square, finder.found, count))
        if found < 2:
            return found
        pairs = int(self._nearest.find(self._orbit_mates.mates, min(found, _FEW)))
        key = (pairs, count)
        if key not in self._best and (len(self._best) < _BEST or key > min(self._best)):
            self._best[key] = self._two(rows_of(square, ORDER), count, self._orbit_mates.mates)
            if len(self._best) > _BEST:
                del self._best[min(self._best)]
        return found + pairs

    def _compared(self) -> Iterator[_Found]:
        """All mates of the best squares: the best so far."""
        best: _Found | None = None
        for key in sorted(self._best, reverse=True):
            for better in self._improved(self._best[key]):
                if best is None or better.pairs > best.pairs:
                    best = better
                yield best

    def _improved(self, found: _Found) -> Iterator[_Found]:
        """The nearest two of all mates of a square, then of its mates, as long as they come nearer.

        Each of the three squares of a triple is tried as the one that the others are mates of.
        """
        best, bases = found, [found.square, *found.mates]
        while bases:
            near = self._nearest_of_all(bases.pop(0))
            if near is not None and near.pairs > best.pairs:
                best, bases = near, list(near.mates)
            yield best

    def _nearest_of_all(self, square: Rows) -> _Found | None:
        state = cyclic(ORDER)
        enter(state, square)
        count = int(self._finder.find(state))
        if count < 0:
            return None
        self._mates.search(self._finder.found, count, _MATE_BOUND, _ALL)
        self.work += self._mates.steps()
        mates = int(self._mates.list_kept(self._listed))
        if mates < 2:
            return None
        self._nearest.find(self._listed, mates)
        return self._two(square, count, self._listed)

    def _two(self, square: Rows, transversals: int, mates: vec[i64]) -> _Found:
        """What the last comparison found."""
        one, other = (
            rows_of_mate(mates, int(which), ORDER)
            for which in (self._nearest.one, self._nearest.other)
        )
        return _Found(covered(one, other), transversals, square, (one, other))
