"""Complete sets of squares, n - 1 of order n, from the finite fields.

R. C. Bose, "On the application of the properties of Galois fields to the problem of construction
of hyper-Graeco-Latin squares", Sankhya 3 (1938) 323-338.
"""

from dataclasses import dataclass

from solver.constructions.arrays import Array

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
}
"""For each prime power: its prime p, and x^e by the lower powers (1, x, x^2, ...) modulo p."""

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)

ORDERS = (*PRIMES, *POLYNOMIALS)


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
        return (a + b) % p + p * self.plus(a // p, b // p)

    def times(self, a: int, b: int) -> int:
        """The product, by Horner's rule over the coefficients of `b`."""
        if b == 0:
            return 0
        head = self._times_x(self.times(a, b // self.prime))
        for _ in range(b % self.prime):
            head = self.plus(head, a)
        return head

    def _times_x(self, a: int) -> int:
        top, rest = divmod(a, self.order // self.prime)
        shifted = rest * self.prime
        for place, coefficient in enumerate(self.power):
            multiple = top * coefficient % self.prime
            shifted = self.plus(shifted, multiple * self.prime**place)
        return shifted


def field(order: int) -> FiniteField:
    """The field of an order among `ORDERS`."""
    prime, power = POLYNOMIALS.get(order, (order, (0,)))
    return FiniteField(order, prime, power)


def field_array(order: int, width: int) -> Array:
    """The lines of the affine plane: y, x and a x + y for `width` - 2 slopes a from 1 on."""
    numbers = field(order)
    sums = [[numbers.plus(a, b) for b in range(order)] for a in range(order)]
    multiples = [[numbers.times(a, x) for x in range(order)] for a in range(1, width - 1)]
    return [
        (y, x, *(sums[multiple[x]][y] for multiple in multiples))
        for y in range(order)
        for x in range(order)
    ]
