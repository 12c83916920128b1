"""Where Latin squares come from: each source of a question, and what its squares are called."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from librt.vecs import vec
from mypy_extensions import i64

from solver import VERSION
from solver.latin import Random, cyclic, walk
from solver.question import Question, unpacked
from solver.reduced import Reduced
from solver.shape import enter
from solver.symmetric import MOVED, family, moved, rich

REDUCED = (0, 1, 1, 1, 4, 56, 9_408, 16_942_080, 535_281_401_856)
"""How many reduced Latin squares there are of each order (OEIS A000315)."""
_PREFIX_ROWS = {7: 3, 8: 3}
"""Rows that are shared out between units; smaller orders are one unit's work."""


@dataclass(frozen=True, slots=True)
class Since:
    """The part of a source to enter at, and how many squares it has given before."""

    part: int = 0
    tried: int = 0


BEGINNING = Since()


@dataclass(slots=True)
class Candidate:
    """A Latin square to try, 16 cells a row, like all of this valid until the next is asked for.

    `share`: how much of its source is through, 0 to 1; 0 where that has no end. `part`: which part
    of the source it is in, where that has parts and can be entered at any of them.
    """

    square: vec[i64]
    label: str
    share: float = 0.0
    part: int = 0


def candidates(
    question: Question, source: str, seed: int, number: int, units: int, since: Since = BEGINNING
) -> Iterator[Candidate]:
    """The Latin squares that one source gives to a job's `number`th unit of `units`.

    `since`: where to enter a source that has parts.
    """
    match source:
        case "exhaust":
            return _exhausted(question.order, number, units, since)
        case "file":
            return _given(question, number, units)
        case "turn":
            return _rich(question, Random(words("turn", question.order, seed, number)))
        case _:
            return _random(question.order, Random(words("random", question.order, seed, number)))


def words(source: str, order: int, seed: int, number: int) -> list[int]:
    """What the random numbers of a unit begin with: four words that are not 0."""
    name = f"squarm {VERSION} {source} {order} {seed} {number}"
    digest = hashlib.sha256(name.encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "big") | 1 for i in range(0, 16, 4)]


def _random(order: int, random: Random) -> Iterator[Candidate]:
    """Uniform random squares, an order's square of moves apart."""
    chain = cyclic(order)
    if order > 1:
        walk(chain, random, order, 2 * order**3)
    candidate = Candidate(chain, "random")
    while True:
        if order > 1:
            walk(chain, random, order, order * order)
        yield candidate


def _rich(question: Question, random: Random) -> Iterator[Candidate]:
    """Squares with many transversals; self-orthogonal ones are found among those that move."""
    order = question.order
    state = cyclic(order)
    if question.self_orthogonal:
        while True:
            moved(state, order, random)
            yield Candidate(state, MOVED[order % 2])
    while True:
        rich(state, order, random)
        yield Candidate(state, family(order))


def _exhausted(order: int, number: int, units: int, since: Since) -> Iterator[Candidate]:
    """The reduced squares of this unit: every `units`th beginning, from the `number`th on.

    A beginning is a part of this source. How many squares there are is known or, of some
    beginnings of order 7, counted first, which takes a twentieth of the time, so that the share is
    exact; of order 8 it is the share of the beginnings.
    """
    rows = _PREFIX_ROWS.get(order, 0)
    counted = order == 7 and units > 1
    total = _count(Reduced(order, rows), number, units) if counted else REDUCED[order]
    beginnings = _beginnings(Reduced(order, rows)) if order > 7 else 0
    reduced = Reduced(order, rows)
    candidate = Candidate(reduced.square, "exhaust")
    beginning, tried = 0, since.tried
    while reduced.begin():
        if beginning % units == number and beginning >= since.part:
            candidate.part = beginning
            while reduced.advance():
                tried += 1
                candidate.share = beginning / beginnings if beginnings else tried / total
                yield candidate
        beginning += 1


def _count(reduced: Reduced, number: int, units: int) -> int:
    beginning = total = 0
    while reduced.begin():
        if beginning % units == number:
            total += reduced.count()
        beginning += 1
    return total


def _beginnings(reduced: Reduced) -> int:
    count = 0
    while reduced.begin():
        count += 1
    return count


def _given(question: Question, number: int, units: int) -> Iterator[Candidate]:
    """The user's squares, every `units`th of them from the `number`th on."""
    order = question.order
    squares = unpacked(question.squares, order)[number::units]
    state = cyclic(order)
    for tried, square in enumerate(squares, 1):
        enter(state, square)
        yield Candidate(state, "file", tried / len(squares))
