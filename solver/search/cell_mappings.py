"""Mappings of a square's cells that move rows and columns, and exchange the two or not.

A square and its image under one that keeps the main diagonals, or exchanges them, are of one main
class of diagonal squares. ODLK has them as cells mapping schemes (CMS).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solver.classes.diagonal_class import arrangements
from solver.records import Rows
from solver.search.latin import Random


@dataclass(frozen=True, slots=True)
class CellMapping:
    """Takes (r, c) to (`rows[r]`, `columns[c]`), with r and c exchanged where it is `crossed`."""

    rows: Sequence[int]
    columns: Sequence[int]
    crossed: bool

    def image(self, r: int, c: int) -> tuple[int, int]:
        """Where a cell goes."""
        return (self.rows[c], self.columns[r]) if self.crossed else (self.rows[r], self.columns[c])

    def of(self, square: Rows) -> Rows:
        """The square that has in each cell what the square given has in the cell's image."""
        every = range(len(square))
        cells = [[self.image(r, c) for c in every] for r in every]
        return tuple(tuple(square[r][c] for r, c in line) for line in cells)


def diagonal_mappings(order: int) -> list[CellMapping]:
    """All that keep the two main diagonals, or exchange them: as `arrangements` are numbered."""
    every = arrangements(order)
    return [
        *(CellMapping(rows, columns, False) for rows, columns, _ in every),
        *(CellMapping(columns, rows, True) for rows, columns, _ in every),
    ]


def random_transposition(cycles: Sequence[int], random: Random) -> CellMapping:
    """One that exchanges rows with columns, and cells with one another; see `random_mapping`."""
    # Squares under those that turn cycles around are others, but found four times as slowly.
    rows = _alike(cycles, random, inverted=random.below(8) == 0)
    columns = [0] * len(rows)
    for c, r in enumerate(rows):
        columns[r] = c
    return CellMapping(rows, columns, True)


def random_mapping(cycles: Sequence[int], random: Random) -> CellMapping:
    """Any that takes a square that `cyclic` leaves as it is to another such."""
    inverted, crossed = bool(random.below(2)), bool(random.below(2))
    rows = _alike(cycles, random, inverted=inverted)
    return CellMapping(rows, _alike(cycles, random, inverted=inverted), crossed)


def cyclic(cycles: Sequence[int]) -> list[int]:
    """0, 1, 2, ... moved on in cycles of these lengths."""
    moved: list[int] = []
    for length in cycles:
        first = len(moved)
        moved += [first + (i + 1) % length for i in range(length)]
    return moved


def _alike(cycles: Sequence[int], random: Random, *, inverted: bool) -> list[int]:
    """A permutation that takes cycles to cycles, all turned around where `inverted`."""
    begins = [sum(cycles[:i]) for i in range(len(cycles))]
    left = list(range(len(cycles)))
    moved: list[int] = []
    for length in cycles:
        fitting = [i for i in left if cycles[i] == length]
        to = fitting[int(random.below(len(fitting)))]
        left.remove(to)
        turn = int(random.below(length))
        step = -1 if inverted else 1
        moved += [begins[to] + (turn + step * i) % length for i in range(length)]
    return moved
