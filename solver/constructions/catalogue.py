"""Which construction gives how many squares of an order, and the squares themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from solver.constructions import (
    difference_matrices,
    fields,
    larger_difference_matrices,
    order_14,
    pairwise_balanced,
    quasi_difference_matrices,
    truncated,
    vectors,
)
from solver.constructions.arrays import Array, Square, array_of, squares_of
from solver.constructions.difference import Matrix, developed
from solver.constructions.rows import RowMaker, natural_rows, product_rows, rows_of
from solver.constructions.wilson import Wilson
from solver.published import best_published, refusal

DIFFERENCE = {
    **difference_matrices.MATRICES,
    **larger_difference_matrices.MATRICES,
    57: pairwise_balanced.design_matrix(blank=False),
}
QUASI_DIFFERENCE = {
    **quasi_difference_matrices.MATRICES,
    **vectors.MATRICES,
    65: pairwise_balanced.design_matrix(blank=True),
}


@dataclass(frozen=True, slots=True)
class Construction:
    """A way to make up to `squares` squares of one order; `rows` makes as many as it is told."""

    squares: int
    method: str
    rows: Callable[[int], RowMaker]


@cache
def known(order: int) -> int:
    """How many mutually orthogonal squares of an order, 1 to 10,000, this program can construct."""
    best_published(order)
    if order == 1:
        return 2
    count = 1
    while (found := _found(order, count + 1)) is not None:
        count = found.squares
    return count


def construct(order: int, k: int = 2) -> tuple[Square, ...]:
    """`k` mutually orthogonal squares; the first row of each is in natural order."""
    made = list(rows(order, k))
    return tuple(tuple(row[square] for row in made) for square in range(k))


def rows(order: int, k: int = 2) -> Iterator[tuple[tuple[int, ...], ...]]:
    """What `construct` gives, row by row as it is made: each row of all `k` squares."""
    maker = natural_rows(_choice(order, k).rows(k))
    return (tuple(tuple(row) for row in maker(number)) for number in range(order))


def array(order: int, k: int) -> Array:
    """The array of `k` squares."""
    maker = _choice(order, k).rows(k)
    made = [maker(row) for row in range(order)]
    return array_of([[row[square] for row in made] for square in range(k)])


def method(order: int, k: int = 2) -> str:
    """How `construct` makes these squares, and who first did."""
    return _choice(order, k).method


def methods(order: int) -> list[tuple[int, str]]:
    """Each method that is used for an order, with the most squares that are made by it."""
    most = {method(order, count): count for count in range(1, known(order) + 1)}
    return [(count, how) for how, count in most.items()]


def _choice(order: int, k: int) -> Construction:
    best_published(order)
    found = _found(order, k) if k >= 1 else None
    if found is None or k > found.squares:
        raise refusal(order, k, known(order))
    return found


@cache
def _found(order: int, k: int) -> Construction | None:
    """The plainest construction of `k` squares."""
    if order == 1:
        return Construction(2, "the only square", lambda count: lambda _: [(0,)] * count)
    if fields.is_prime_power(order):
        return _of_field(order) if k < order else None
    if k == 1:
        return Construction(1, "cyclic square", lambda _: _cyclic_rows(order))
    return _product(order, k) or _recorded(order, k) or _wilson(order, k)


def _of_field(order: int) -> Construction:
    return Construction(order - 1, fields.SOURCE, lambda count: fields.field_rows(order, count))


def _product(order: int, k: int) -> Construction | None:
    """The product of two orders that have so many, the first as small as can be."""
    for left in range(3, order // 2):
        right, rest = divmod(order, left)
        if rest == 0 and _found(left, k) and _found(right, k):
            return Construction(
                k, "Kronecker product (MacNeish 1922)", partial(_product_rows, left, right)
            )
    return None


def _product_rows(left: int, right: int, count: int) -> RowMaker:
    return product_rows(_rows(left, count), _rows(right, count), right)


def _recorded(order: int, k: int) -> Construction | None:
    found: Construction | None = None
    if order == 14:
        found = _of_array(4, order_14.SOURCE, order, order_14.recorded_array)
    elif matrix := DIFFERENCE.get(order):
        found = _developed(matrix, "difference matrix")
    elif matrix := QUASI_DIFFERENCE.get(order):
        found = _developed(matrix, "quasi-difference matrix")
    elif plane := pairwise_balanced.CONSTRUCTIONS.get(order):
        found = _of_array(plane.squares, plane.method, order, plane.array)
    elif groups := truncated.CONSTRUCTIONS.get(order):
        found = _of_array(groups.squares, groups.method, order, groups.array)
    return found if found is not None and k <= found.squares else None


def _of_array(squares: int, method: str, order: int, array: Callable[[int], Array]) -> Construction:
    """`array` makes an array of so many columns."""
    return Construction(squares, method, lambda count: rows_of(squares_of(array(count + 2), order)))


def _developed(matrix: Matrix, kind: str) -> Construction:
    def array_of_width(width: int) -> Array:
        return developed(matrix, width, lambda size: _filling(size, width - 2))

    how = f"{kind} ({matrix.source})"
    return _of_array(matrix.squares, how, matrix.order, array_of_width)


def _filling(size: int, count: int) -> Array:
    return [(0,) * (count + 2)] if size == 1 else array(size, count)


def _wilson(order: int, k: int) -> Construction | None:
    """The construction with the smallest plane that has squares for all its parts."""
    for t in range(k + 2, order // 3 + 1):
        m, u = divmod(order, t)
        if u and fields.is_prime_power(t) and all(_found(part, k) for part in (m, m + 1, u)):
            return Construction(
                k,
                f"Wilson's construction, {t} * {m} + {u} (Wilson 1974)",
                partial(_wilson_rows, t, m, u),
            )
    return None


def _wilson_rows(t: int, m: int, u: int, count: int) -> RowMaker:
    parts = [_rows(part, count) for part in (m, m + 1, u)]
    return Wilson((t, m, u), count, *parts).row


def _rows(order: int, count: int) -> RowMaker:
    found = _found(order, count)
    assert found is not None
    return found.rows(count)


def _cyclic_rows(order: int) -> RowMaker:
    return lambda row: [[*range(row, order), *range(row)]]
