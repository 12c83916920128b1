"""Sets of squares and their renamings: the group that canonical forms must not see."""

from collections.abc import Sequence
from itertools import permutations
from random import Random

from solver.records import Rows

Set = tuple[Rows, ...]
FOUR: Set = (
    ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)),
    ((0, 1, 2, 3), (2, 3, 0, 1), (3, 2, 1, 0), (1, 0, 3, 2)),
)
"""The one pair of order 4, but for names."""


def cyclic(order: int) -> Set:
    return field_set(order, 1)


def field_set(order: int, squares: int) -> Set:
    """a * row + column, for a = 1, 2...: orthogonal where the order is a prime above `squares`."""
    n = range(order)
    return tuple(
        tuple(tuple((a * row + column) % order for column in n) for row in n)
        for a in range(1, squares + 1)
    )


def latin_squares(order: int) -> list[Rows]:
    """All of them, under all names."""
    squares: list[Rows] = [()]
    for _ in range(order):
        squares = [
            (*rows, row)
            for rows in squares
            for row in permutations(range(order))
            if all(row[c] != above[c] for above in rows for c in range(order))
        ]
    return squares


def group_table(*moduli: int) -> Set:
    """The addition table of a product of cyclic groups."""
    elements: list[tuple[int, ...]] = [()]
    for modulus in moduli:
        elements = [(*element, x) for element in elements for x in range(modulus)]

    def add(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
        return tuple((x + y) % m for x, y, m in zip(one, other, moduli, strict=True))

    return (
        tuple(tuple(elements.index(add(one, other)) for other in elements) for one in elements),
    )


def renamed(squares: Set, seed: int, roles: Sequence[int] = ()) -> Set:
    """The orthogonal array with its columns, and the symbols of each, permuted at random.

    `roles`: where they are given, the columns in their new order.
    """
    random = Random(seed)  # noqa: S311 - nothing is secret here
    order, columns = len(squares[0]), len(squares) + 2
    n = range(order)
    taken = roles or random.sample(range(columns), columns)
    names = [random.sample(n, order) for _ in range(columns)]
    cells: dict[tuple[int, int], list[int]] = {}
    for row in n:
        for column in n:
            point = (row, column, *(square[row][column] for square in squares))
            new = [names[place][point[old]] for place, old in enumerate(taken)]
            cells[new[0], new[1]] = new[2:]
    return tuple(
        tuple(tuple(cells[row, column][which] for column in n) for row in n)
        for which in range(columns - 2)
    )
