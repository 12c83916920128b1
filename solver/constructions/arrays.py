"""Orthogonal arrays: sets of mutually orthogonal squares as every construction here makes them.

An array of order n has n * n rows, and any two of its columns hold each pair of symbols once. Two
columns say where a cell is, each further one is a square: k squares are an array of k + 2 columns.
"""

from collections.abc import Sequence
from typing import TypeAlias

Square: TypeAlias = tuple[tuple[int, ...], ...]
"""One square, as rows of symbols 0..n-1."""

Array: TypeAlias = list[tuple[int, ...]]


def squares_of(array: Array, order: int) -> tuple[Square, ...]:
    """The squares an array says; the first row of each reads 0, 1, 2, ..."""
    count = len(array[0]) - 2
    grids = [[[0] * order for _ in range(order)] for _ in range(count)]
    for row, column, *symbols in array:
        for grid, symbol in zip(grids, symbols, strict=True):
            grid[row][column] = symbol
    return tuple(_renamed(grid) for grid in grids)


def array_of(squares: Sequence[Sequence[Sequence[int]]]) -> Array:
    """The array of a set of squares."""
    order = range(len(squares[0]))
    return [(r, c, *(square[r][c] for square in squares)) for r in order for c in order]


def product(left: Array, right: Array, size: int) -> Array:
    """The Kronecker product: each symbol of `left` becomes `size` symbols, arranged as `right`.

    H. F. MacNeish, "Euler squares", Ann. of Math. 23 (1922) 221-227.
    """
    return [
        tuple(size * a + b for a, b in zip(row, inner, strict=True))
        for row in left
        for inner in right
    ]


def _renamed(grid: list[list[int]]) -> Square:
    name = {symbol: number for number, symbol in enumerate(grid[0])}
    return tuple(tuple(name[symbol] for symbol in row) for row in grid)
