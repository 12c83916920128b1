"""Where in squares things are: transversals, intercalates, pairs of symbols, what two share."""

from collections.abc import Sequence
from itertools import combinations, product

from solver.classes.transversal_count import LISTED, PACKED, TransversalCount
from solver.records import Rows

Cells = frozenset[tuple[int, int]]
"""Row and column of each, from 0."""
_TRIED = 3_000_000
"""Cells tried for transversals: a key waits for them."""


def transversals(squares: Sequence[Rows]) -> tuple[list[int], bool]:
    """The common transversals of a set, for one square its own; whether these are all.

    At most LISTED of them, and none above order PACKED; `cells_of` says where each is.
    """
    order = len(squares[0])
    if order > PACKED:
        return [], False
    counter = TransversalCount(order, len(squares))
    number = int(counter.count(tuple(squares), _TRIED))
    listed = [int(counter.listed[i]) for i in range(min(number, LISTED))]
    return listed, counter.whole and number <= LISTED


def cells_of(transversal: int, order: int) -> Cells:
    """The cells of one that is listed."""
    return frozenset((row, (transversal >> 4 * row) & 15) for row in range(order))


def intercalates(square: Rows) -> list[Cells]:
    """Its subsquares of order 2, four cells each."""
    order = len(square)
    found: list[Cells] = []
    places = [{symbol: column for column, symbol in enumerate(row)} for row in square]
    for upper, lower in combinations(range(order), 2):
        for column in range(order):
            other = places[upper][square[lower][column]]
            if column < other and square[lower][other] == square[upper][column]:
                found.append(frozenset(product((upper, lower), (column, other))))
    return found


def pairs(one: Rows, other: Rows) -> dict[tuple[int, int], Cells]:
    """Where each pair of symbols stands, in the order of the symbols: nowhere, once, or more."""
    order = len(one)
    places: dict[tuple[int, int], set[tuple[int, int]]] = {
        (first, second): set() for first, second in product(range(order), repeat=2)
    }
    for row, column in product(range(order), repeat=2):
        places[one[row][column], other[row][column]].add((row, column))
    return {pair: frozenset(cells) for pair, cells in places.items()}


def differing(one: Sequence[Rows], other: Sequence[Rows]) -> Cells:
    """The cells in which two sets of as many squares of one order have other symbols."""
    order = len(one[0])
    return frozenset(
        (row, column)
        for row, column in product(range(order), repeat=2)
        if any(a[row][column] != b[row][column] for a, b in zip(one, other, strict=True))
    )
