"""Where Latin squares come from: each source of a question, and what its squares are called."""

import hashlib
from collections.abc import Sequence

from solver import SEEDED
from solver.question import Question, unpacked
from solver.records import Rows
from solver.search.latin import Chain, Random, Source, cyclic
from solver.search.reduced import Reduced
from solver.search.shape import enter
from solver.search.symmetric import MOVED, family, moved, rich

REDUCED = (0, 1, 1, 1, 4, 56, 9_408, 16_942_080, 535_281_401_856)
"""How many reduced Latin squares there are of each order (OEIS A000315)."""
_PREFIX_ROWS = {7: 3, 8: 3}
"""Rows that are shared out between units; smaller orders are one unit's work."""


def label(question: Question) -> str:
    """What the squares of the question's source are called in its records."""
    if question.way == "turn":
        odd = question.order % 2
        return MOVED[odd] if question.self_orthogonal else family(question.order)
    return question.way if question.way in ("exhaust", "file") else "random"


def source(question: Question, seed: int, number: int, units: int, since: int = 0) -> Source:
    """The Latin squares that a job's `number`th unit of `units` tries, from part `since` on."""
    order = question.order
    match question.way:
        case "exhaust":
            return _exhausted(order, number, units, since)
        case "file":
            return GivenSquares(order, unpacked(question.squares, order)[number::units])
        case "turn":
            random = Random(words("turn", order, seed, number))
            return Rich(order, random, moving=question.self_orthogonal)
        case _:
            return Chain(order, Random(words("random", order, seed, number)))


def through(source: Source, tried: int) -> float:
    """How much of a source is through, 0 to 1, once so many were `tried`; 0 where it has no end."""
    if source.parts:
        return int(source.part) / int(source.parts)
    return tried / int(source.total) if source.total else 0.0


def words(source: str, order: int, seed: int, number: int) -> list[int]:
    """What the random numbers of a unit begin with: four words that are not 0."""
    name = f"squarm {SEEDED} {source} {order} {seed} {number}"
    digest = hashlib.sha256(name.encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "big") | 1 for i in range(0, 16, 4)]


class Rich(Source):
    """Squares with many transversals; self-orthogonal ones are found among those `moving`."""

    def __init__(self, order: int, random: Random, *, moving: bool) -> None:
        super().__init__(cyclic(order))
        self._order = order
        self._random = random
        self._make = moved if moving else rich

    def advance(self) -> bool:
        """There is always another."""
        self._make(self.square, self._order, self._random)
        return True


class GivenSquares(Source):
    """The user's squares."""

    def __init__(self, order: int, squares: Sequence[Rows]) -> None:
        super().__init__(cyclic(order))
        self._left = iter(squares)
        self.total = len(squares)

    def advance(self) -> bool:
        """The next in the order given."""
        square = next(self._left, None)
        if square is None:
            return False
        enter(self.square, square)
        return True


def _exhausted(order: int, number: int, units: int, since: int) -> Reduced:
    """The reduced squares of this unit, a beginning of their first rows a part.

    How many there are is known or, of some beginnings of order 7, counted first, which takes a
    twentieth of the time, so that the share is exact; of order 8 it is the share of the beginnings.
    """
    rows = _PREFIX_ROWS.get(order, 0)
    reduced = Reduced(order, rows, units, number, since)
    if order > 7:
        reduced.parts = _beginnings(Reduced(order, rows))
    elif order == 7 and units > 1:
        reduced.total = _count(Reduced(order, rows, units, number))
    else:
        reduced.total = REDUCED[order]
    return reduced


def _count(reduced: Reduced) -> int:
    total = 0
    while reduced.begin():
        total += reduced.count()
    return total


def _beginnings(reduced: Reduced) -> int:
    count = 0
    while reduced.begin():
        count += 1
    return count
