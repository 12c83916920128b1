"""Which construction gives how many squares of an order, and the squares themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from solver.constructions import difference_matrices, fields, order_14, quasi_difference_matrices
from solver.constructions.arrays import Array, Square, product, squares_of
from solver.constructions.difference import Matrix, developed
from solver.published import best_published, refusal


@dataclass(frozen=True, slots=True)
class Construction:
    """A way to make up to `squares` squares of one order; `array` gives its first columns."""

    squares: int
    method: str
    array: Callable[[int], Array]


def known(order: int) -> int:
    """How many mutually orthogonal squares of an order, 1 to 50, this program can construct."""
    best_published(order)
    return max(construction.squares for construction in constructions(order))


def construct(order: int, k: int = 2) -> tuple[Square, ...]:
    """`k` mutually orthogonal squares; the first row of each is in natural order."""
    return squares_of(array(order, k), order)


def array(order: int, k: int) -> Array:
    """The array of `k` squares."""
    return _choice(order, k).array(k + 2)


def method(order: int, k: int = 2) -> str:
    """How `construct` makes these squares, and who first did."""
    return _choice(order, k).method


def _choice(order: int, k: int) -> Construction:
    known_here = known(order)
    if not 1 <= k <= known_here:
        raise refusal(order, k, known_here)
    return next(found for found in constructions(order) if found.squares >= k)


@cache
def constructions(order: int) -> tuple[Construction, ...]:
    """Every construction for an order, the plainest first."""
    if order == 1:
        return (Construction(2, "the only square", lambda width: [(0,) * width]),)
    if order in fields.ORDERS:
        lines = Construction(
            order - 1, fields.SOURCE, lambda width: fields.field_array(order, width)
        )
        return (lines,)
    found = [*_products(order), *_recorded(order)]
    return tuple(found) or (Construction(1, "cyclic square", lambda _: _cyclic(order)),)


def _products(order: int) -> list[Construction]:
    pairs = [(left, order // left) for left in range(3, order) if order % left == 0]
    counts = {(a, b): min(known(a), known(b)) for a, b in pairs if b > 2}
    if not counts or max(counts.values()) < 2:
        return []
    left, right = max(counts, key=lambda pair: (counts[pair], -pair[0]))

    def array_of(width: int) -> Array:
        return product(array(left, width - 2), array(right, width - 2), right)

    return [Construction(counts[left, right], "Kronecker product (MacNeish 1922)", array_of)]


def _recorded(order: int) -> list[Construction]:
    if order == 14:
        return [
            Construction(
                4, order_14.SOURCE, lambda width: [row[:width] for row in order_14.recorded_array()]
            )
        ]
    if order in difference_matrices.MATRICES:
        return [_developed(difference_matrices.MATRICES[order], "difference matrix")]
    if order in quasi_difference_matrices.MATRICES:
        return [_developed(quasi_difference_matrices.MATRICES[order], "quasi-difference matrix")]
    return []


def _developed(matrix: Matrix, kind: str) -> Construction:
    def array_of(width: int) -> Array:
        return developed(matrix, width, lambda size: _filling(size, width))

    return Construction(matrix.squares, f"{kind} ({matrix.source})", array_of)


def _filling(size: int, width: int) -> Array:
    return [(0,) * width] if size == 1 else array(size, width - 2)


def _cyclic(order: int) -> Array:
    return [(r, c, (r + c) % order) for r in range(order) for c in range(order)]
