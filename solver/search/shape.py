"""Squares seen from outside the search: renamed, rearranged, and what shape they have."""

from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

from librt.vecs import vec
from mypy_extensions import i64

from solver.records import Rows
from solver.search.latin import put
from solver.search.transversals import opposite


def rows_of(state: vec[i64], order: int) -> Rows:
    """The square in a search's state, 16 cells a row."""
    return tuple(tuple(int(state[r * 16 + c]) for c in range(order)) for r in range(order))


def enter(state: vec[i64], square: Rows) -> None:
    """Put a square into a search's state."""
    for r, row in enumerate(square):
        for c, symbol in enumerate(row):
            put(state, r, c, symbol)


def natural(square: Rows) -> Rows:
    """The square with its symbols renamed so that its first row reads 0, 1, 2, ..."""
    rename = {symbol: number for number, symbol in enumerate(square[0])}.__getitem__
    return tuple(tuple(map(rename, row)) for row in square)


def transposed(square: Rows) -> Rows:
    """Rows and columns exchanged."""
    return tuple(zip(*square, strict=True))


def covered(one: Rows, other: Rows) -> int:
    """How many different pairs of symbols two squares make."""
    cells = zip(one, other, strict=True)
    return len({pair for rows in cells for pair in zip(*rows, strict=True)})


def has_subsquare(square: Rows, size: int) -> bool:
    """True where some `size` rows and columns hold no more than `size` symbols."""
    columns = range(len(square))
    for rows in combinations(square, size):
        seen: dict[int, int] = {}
        for c in columns:
            symbols = 0
            for row in rows:
                symbols |= 1 << row[c]
            seen[symbols] = seen.get(symbols, 0) + 1
            if seen[symbols] == size:
                return True
    return False


Arrangement: TypeAlias = tuple[Sequence[int], Sequence[int]]
"""Rows and columns in another order."""


def diagonal(
    squares: tuple[Rows, ...], transversals: vec[i64], count: int, *, symmetric: bool
) -> tuple[Rows, ...] | None:
    """The squares with their rows and columns rearranged so that the first is diagonal.

    See `arrangement`; None where there is none.
    """
    found = arrangement(transversals, count, len(squares[0]), symmetric=symmetric)
    return found and rearranged(squares, found)


def arrangement(
    transversals: vec[i64], count: int, order: int, *, symmetric: bool
) -> Arrangement | None:
    """Rows and columns in an order that makes the square with these transversals diagonal.

    One transversal becomes the main diagonal, which it is already where rows and columns must be
    rearranged alike (`symmetric`), and another the back diagonal. None where no two of them can.
    """
    mains = [straight(order)] if symmetric else [int(transversals[i]) for i in range(count)]
    for main in mains:
        at = int(opposite(transversals, count, order, main))
        if at >= 0:
            return arranged(main, int(transversals[at]), order)
    return None


def doubly_arrangement(square: Rows, transversals: vec[i64], count: int) -> Arrangement | None:
    """Rows and columns, alike, in an order that makes a self-orthogonal square a DSODLS.

    Both its diagonals are then full, and it is orthogonal to its transpose along the back one, too.
    None where no order does; as they are, where that will do.
    """
    order = len(square)
    if is_diagonal(square) and _orthogonal_across(square):
        return range(order), range(order)
    main, at = straight(order), -1
    while (at := int(opposite(transversals, count, order, main, at + 1))) >= 0:
        found = arranged(main, int(transversals[at]), order)
        if _orthogonal_across(rearranged((square,), found)[0]):
            return found
    return None


def _orthogonal_across(square: Rows) -> bool:
    """Whether it is orthogonal to its transpose along the back diagonal."""
    across = tuple(row[::-1] for row in transposed(square)[::-1])
    return covered(square, across) == len(square) ** 2


def arranged(main: int, back: int, order: int) -> Arrangement:
    """Rows and columns in an order that makes two transversals the main and the back diagonal."""
    rows = _order_of_rows(main, back, order)
    return rows, [(main >> (4 * r)) & 15 for r in rows]


def straight(order: int) -> int:
    """The cells of the main diagonal, as transversals are packed."""
    return sum(r << (4 * r) for r in range(order))


def backward(order: int) -> int:
    """The cells of the back diagonal, as transversals are packed."""
    return sum((order - 1 - r) << (4 * r) for r in range(order))


def is_diagonal(square: Rows) -> bool:
    """True where both main diagonals hold every symbol."""
    order = len(square)
    forward = {square[i][i] for i in range(order)}
    backward = {square[i][order - 1 - i] for i in range(order)}
    return len(forward) == len(backward) == order


def rearranged(squares: tuple[Rows, ...], arranged: Arrangement) -> tuple[Rows, ...]:
    """The squares with rows and columns in that order, first rows 0, 1, 2, ..."""
    rows, columns = arranged
    return tuple(
        natural(tuple(tuple(square[r][c] for c in columns) for r in rows)) for square in squares
    )


def _order_of_rows(main: int, back: int, order: int) -> list[int]:
    """Rows such that the back transversal takes the cell of the i-th row in the i-th last column.

    Columns follow the rows through the main transversal.
    """
    row_of = {(main >> (4 * r)) & 15: r for r in range(order)}
    partner = [row_of[(back >> (4 * r)) & 15] for r in range(order)]
    first = [r for r in range(order) if r < partner[r]]
    middle = [r for r in range(order) if r == partner[r]]
    return [*first, *middle, *(partner[r] for r in reversed(first))]
