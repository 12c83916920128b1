"""Every mate of a square counted in parts, which may be counted in any order and by any process.

A part is one transversal of the square's smallest group with all mates that it is in, as in
`solver.search.given`; nothing bounds the count.
"""

from collections.abc import Iterator

from solver.records import Rows
from solver.search.latin import cyclic
from solver.search.mates import Mates
from solver.search.sets import EVERY
from solver.search.shape import enter
from solver.search.steps import steps
from solver.search.transversals import Transversals, room_for_any


class MateCount:
    """The mates of a Latin square of order 2 to 12, in `parts`: none where it has no mate.

    `transversals`: how many it has. Either is -1 where there is no room for them.
    """

    def __init__(self, square: Rows) -> None:
        """Lists the transversals: up to a second at order 12."""
        order = len(square)
        room = room_for_any(order)
        state = cyclic(order)
        enter(state, square)
        finder = Transversals(order, room)
        self.transversals = int(finder.find(state))
        self.parts = 0
        self._mates = Mates(order, 1, room)
        if self.transversals > 0:
            fits = int(self._mates.divide(finder.found, self.transversals))
            self.parts = int(self._mates.open(0)) if fits > 0 else fits

    def count(self, part: int) -> int:
        """How many mates there are in a part; raises MemoryError where memory does not suffice."""
        return sum(self.steps(part))

    def steps(self, part: int) -> Iterator[int]:
        """The same in steps of some tenths of a second, each with the mates that it came to."""
        chosen = int(self._mates.choose(0, part))
        if chosen > 0:
            for answer in steps(self._mates, 1, lambda: EVERY, counted=True):
                if answer < 0:
                    raise MemoryError
                yield self._mates.found()
        elif chosen < 0:
            raise MemoryError
