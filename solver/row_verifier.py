"""The independent verifier for squares too large to hold: row by row, in order squared bits.

It works from the definitions alone: no row, no column and no two squares hold anything twice.
"""

from collections.abc import Sequence
from itertools import combinations

from solver.pair_set import PairSet, holds_each


class RowVerifier:
    """Takes rows, each of all squares of a set; a bit for each pair of any two things.

    Rows and columns count as squares: that is what Latin means.
    """

    def __init__(self, order: int, squares: int) -> None:
        self.order = order
        self.rows = 0
        self._columns = list(range(order))
        self._latin = [PairSet(order) for _ in range(squares)]
        self._pairs = [(i, j, PairSet(order)) for i, j in combinations(range(squares), 2)]

    def add(self, rows: Sequence[Sequence[int]]) -> str:
        """Take in the next row of each square; one sentence on what is wrong, '' for nothing."""
        self.rows += 1
        lists = [list(row) for row in rows]
        for number, row in enumerate(lists, 1):
            if not holds_each(row, self.order):
                return (
                    f"Square {number} is not Latin: row {self.rows} does not hold each of the "
                    f"{self.order} symbols once."
                )
        for number, (seen, row) in enumerate(zip(self._latin, lists, strict=True), 1):
            if seen.add(self._columns, row) != self.order:
                return (
                    f"Square {number} is not Latin: in row {self.rows} a column gets a symbol "
                    "that it holds already."
                )
        for i, j, seen in self._pairs:
            if seen.add(lists[i], lists[j]) != self.order:
                return (
                    f"Squares {i + 1} and {j + 1} are not orthogonal: in row {self.rows} a pair "
                    "of symbols comes again."
                )
        return ""

    def end(self) -> str:
        """One sentence where rows are missing, or too many; '' where none are."""
        if self.rows == self.order:
            return ""
        return f"There are {self.rows} rows where {self.order} were due."
