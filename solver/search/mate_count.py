"""Every mate of a square counted in parts, which may be counted in any order and by any process.

A mate has one transversal of the square's smallest group, as in `solver.search.given`. Those that
an automorphism of the square takes to each other are in equally many mates: the mates of one are
searched for, and counted once for each. Nothing bounds the count.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from solver.classes.main_class import automorphisms
from solver.classes.orbits import orbits
from solver.records import Rows
from solver.search.latin import cyclic
from solver.search.mates import Mates
from solver.search.sets import EVERY
from solver.search.shape import enter, natural
from solver.search.steps import steps
from solver.search.transversals import Transversals, room_for_any

_PARTS = 240
"""Parts at least, where there is so much to search for: all nodes have some, and are stopped at no
great loss.
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """The mates with one transversal, `number` of the smallest group.

    Of those below it that the group which is then the smallest has, every so many-th (`step`) from
    the `first` one on. Each counts for `alike` mates.
    """

    number: int
    alike: int
    first: int = 0
    step: int = 1


class MateCount:
    """The mates of a Latin square of order 2 to 12, in `parts`: none where it has no mate.

    `transversals`: how many it has, which are `listed`. Either number is -1 where there is no room
    for them. `searched` mates were come upon in `work` steps, in all the parts so far.
    """

    def __init__(self, square: Rows) -> None:
        """Lists the transversals and what is alike of them: some seconds at order 12."""
        order = len(square)
        room = room_for_any(order)
        state = cyclic(order)
        enter(state, square)
        finder = Transversals(order, room)
        self.transversals = int(finder.find(state))
        self.listed = finder.found
        self.parts = self.searched = self.work = 0
        self._parts: list[_Part] = []
        self._mates = Mates(order, 1, room)
        if self.transversals > 0:
            fits = int(self._mates.divide(finder.found, self.transversals))
            if fits > 0:
                self._parts = self._divided(natural(square))
            self.parts = len(self._parts) if fits >= 0 else fits

    def _divided(self, square: Rows) -> list[_Part]:
        """The first of each kind of transversals in the smallest group, in parts of its own."""
        self._mates.open(0)
        row, column = self._mates.divided_by()
        like = orbits(square, self.listed, self.transversals, automorphisms(square))
        group = [
            int(like[i])
            for i in range(self.transversals)
            if (int(self.listed[i]) >> 4 * row) & 15 == column
        ]
        members = Counter(group)
        kinds = [_Part(group.index(kind), members[kind]) for kind in members]
        if len(kinds) >= _PARTS:
            return kinds
        return [part for kind in kinds for part in self._cut(kind, _PARTS // len(kinds))]

    def _cut(self, kind: _Part, most: int) -> Iterator[_Part]:
        """The same in up to so many parts; none where it is in no mate."""
        chosen = int(self._mates.choose(0, kind.number))
        if chosen:
            step = min(int(self._mates.open(1)), most) if chosen > 0 else 1
            for first in range(step):
                yield _Part(kind.number, kind.alike, first, step)

    def count(self, part: int) -> int:
        """How many mates there are in a part; raises MemoryError where memory does not suffice."""
        return sum(self.steps(part))

    def steps(self, part: int) -> Iterator[int]:
        """The same in steps of some tenths of a second, each with the mates that it came to."""
        alike = self._parts[part].alike
        for answer in self._searched(self._parts[part]):
            if answer < 0:
                raise MemoryError
            self.searched += self._mates.found()
            self.work += self._mates.steps()
            yield self._mates.found() * alike

    def _searched(self, part: _Part) -> Iterator[int]:
        """The answers of the searches for a part's mates, as `Mates.search` gives them."""
        chosen = int(self._mates.choose(0, part.number))
        if chosen <= 0 or part.step == 1:
            yield from self._below(1, chosen)
            return
        for second in range(part.first, int(self._mates.open(1)), part.step):
            yield from self._below(2, int(self._mates.choose(1, second)))

    def _below(self, depth: int, chosen: int) -> Iterator[int]:
        """The same below what was `chosen`, in `Mates.choose`'s words."""
        if chosen > 0:
            yield from steps(self._mates, depth, lambda: EVERY, counted=True)
        elif chosen < 0:
            yield chosen
