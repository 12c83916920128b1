"""Endless different squares of one order, the same for the same seed on every machine.

A pair is of one of four families, each drawn from at random. How many are different up to symmetry
differs: see docs/using/constructions.md.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from solver import SEEDED
from solver.constructions.arrays import Array, Square, product, squares_of
from solver.constructions.catalogue import array, known
from solver.constructions.chance import Chance
from solver.constructions.difference import Column, develop, numbered
from solver.constructions.orthomorphisms import groups, orthomorphism
from solver.constructions.turned import possible_blanks, turned
from solver.constructions.untied import ORDERS as UNTIED_ORDERS
from solver.constructions.untied import untied
from solver.published import refusal

Family: TypeAlias = Callable[[int, int, Chance], Array]
"""A random pair of an order, by a number of the family's own: blanks, which group, left factor."""


def variants(order: int, seed: int | str, k: int = 2) -> Iterator[tuple[Square, ...]]:
    """Sets of `k` squares without end; up to order 5 there are so few that they soon repeat.

    More than two squares are the recorded ones, seen through other columns and under other names.
    """
    if not 2 <= k <= known(order):
        raise refusal(order, k, known(order))
    return _endless(order, k, Chance(f"squarm {SEEDED} construct {order} {seed} {k}"))


def _endless(order: int, k: int, chance: Chance) -> Iterator[tuple[Square, ...]]:
    recorded = array(order, known(order)) if k > 2 else []
    while True:
        found = recorded or _pair(order, chance)
        yield squares_of(_disguised(found, order, k + 2, chance), order)


def _disguised(found: Array, order: int, width: int, chance: Chance) -> Array:
    """`width` columns of an array in random order, the symbols of each renamed at random."""
    columns = chance.shuffled(list(zip(*found, strict=True)))[:width]
    names = [chance.shuffled(range(order)) for _ in columns]
    renamed = [
        [name[symbol] for symbol in column] for column, name in zip(columns, names, strict=True)
    ]
    return list(zip(*renamed, strict=True))


def _pair(order: int, chance: Chance) -> Array:
    """The array of a random pair of a random family."""
    if order == 1:
        return [(0,) * 4]
    families = _families(order)
    family, part = families[chance.below(len(families))]
    return family(order, part, chance)


def _families(order: int) -> list[tuple[Family, int]]:
    matrices = [(_turned, blanks) for blanks in possible_blanks(order)]
    if order in UNTIED_ORDERS:
        matrices = [(_untied, order // 3)]
    orthomorphisms = [(_orthomorphism, choice) for choice in range(len(groups(order)))]
    products = [(_product, left) for left in _left_factors(order)]
    return [*matrices, *orthomorphisms, *products]


def _untied(order: int, blanks: int, chance: Chance) -> Array:
    return _filled(untied(order - blanks, chance), order, blanks, chance)


def _turned(order: int, blanks: int, chance: Chance) -> Array:
    return _filled(turned(order - blanks, blanks, chance), order, blanks, chance)


def _filled(columns: list[Column], order: int, blanks: int, chance: Chance) -> Array:
    """What a matrix develops into, with any pair in the hole."""
    group = order - blanks
    hole = _disguised(_pair(blanks, chance), blanks, 4, chance)
    return develop(columns, (group,)) + [tuple(group + symbol for symbol in row) for row in hole]


def _orthomorphism(order: int, choice: int, chance: Chance) -> Array:
    moduli = groups(order)[choice]
    return numbered(develop(orthomorphism(moduli, chance), moduli), order)


def _left_factors(order: int) -> list[int]:
    """The left factors of the products of two orders that have pairs."""
    return [
        left
        for left in range(3, order // 2)
        if order % left == 0 and {left, order // left}.isdisjoint((2, 6))
    ]


def _product(order: int, left: int, chance: Chance) -> Array:
    """A Kronecker product whose every block is a pair with names of its own."""
    right = order // left
    pair = _pair(right, chance)
    whole: Array = []
    for row in _pair(left, chance):
        whole += product([row], _disguised(pair, right, 4, chance), right)
    return whole
