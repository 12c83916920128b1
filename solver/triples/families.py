"""Symmetric families of Latin squares of order 10: the automorphisms that a pair of them can share.

A, B and C stay as they are when one automorphism of A moves its rows and columns (and A's symbols
as prescribed, those of B and C in any way); A may have more symmetry than that.

Which automorphisms of orders 2 to 9 there are: rows, columns, symbols of A and symbols of B are
four kinds, any three of which make a Latin square. If of two kinds some are fixed, they tell a
fixed cell, so of all four kinds as many are, f say, and make a pair of order f within that of order
10: f is not 2, and 3f at most 10. Hence

- order 2 (and with it 4, 6 and 8): none. f would be even, so three kinds at least have none fixed.
  Number each two that change places 0 and 1, and take the Latin square of these kinds: over the 50
  orbits of its cells the sums of (row + column), (row + symbol) and (column + symbol) are 25 modulo
  2 each, but together even.
- order 3: f is 1, the cycles are 3,3,3,1. Order 9: 9,1, for the cube is one of order 3.
- order 5: none fixed, cycles 5,5; or some of one kind, but not all: with two others it would make
  a square with subsquares of order 5, which has no mate (H. B. Mann, Bull. Amer. Math. Soc. 50
  (1944) 249-257). A's symbols stand for rows and columns, too; symbols of B are found with 5,5.
- order 7: f is 3, the cycles are 7,1,1,1.

An autoparatopism may make rows of columns as well. What of it leaves the three kinds of A where
they are is one of the above, so that it is of odd order times 2 or 3, and a power of it has order
2 or 3 alone:

- two kinds change places, order 2 (and with it 4, 6, 8): none. Of the cells those stay that are of
  a row and the column it becomes, ten in all. Each of the 100 has another pair of a symbol of A and
  one of B, so a and b of these stay with ab = 10; but both are even.
- three kinds turn in a circle, order 3: named so that a row becomes the column and the symbol of
  its number. Order 9: its cube moves 3,3,3,1, which is gone through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solver.triples.invariant import Move, Triple


@dataclass(frozen=True, slots=True)
class Family:
    """Squares A that all `moves` leave as they are; the first leaves B and C as they are, too.

    `name` has the cycles of that automorphism, of rows and columns alike, then those of A's symbols
    where they differ, or `turned` where it turns the kinds; then what else A has.
    """

    name: str
    moves: tuple[Move, ...]


def _family(name: str, cycles: Sequence[int], symbols: Sequence[int], *more: Move) -> Family:
    rows, renamed = _permutation(cycles), _permutation(symbols)

    def automorphism(triple: Triple) -> Triple:
        r, c, s = triple
        return rows[r], rows[c], renamed[s]

    return Family(name, (automorphism, *more))


def _permutation(cycles: Sequence[int]) -> tuple[int, ...]:
    """0, 1, 2, ... in cycles of these lengths."""
    moved: list[int] = []
    for length in cycles:
        first = len(moved)
        moved += [first + (i + 1) % length for i in range(length)]
    return tuple(moved)


_THREES = (3, 3, 3, 1)
_FIVES = (5, 5)
_ON = _permutation(_THREES)
_BACK = (0, 2, 1, 3, 5, 4, 6, 8, 7, 9)
"""Turns each cycle of three around."""
_SWAPPED = (0, 1, 2, 6, 7, 8, 3, 4, 5, 9)
"""Exchanges two of the three."""


def _turned(triple: Triple) -> Triple:
    r, c, s = triple
    return c, s, r


def _turned_on(triple: Triple) -> Triple:
    r, c, s = triple
    return c, s, _ON[r]


def _transposed(triple: Triple) -> Triple:
    r, c, s = triple
    return c, r, s


def _turned_and(name: str, changed: int) -> Family:
    """Turned, and transposed with so many pairs of names changed."""
    names = _permutation((2,) * changed + (1,) * (10 - 2 * changed))

    def exchanged(triple: Triple) -> Triple:
        r, c, s = triple
        return names[c], names[r], names[s]

    return Family(name, (_turned, exchanged))


def _transposed_back(triple: Triple) -> Triple:
    r, c, s = triple
    return _BACK[c], _BACK[r], _BACK[s]


def _transposed_swapped(triple: Triple) -> Triple:
    r, c, s = triple
    return c, r, _SWAPPED[s]


FAMILIES = (
    _family("3331 turned", _THREES, _THREES, _turned),
    _family("3331 transposed", _THREES, _THREES, _transposed),
    _family("3331 turned on", _THREES, _THREES, _turned_on),
    _family("55/511111", _FIVES, (5, 1, 1, 1, 1, 1)),
    _family("55", _FIVES, _FIVES),
    _family("7111", (7, 1, 1, 1), (7, 1, 1, 1)),
    _family("91", (9, 1), (9, 1)),
    _turned_and("turned, transposed", 0),
    _turned_and("turned, transposed 2", 1),
    _turned_and("turned, transposed 22", 2),
    _turned_and("turned, transposed 222", 3),
    _turned_and("turned, transposed 2222", 4),
    _family("3331 transposed, swapped", _THREES, _THREES, _transposed_swapped),
    _family("3331 transposed, back", _THREES, _THREES, _transposed_back),
    _family("3331", _THREES, _THREES),
    Family("turned", (_turned,)),
)
"""In the order in which the first unit goes through them."""
LARGE = FAMILIES[-4:]
"""Those that a part does not come to the end of."""


def family_of(number: int, part: int) -> Family:
    """The family that a unit's part searches: the first unit goes through all of them once."""
    if number == 0 and part < len(FAMILIES):
        return FAMILIES[part]
    return LARGE[(number + part) % len(LARGE)]
