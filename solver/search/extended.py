"""Diagonal squares orthogonal to another of their main class of diagonal squares (ESODLS).

E. Vatutin, A. Belyshev, "Enumerating the orthogonal diagonal Latin squares of small order for
different types of orthogonality", Commun. Comput. Inf. Sci. 1331 (2020) 586-597. The square's image
under a mapping of its cells is the other: the square is filled so that the two are orthogonal.
Where not every one is wanted it is filled anywhere, with a symmetry, and two transversals that the
mapping keeps, or exchanges, are made the diagonals of both.
"""

from collections.abc import Iterator, Sequence

from solver.classes.diagonal_class import orthogonal_arrangements
from solver.question import Question
from solver.records import Rows
from solver.search.cell_mappings import (
    CellMapping,
    cyclic,
    diagonal_mappings,
    random_mapping,
    random_transposition,
)
from solver.search.latin import Random, zeros
from solver.search.self_orthogonal import SelfOrthogonal
from solver.search.shape import arranged, has_subsquare, natural, rearranged, rows_of
from solver.search.sieve import END, FOUND
from solver.search.sources import words
from solver.search.transversals import Transversals
from solver.search.unit import Account, Find, Unit

_CYCLES = {
    1: (1,),
    4: (3, 1),
    5: (5,),
    7: (3, 3, 1),
    8: (4, 4),
    9: (4, 4, 1),
    10: (3, 3, 3, 1),
    11: (5, 5, 1),
    12: (6, 6),
}
"""By order: how the symmetry moves rows, columns and symbols; of those tried the one that gave
most."""
_ANY_MAPPING = 9
"""The largest order of which others than transpositions were seen to give any."""
_STEPS = 1_000
"""Symbols put in cells before another mapping is taken."""
_PATIENCE = 100_000
"""The same where every square is wanted, before the clock is looked at."""
_MOST = 100
"""Pairs of diagonals of one square."""


def extended(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """What one square after the other gives, mostly nothing."""
    if unit.question.exhausts:
        return _every(unit, account)
    return _symmetric(unit, account)


def _symmetric(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """Symmetric squares that a mapping makes orthogonal to themselves, without end."""
    question = unit.question
    order, cycles = question.order, _CYCLES[question.order]
    random = Random(words("self-orthogonal", order, unit.seed, unit.number))
    squares = SelfOrthogonal(order, cyclic(cycles), diagonal=False)
    transversals = Transversals(order)
    pairs = zeros(2 * min(question.mates or _MOST, _MOST))
    any_mapping = question.esodls and order <= _ANY_MAPPING
    while True:
        make = random_mapping if any_mapping and random.below(2) else random_transposition
        mapping = make(cycles, random)
        squares.begin(_images(mapping), natural=False)
        if squares.advance(_STEPS, random) == FOUND:
            account.tried += 1
            count = int(transversals.find(squares.square))
            account.transversals += max(0, count)
            square = rows_of(squares.square, order)
            if _passes(question, square, count):
                kept = int(squares.diagonals(transversals.found, count, pairs))
                diagonals = [(int(pairs[2 * i]), int(pairs[2 * i + 1])) for i in range(kept)]
                yield _finds(question, square, mapping, diagonals, count)
        account.work = int(squares.steps)
        yield ()


def _finds(
    question: Question,
    square: Rows,
    mapping: CellMapping,
    diagonals: list[tuple[int, int]],
    count: int,
) -> list[Find]:
    """The square with its image, for each two transversals that are made their diagonals."""
    order = question.order
    if question.self_orthogonal:
        # The image is the transpose where the cells that stay where they are become a diagonal.
        fixed = sum(mapping.columns[r] << (4 * r) for r in range(order))
        diagonals = [
            (fixed, back if main == fixed else main)
            for main, back in diagonals
            if fixed in (main, back)
        ]
    both = (square, mapping.of(square))
    return [
        Find(rearranged(both, arranged(main, back, order)), "symmetric", count)
        for main, back in diagonals
    ]


def _every(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """Every diagonal square with every one of its class, a mapping a part."""
    question = unit.question
    order = question.order
    mappings = diagonal_mappings(order)
    squares = SelfOrthogonal(order, range(order), diagonal=True)
    transversals = Transversals(order)
    since = account.checkpoint.part if account.checkpoint else 0
    for part in range(unit.number, len(mappings), unit.units):
        if part < since:
            continue
        account.enter(part)
        account.share = part / len(mappings)
        squares.begin(_images(mappings[part]), natural=order > 1)
        while (reached := squares.advance(_PATIENCE)) != END:
            account.work = int(squares.steps)
            if reached != FOUND:
                yield ()
                continue
            square = rows_of(squares.square, order)
            account.tried += 1
            count = int(transversals.find(squares.square))
            account.transversals += max(0, count)
            # Of the mappings that give something of the square, the first has it give all.
            first, _ = next(orthogonal_arrangements(square))
            if first == part and _passes(question, square, count):
                others = of_its_class(square)
                if 0 < question.mates < len(others):
                    account.bounds.add("mates")
                    del others[question.mates :]
                yield [Find((square, other), "exhaust", count) for other in others]
    account.share = 1.0


def of_its_class(square: Rows) -> list[Rows]:
    """The diagonal squares of a diagonal one's class that are orthogonal to it, each once."""
    return list({natural(other): 0 for _, other in orthogonal_arrangements(square)})


def _passes(question: Question, square: Rows, count: int) -> bool:
    """Whether the square with so many transversals has what else is asked for."""
    size = question.subsquare
    return count >= question.transversals and (not size or has_subsquare(square, size))


def _images(mapping: CellMapping) -> list[int]:
    every = range(len(mapping.rows))
    return [16 * r + c for r, c in (mapping.image(r, c) for r in every for c in every)]
