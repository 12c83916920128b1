"""Squares of different orders beside one another: the rows of the smaller ones end first."""

from collections.abc import Sequence
from itertools import pairwise, permutations

from solver.formats.cells import Judge, Reading
from solver.formats.symbols import Named
from solver.records import Rows

_MOST = 5
"""Squares beside one another whose order from left to right is looked for."""


def of_orders(table: Sequence[Sequence[str]], _: int, judge: Judge) -> Reading:
    """Squares of different orders whose first rows stand on one line."""
    letters = [[*"".join(row)] for row in table]
    return _cut(table, judge) or _cut(letters, judge)


def _cut(table: Named, judge: Judge) -> Reading:
    if len(table) > 1 and len(table[0]) < len(table[1]):
        # Their names.
        table = table[1:]
    orders = _orders([len(row) for row in table])
    for across in dict.fromkeys(permutations(orders)):
        if squares := _squares(table, across, judge):
            return [(one,) for one in squares]
    return []


def _orders(widths: Sequence[int]) -> list[int]:
    """The orders that rows of these widths can have; [] where none."""
    orders: list[int] = []
    for height, (width, next_) in enumerate(pairwise([*widths, 0]), 1):
        number, left = divmod(width - next_, height)
        if number < 0 or left or len(orders) + number > _MOST:
            return []
        orders += [height] * number
    return orders if len(set(orders)) > 1 and orders[0] > 1 else []


def _squares(table: Named, across: Sequence[int], judge: Judge) -> list[Rows]:
    """The squares of these orders, from left to right; [] where one is none."""
    rows: list[list[Sequence[str]]] = [[] for _ in across]
    for number, row in enumerate(table):
        at = 0
        for which, order in enumerate(across):
            if number < order:
                rows[which].append(row[at : at + order])
                at += order
    squares = [judge(one) for one in rows]
    return [one for one in squares if one] if all(squares) else []
