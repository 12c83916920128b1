"""How many mutually orthogonal squares are known of each order: the table N(n), n = 1..50.

A. Miller, R. J. R. Abel, I. Valkov, D. Fraser, "Implementing the MOLS table for n up to 500",
Symmetry 16 (2024) 1678. It brings table III.3.87 of the Handbook of Combinatorial Designs (2007) up
to date: 14 (Todorov 2012), 18 (Abel 2015), 35 and 48 (Janiszczak, Staszewski, arXiv:1812.06886).
"""

MOST = 50

TABLE = """
 2 1 2 3 4 1 6 7 8 2
10 5 12 4 4 15 16 5 18 4
 5 3 22 7 24 4 26 5 28 4
30 31 5 4 6 8 36 4 5 7
40 5 42 5 6 4 46 10 48 6
"""

BEST = tuple(int(number) for number in TABLE.split())


class NotKnown(ValueError):
    """Squares that nobody has, or that cannot be; says in one sentence what is known."""


def best_published(order: int) -> int:
    """The most squares published of an order from 1 to 50.

    Of order 1 there are any number, all the same; the table says 2, a pair.
    """
    if not 1 <= order <= MOST:
        raise NotKnown(f"Order {order}: constructions go from order 1 to {MOST}.")
    return BEST[order - 1]


def refusal(order: int, count: int, known: int) -> NotKnown:
    """Why there are no `count` squares of an order of which `known` can be constructed."""
    best = best_published(order)
    if count < 1:
        return NotKnown(f"Order {order}: ask for 1 square or more, not {count}.")
    if order == 1:
        return NotKnown(f"Order 1: there is one square; a pair of it is all there is, not {count}.")
    if best == 1:
        return NotKnown(f"Order {order}: no two squares are orthogonal, so there are no {count}.")
    if best == order - 1:
        return NotKnown(f"Order {order}: there cannot be more than {best} MOLS, so not {count}.")
    if count > best + 1:
        return NotKnown(f"Order {order}: {best} MOLS are known, not {count}.")
    if count > best:
        return NotKnown(f"Order {order}: {best} MOLS are known, {count} is an open problem.")
    return NotKnown(f"Order {order}: {best} MOLS are published, this program has {known} of them.")
