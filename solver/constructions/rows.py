"""Sets of orthogonal squares that are made row by row, each row when it is asked for.

A square of order 10,000 has a hundred million cells: none here holds more of it than a row.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import TypeAlias

from solver.constructions.arrays import Square

Row: TypeAlias = Sequence[int]

RowMaker: TypeAlias = Callable[[int], Sequence[Row]]
"""Gives a row, by its number from 0, of each of the squares."""


def rows_of(squares: Sequence[Square]) -> RowMaker:
    """The rows of squares that are there already."""
    return lambda number: [square[number] for square in squares]


def product_rows(left: RowMaker, right: RowMaker, size: int) -> RowMaker:
    """The Kronecker product: each symbol of `left` becomes `size` symbols, arranged as `right`.

    H. F. MacNeish, "Euler squares", Ann. of Math. 23 (1922) 221-227.
    """
    blocks: list[list[int]] = []

    def row(number: int) -> list[Row]:
        outer, inner = divmod(number, size)
        made: list[Row] = []
        for one, other in zip(left(outer), right(inner), strict=True):
            if not blocks:
                blocks.extend(blocks_of(len(one), size))
            pick = itemgetter(*other)
            made.append(list(chain.from_iterable(pick(blocks[a]) for a in one)))
        return made

    return row


def blocks_of(count: int, size: int) -> list[list[int]]:
    """The symbols that each of `count` symbols becomes when it is blown up by `size`."""
    return [list(range(size * symbol, size * symbol + size)) for symbol in range(count)]


def natural_rows(maker: RowMaker) -> RowMaker:
    """The same squares, their symbols renamed so that the first row of each is 0, 1, 2, ..."""
    names = [places(row) for row in maker(0)]
    if len(names[0]) == 1:
        # An itemgetter of one place gives no tuple.
        return maker
    return lambda number: [
        itemgetter(*row)(name) for row, name in zip(maker(number), names, strict=True)
    ]


def places(row: Row) -> list[int]:
    """By symbol: the column in which a row holds it."""
    columns = [0] * len(row)
    for column, symbol in enumerate(row):
        columns[symbol] = column
    return columns
