"""Random orthomorphisms of cyclic groups of odd order, as difference matrices of three rows.

H. B. Mann, "The construction of orthogonal Latin squares", Ann. Math. Statist. 13 (1942) 418-423.
"""

from solver.constructions.chance import Chance
from solver.constructions.difference import Column

STEPS = 100
"""Times the group's order: steps of a climb before it starts anew."""


def orthomorphism(order: int, chance: Chance) -> list[Column]:
    """Columns (0, x, -y): the x, the y and the x + y are each all elements of the group."""
    while True:
        partner = _climb(order, chance)
        if partner is not None:
            return [((0,), (x,), (-y,)) for x, y in partner.items()]


def _climb(order: int, chance: Chance) -> dict[int, int] | None:
    """Pair a free x so that a missing sum is made; whoever had that y loses it."""
    free, sums = list(range(order)), list(range(order))
    partner: dict[int, int] = {}
    owner: dict[int, int] = {}
    for _ in range(STEPS * order):
        if not free:
            return partner
        at, want = chance.below(len(free)), chance.below(len(sums))
        x = free[at]
        y = (sums[want] - x) % order
        if y in owner:
            loser = owner[y]
            del partner[loser]
            free[at], sums[want] = loser, (loser + y) % order
        else:
            del free[at], sums[want]
        partner[x], owner[y] = y, x
    return None
