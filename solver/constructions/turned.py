"""Random difference matrices with blanks that are the same when they are turned by a row.

They consist of columns (-, 0, p, p + q) and (0, p, p + q, p + q + r), turned four times, and one of
zeros, as in R. C. Bose, S. S. Shrikhande, E. T. Parker, "Further results on the construction of
mutually orthogonal Latin squares and the falsity of Euler's conjecture", Canad. J. Math. 12 (1960)
189-203. The nonzero elements of the group are split into such pairs p, q and into quadruples p, q,
r, s of sum 0, and the sums of pairs and of neighbours in a quadruple all differ, even up to sign.
"""

from solver.constructions.chance import Chance
from solver.constructions.difference import Column

MOST_QUADRUPLES = 3
"""The more there are, the longer the search; with three a matrix takes some milliseconds."""
STEPS = 100
"""Times the group's order: steps of a climb before it starts anew."""


def possible_blanks(order: int) -> list[int]:
    """How many blanks a row may have so that a matrix for squares of an order is soon found.

    The blanks and the quadruples make up the order: 3 blanks + 4 quadruples + 1. With fewer than 3
    blanks the search mostly is in vain, and there is nothing to fill a hole of 6 with.
    """
    return [
        blanks
        for blanks in range(3, order // 3 + 1)
        if order - 3 * blanks in range(1, 4 * MOST_QUADRUPLES + 2, 4) and blanks != 6
    ]


def turned(group: int, blanks: int, chance: Chance) -> list[Column]:
    """The columns of a matrix over the cyclic group of order `group`."""
    quadruples = (group - 1 - 2 * blanks) // 4
    while True:
        climb = _Climb(group, chance)
        if climb.add_quadruples(quadruples) and climb.add_pairs():
            return climb.columns()


class _Climb:
    """Elements and sums that are still free, and what the others went into.

    Pairs are found by the hill climb of J. H. Dinitz, D. R. Stinson, "A fast algorithm for finding
    strong starters", SIAM J. Algebraic Discrete Methods 2 (1981) 50-56.
    """

    def __init__(self, group: int, chance: Chance) -> None:
        self.group = group
        self.chance = chance
        self.free = list(range(1, group))
        self.sums = list(range(1, group // 2 + 1))
        self.quadruples: list[tuple[int, int, int]] = []
        self.partner: dict[int, int] = {}

    def add_quadruples(self, count: int) -> bool:
        """Take so many out of what is free; False where luck fails."""
        for _ in range(STEPS * self.group):
            if len(self.quadruples) == count:
                return True
            p, q, r = (self.free[self.chance.below(len(self.free))] for _ in range(3))
            parts = {p, q, r, -(p + q + r) % self.group}
            sums = {self._sum(p, q), self._sum(q, r)}
            if (
                len(parts) == 4
                and parts <= {*self.free}
                and len(sums) == 2
                and sums <= {*self.sums}
            ):
                self.quadruples.append((p, q, r))
                self.free = [element for element in self.free if element not in parts]
                self.sums = [total for total in self.sums if total not in sums]
        return False

    def add_pairs(self) -> bool:
        """Pair all that is free; False where luck fails."""
        for _ in range(STEPS * self.group):
            if not self.free:
                return True
            self._step()
        return False

    def _step(self) -> None:
        """Pair a free element so that a missing sum is made; whoever had its partner loses it."""
        at, want = self.chance.below(len(self.free)), self.chance.below(len(self.sums))
        p, total = self.free[at], self.sums[want]
        q = ((total if self.chance.coin() else -total) - p) % self.group
        if q in self.partner:
            loser = self.partner.pop(q)
            del self.partner[loser]
            self.free[at] = loser
            self.sums[want] = self._sum(q, loser)
        elif q in self.free and q != p:
            self.free = [element for element in self.free if element not in (p, q)]
            del self.sums[want]
        else:
            return
        self.partner[p], self.partner[q] = q, p

    def columns(self) -> list[Column]:
        """The matrix, each pair in random order."""
        pairs = [(p, q) for p, q in self.partner.items() if p < q]
        ordered = [(q, p) if self.chance.coin() else (p, q) for p, q in pairs]
        starts: list[Column] = [
            *((None, (0,), (p,), (p + q,)) for p, q in ordered),
            *(((0,), (p,), (p + q,), (p + q + r,)) for p, q, r in self.quadruples),
        ]
        turns = [(*column[i:], *column[:i]) for column in starts for i in range(4)]
        return [*turns, ((0,),) * 4]

    def _sum(self, p: int, q: int) -> int:
        """The sum of two elements, up to sign."""
        total = (p + q) % self.group
        return min(total, self.group - total)
