"""Random difference matrices with as many blanks as there can be, and no symmetry asked for.

A matrix of four rows over Z_g, g = 2 u + 1, with u blanks in each row: one column of zeros, and 4 u
columns with a blank, each of which uses up one difference of three pairs of rows. To use up all of
them is an exact cover, with 1.87 million solutions at order 10 (g = 7).
"""

from collections import Counter
from itertools import combinations
from typing import TypeAlias

from solver.constructions.chance import Chance
from solver.constructions.difference import Column

ORDERS = (10, 13, 16, 22)
"""Where a matrix is found in some milliseconds; not 19, as no pair fills a hole of 6."""
NODES = 300
"""Of one search before it starts anew."""

Option: TypeAlias = tuple[tuple[int, ...], Column]
"""The differences that a column uses up, numbered through all pairs of rows, and the column.

They stay in order: what is first among equals must not depend on how a machine hashes.
"""

PAIRS = tuple(combinations(range(4), 2))


def untied(group: int, chance: Chance) -> list[Column]:
    """The columns of a matrix over the cyclic group of odd order `group`."""
    while True:
        chosen = _Cover(NODES).search(chance.shuffled(_options(group)))
        if chosen is not None:
            return [*chosen, ((0,),) * 4]


class _Cover:
    """A search for disjoint options that use up everything, within a number of nodes."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes

    def search(self, options: list[Option]) -> list[Column] | None:
        """The columns; None where there are none, or too many nodes were needed."""
        chances = Counter(difference for used, _ in options for difference in used)
        return self._search(options, len(chances))

    def _search(self, options: list[Option], left: int) -> list[Column] | None:
        if left == 0:
            return []
        chances = Counter(difference for used, _ in options for difference in used)
        if len(chances) < left or self.nodes == 0:
            return None
        self.nodes -= 1
        rarest = min(chances, key=chances.__getitem__)
        for used, column in options:
            if rarest in used:
                gone = set(used)
                rest = [option for option in options if gone.isdisjoint(option[0])]
                chosen = self._search(rest, left - len(used))
                if chosen is not None:
                    return [column, *chosen]
        return None


def _options(group: int) -> list[Option]:
    """Every column with one blank whose first element is 0."""
    return [
        _option(blank, (0, a, b), group)
        for blank in range(4)
        for a in range(1, group)
        for b in range(1, group)
        if a != b
    ]


def _option(blank: int, elements: tuple[int, ...], group: int) -> Option:
    rows = [row for row in range(4) if row != blank]
    element = dict(zip(rows, elements, strict=True))
    used = tuple(
        PAIRS.index((i, j)) * group + (element[j] - element[i]) % group
        for i, j in combinations(rows, 2)
    )
    return used, tuple((element[row],) if row in element else None for row in range(4))
