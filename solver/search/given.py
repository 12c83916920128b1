"""The user's squares, gone through whole, in parts: it can be left and taken up again.

A part is one transversal of a square's smallest group with all mates that it is in. No bound ends
the search: there are squares with a thousand million mates.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from solver.question import FEW_ORDER, Question, unpacked
from solver.records import Rows
from solver.search.extended import of_its_class
from solver.search.latin import cyclic, zeros
from solver.search.mates import Mates
from solver.search.sets import EVERY, ROOM, Extension, in_order
from solver.search.shape import (
    Arrangement,
    arrangement,
    backward,
    covered,
    doubly_arrangement,
    enter,
    has_subsquare,
    is_diagonal,
    rearranged,
    straight,
    transposed,
)
from solver.search.steps import steps
from solver.search.transversals import Transversals, crossing, room_for_any

_AT_ONCE = 500


class GivenSearch:
    """Goes through a question's squares, as the `number`th of `units`, from part `since` on.

    Parts are shared out between units, or squares where only so many sets of each are wanted. It
    counts the squares `tried` and their transversals (`seen`); `count` are the present one's,
    `share` is how much is through. `bounds`: what kept it from seeing everything.
    """

    def __init__(self, question: Question, number: int, units: int, since: int | None) -> None:
        order = question.order
        room = room_for_any(order)
        self.tried = self.seen = self.count = self.part = 0
        self.share = 0.0
        self.bounds: set[str] = set()
        self._question = question
        self._number = number
        self._units = units
        self._since = since
        self._arranged: Arrangement = (range(order), range(order))
        self._squares = unpacked(question.squares, order)
        self._state = cyclic(order)
        self._transversals = Transversals(order, room)
        self._crossing = zeros(room if question.odls else 0)
        # The transversals that mates may be made of, and how many there are.
        self._listed, self._left = self._transversals.found, 0
        self._mates = Mates(order, ROOM, room)
        self._extension = Extension(order, question.mols, EVERY, EVERY, EVERY)

    def sets(self, left: Callable[[], int]) -> Iterator[list[tuple[Rows, ...]]]:
        """After each step the sets found, which may be none; `left`: how many are still wanted."""
        base = 0
        most = self._question.mates or EVERY
        for index, square in enumerate(self._squares):
            parts = self._divide(square, base)
            given = 0
            for part in range(parts):
                # Of so many sets of a square the rest cannot be told without those before.
                place = base if self._question.mates else base + part
                if given > most or not self._is_ours(index, place):
                    continue
                self.part = place
                self.share = (index + part / parts) / len(self._squares)
                for found in self._of_part(square, part, left):
                    given += len(found)
                    if given > most:
                        self.bounds.add("mates")
                        del found[most - given :]
                    yield [rearranged((square, *others), self._arranged) for others in found]
                    if given > most:
                        break
            base += max(1, parts)

    def _is_ours(self, index: int, part: int) -> bool:
        shared = index if self._question.mates else part
        return shared % self._units == self._number and part >= (self._since or 0)

    def _divide(self, square: Rows, base: int) -> int:
        """Enter a square whose first part has this number; how many it has, 0 for none of use."""
        question, order = self._question, self._question.order
        enter(self._state, square)
        found = int(self._transversals.find(self._state))
        self.count = max(0, found)
        # What the checkpoint was taken in had been counted by then.
        if self._since is None or base > self._since:
            self.tried += 1
            self.seen += self.count
        if found < 0:
            self.bounds.add("transversals")
            return 0
        if found < question.transversals:
            return 0
        if question.subsquare and not has_subsquare(square, question.subsquare):
            return 0
        alike = question.self_orthogonal
        listed = self._transversals.found
        self._arranged = (range(order), range(order))
        if question.odls:
            # Its diagonals are where they are: elsewhere it is another diagonal square.
            if not is_diagonal(square):
                return 0
            found = int(
                crossing(listed, found, order, straight(order), backward(order), self._crossing)
            )
            listed = self._crossing
        elif question.dsodls or (question.diagonal and not is_diagonal(square)):
            arranged = (
                doubly_arrangement(square, listed, found)
                if question.dsodls
                else arrangement(listed, found, order, symmetric=alike)
            )
            if arranged is None:
                return 0
            self._arranged = arranged
        if alike or question.esodls:
            return 1
        self._listed, self._left = listed, found
        fits = self._noted(int(self._mates.divide(listed, found)))
        return int(self._mates.open(0)) if fits else 0

    def _of_part(
        self, square: Rows, part: int, left: Callable[[], int]
    ) -> Iterator[list[tuple[Rows, ...]]]:
        """The squares that go with this one, found in a part, step by step."""
        question = self._question
        if question.self_orthogonal:
            other = transposed(square)
            yield [(other,)] if covered(square, other) == len(square) ** 2 else []
        elif question.esodls:
            yield [(other,) for other in of_its_class(square)]
        elif self._noted(int(self._mates.choose(0, part))):
            every = question.mols > 2 or question.order <= FEW_ORDER
            for answer in steps(self._mates, 1, (lambda: EVERY) if every else left):
                self._noted(answer)
                found = self._extension.sets(self._mates, self._listed, self._left)
                sets = filter(in_order, found)
                while some := list(islice(sets, _AT_ONCE)):
                    yield some
                yield []

    def _noted(self, answer: int) -> bool:
        """False where there is nothing to find; takes note where memory did not suffice."""
        if answer < 0:
            self.bounds.add("memory")
        return answer > 0
