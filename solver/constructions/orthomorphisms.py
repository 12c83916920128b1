"""Random orthomorphisms of abelian groups, as difference matrices of three rows.

H. B. Mann, "The construction of orthogonal Latin squares", Ann. Math. Statist. 13 (1942) 418-423.
A group has them unless its 2-part is cyclic and not trivial: M. Hall, L. J. Paige, "Complete
mappings of finite groups", Pacific J. Math. 5 (1955) 541-549.
"""

from solver.constructions.chance import Chance
from solver.constructions.difference import Column, Element, elements_of, plus

STEPS = 100
"""Times the group's order: steps of a climb before it starts anew."""


def groups(order: int) -> list[tuple[int, ...]]:
    """The abelian groups of an order that have orthomorphisms, as products of cyclic groups."""
    found: list[tuple[int, ...]] = [()]
    for prime in range(2, order + 1):
        exponent = 0
        while order % prime == 0:
            order //= prime
            exponent += 1
        parts = [part for part in _partitions(exponent, exponent) if prime > 2 or len(part) != 1]
        found = [(*group, *(prime**power for power in part)) for group in found for part in parts]
    return [group for group in found if group]


def _partitions(total: int, largest: int) -> list[tuple[int, ...]]:
    """All ways to write `total` as a falling sum of numbers up to `largest`."""
    if total == 0:
        return [()]
    return [
        (first, *rest)
        for first in range(min(total, largest), 0, -1)
        for rest in _partitions(total - first, first)
    ]


def orthomorphism(moduli: tuple[int, ...], chance: Chance) -> list[Column]:
    """Columns (0, x, -y): the x, the y and the x + y are each all elements of the group."""
    zero = (0,) * len(moduli)
    while True:
        partner = _climb(moduli, chance)
        if partner is not None:
            return [(zero, x, _minus(y)) for x, y in partner.items()]


def _climb(moduli: tuple[int, ...], chance: Chance) -> dict[Element, Element] | None:
    """Pair a free x so that a missing sum is made; whoever had that y loses it."""
    free, sums = elements_of(moduli), elements_of(moduli)
    partner: dict[Element, Element] = {}
    owner: dict[Element, Element] = {}
    for _ in range(STEPS * len(free)):
        if not free:
            return partner
        at, want = chance.below(len(free)), chance.below(len(sums))
        x = free[at]
        y = plus(sums[want], _minus(x), moduli)
        if y in owner:
            loser = owner[y]
            del partner[loser]
            free[at], sums[want] = loser, plus(loser, y, moduli)
        else:
            del free[at], sums[want]
        partner[x], owner[y] = y, x
    return None


def _minus(element: Element) -> Element:
    return tuple(-part for part in element)
