"""Goes through Latin squares until one has what is asked for, without a word between them.

Of order 7 a hundred thousand squares pass a second, and one of them in a hundred has a mate.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from mypy_extensions import i64

from solver.search.latin import Source
from solver.search.mates import Mates
from solver.search.transversals import Transversals

FOUND: Final = 1
"""The source's square is one."""
PAUSE: Final = 0
"""Much work was done in vain."""
END: Final = -1
"""The source's part has no more squares."""


@final
class Sieve:
    """Lets pass what has `least` transversals and, where so many mates are `wanted`, a mate.

    A search for them ends after `bound` steps. Counts the squares `tried`, their transversals
    (`seen`), those that are left `undecided`, of which so many have more transversals than there is
    room for (`unlisted`), and the `work`, in steps of the search for mates, of
    which finding a square's transversals is worth `cost`.
    """

    def __init__(
        self, order: int, room: int, wanted: int, bound: int, least: int, cost: int
    ) -> None:
        self.transversals = Transversals(order)
        self.mates = Mates(order, room)
        self.wanted: i64 = wanted
        self.bound: i64 = bound
        self.least: i64 = least
        self.cost: i64 = cost
        self.count: i64 = 0
        self.tried: i64 = 0
        self.seen: i64 = 0
        self.undecided: i64 = 0
        self.unlisted: i64 = 0
        self.work: i64 = 0

    def advance(self, source: Source, patience: i64) -> i64:
        """Go on to the next square that passes; FOUND, or PAUSE after `patience` work, or END."""
        end = self.work + patience
        while source.advance():
            self.tried += 1
            self.work += self.cost
            self.count = self.transversals.find(source.square)
            if self.count < 0:
                self.undecided += 1
                self.unlisted += 1
            else:
                self.seen += self.count
                if self.count >= self.least and (self.wanted == 0 or self._mated()):
                    return FOUND
            if self.work >= end:
                return PAUSE
        return END

    def _mated(self) -> bool:
        mates = self.mates
        found = self.transversals.found
        if mates.search(found, self.count, self.bound, self.wanted) < 0:
            self.undecided += 1
        self.work += mates.steps()
        return mates.found() > 0
