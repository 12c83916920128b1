"""Complete sets of squares, n - 1 of order n, from the finite fields.

R. C. Bose, "On the application of the properties of Galois fields to the problem of construction
of hyper-Graeco-Latin squares", Sankhya 3 (1938) 323-338.
"""

from dataclasses import dataclass
from functools import cache
from operator import itemgetter

from solver.constructions.rows import RowMaker

SOURCE = "finite field (Bose 1938)"

POLYNOMIALS = {
    4: (2, (1, 1)),
    8: (2, (1, 1, 0)),
    9: (3, (2, 0)),
    16: (2, (1, 1, 0, 0)),
    25: (5, (3, 0)),
    27: (3, (2, 1, 0)),
    32: (2, (1, 0, 1, 0, 0)),
    49: (7, (6, 0)),
    64: (2, (1, 1, 0, 0, 0, 0)),
    81: (3, (1, 1, 0, 0)),
    121: (11, (3, 1)),
    125: (5, (2, 1, 0)),
    128: (2, (1, 1, 0, 0, 0, 0, 0)),
    169: (13, (11, 1)),
    243: (3, (2, 1, 0, 0, 0)),
    256: (2, (1, 1, 1, 0, 0, 0, 0, 1)),
    289: (17, (7, 1)),
    343: (7, (5, 1, 0)),
    361: (19, (5, 1)),
    512: (2, (1, 0, 0, 0, 1, 0, 0, 0, 0)),
    529: (23, (4, 1)),
    625: (5, (2, 1, 1, 0)),
    729: (3, (1, 1, 0, 0, 0, 0)),
    841: (29, (15, 1)),
    961: (31, (7, 1)),
    1024: (2, (1, 0, 0, 1, 0, 0, 0, 0, 0, 0)),
    1331: (11, (2, 2, 0)),
    1369: (37, (15, 1)),
    1681: (41, (7, 1)),
    1849: (43, (9, 1)),
    2048: (2, (1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)),
    2187: (3, (2, 0, 1, 0, 0, 0, 0)),
    2197: (13, (2, 7, 0)),
    2209: (47, (8, 1)),
    2401: (7, (2, 1, 2, 0)),
    2809: (53, (5, 1)),
    3125: (5, (2, 1, 0, 0, 0)),
    3481: (59, (3, 1)),
    3721: (61, (7, 1)),
    4096: (2, (1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0)),
    4489: (67, (10, 1)),
    4913: (17, (3, 1, 0)),
    5041: (71, (3, 1)),
    5329: (73, (5, 1)),
    6241: (79, (4, 1)),
    6561: (3, (1, 0, 0, 1, 0, 0, 0, 0)),
    6859: (19, (2, 10, 0)),
    6889: (83, (21, 1)),
    7921: (89, (15, 1)),
    8192: (2, (1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)),
    9409: (97, (7, 1)),
}
"""For each prime power to 10,000: its prime p, and x^e by the lower powers (1, x, ...) modulo p."""


@dataclass(frozen=True, slots=True)
class FiniteField:
    """A finite field; its elements are polynomials over the prime field, read to base p."""

    order: int
    prime: int
    power: tuple[int, ...]

    def plus(self, a: int, b: int) -> int:
        """The sum."""
        if a == 0 or b == 0:
            return a or b
        p = self.prime
        if p == 2:
            return a ^ b
        return (a + b) % p + p * self.plus(a // p, b // p)

    def minus(self, a: int) -> int:
        """The element that gives 0 with `a`."""
        p = self.prime
        return a and -a % p + p * self.minus(a // p)

    def sums(self, a: int) -> list[int]:
        """The sums of `a` and every x, in order."""
        if self.order == self.prime:
            return [*range(a, self.order), *range(a)]
        if self.prime == 2:
            return [a ^ x for x in range(self.order)]
        sums, unit = [0], 1
        for _ in self.power:
            a, digit = divmod(a, self.prime)
            tops = [unit * ((digit + top) % self.prime) for top in range(self.prime)]
            sums = [top + low for top in tops for low in sums]
            unit *= self.prime
        return sums

    def multiples(self, a: int) -> list[int]:
        """The products of `a` with every x, in order."""
        if self.order == self.prime:
            return [a * x % self.order for x in range(self.order)]
        multiples = [0]
        for _ in self.power:
            top, lower = 0, multiples
            for _ in range(1, self.prime):
                top = self.plus(top, a)
                multiples = multiples + [self.plus(top, low) for low in lower]
            a = self._times_x(a)
        return multiples

    def _times_x(self, a: int) -> int:
        top, rest = divmod(a, self.order // self.prime)
        shifted = rest * self.prime
        for place, coefficient in enumerate(self.power):
            multiple = top * coefficient % self.prime
            shifted = self.plus(shifted, multiple * self.prime**place)
        return shifted


@cache
def is_prime_power(order: int) -> bool:
    """Whether there is a field of this order, up to 10,000."""
    return order in POLYNOMIALS or (
        order > 1 and all(order % d for d in range(2, int(order**0.5) + 1))
    )


@cache
def field(order: int) -> FiniteField:
    """The field whose order is a prime power to 10,000."""
    prime, power = POLYNOMIALS.get(order, (order, (0,)))
    return FiniteField(order, prime, power)


def field_rows(order: int, count: int) -> RowMaker:
    """The lines of the affine plane: row y holds a x + y, for the slopes a from 1 to `count`."""
    numbers = field(order)
    lines = [itemgetter(*numbers.multiples(a)) for a in range(1, count + 1)]

    def row(y: int) -> list[tuple[int, ...]]:
        sums = numbers.sums(y)
        return [line(sums) for line in lines]

    return row
