"""Pairs and triples of every order, made by rows and verified in a bit for each pair of symbols."""

from collections.abc import Iterable, Sequence

import pytest

from solver.constructions import NotKnown, best_published, construct, known, method, rows
from solver.constructions.fields import POLYNOMIALS, field
from solver.published import MOST, most_possible
from solver.row_verifier import RowVerifier
from solver.verify import flaw

NO_TRIPLE = (3, 6, 10)


def flaw_of_rows(made: Iterable[Sequence[Sequence[int]]], order: int, squares: int) -> str:
    """The first sentence of the verifier, '' where there is none."""
    verifier = RowVerifier(order, squares)
    for row in made:
        if wrong := verifier.add(row):
            return wrong
    return verifier.end()


@pytest.mark.parametrize(
    "first", [3, *(pytest.param(first, marks=pytest.mark.slow) for first in range(30, 300, 27))]
)
def test_pairs_and_triples_of_every_order(first: int) -> None:
    for order in range(first, first + 27):
        wanted = 2 if order in NO_TRIPLE else 3
        if order != 6:
            assert flaw_of_rows(rows(order, wanted), order, wanted) == "", order


@pytest.mark.parametrize("order", [512, 625, 729, 866, 1042])
def test_larger_orders(order: int) -> None:
    """Fields of several characteristics, and Wilson's construction within itself."""
    assert flaw_of_rows(rows(order, 2), order, 2) == ""


def test_a_pair_of_every_order_is_known_and_a_triple() -> None:
    for order in range(3, MOST + 1):
        if order != 6:
            assert method(order, 2)
        if order not in NO_TRIPLE:
            assert method(order, 3)


@pytest.mark.parametrize("order", [4, 9, 12, 58, 77])
def test_rows_are_those_of_the_squares(order: int) -> None:
    squares = construct(order, 2)
    assert flaw(squares) == ""
    assert squares[0][0] == squares[1][0] == tuple(range(order))
    assert list(rows(order, 2)) == [tuple(pair) for pair in zip(*squares, strict=True)]


@pytest.mark.parametrize("order", sorted(POLYNOMIALS))
def test_polynomials_make_fields(order: int) -> None:
    """The multiples of each of some elements are all elements: there are no divisors of zero."""
    numbers = field(order)
    for element in {1, 2, numbers.prime, order // 2, order - 1}:
        assert sorted(numbers.multiples(element)) == list(range(order))
        assert sorted(numbers.sums(element)) == list(range(order))


def test_the_row_verifier_names_what_is_wrong() -> None:
    good = [list(map(list, row)) for row in rows(9, 2)]

    def altered(row: int, square: int, cells: Sequence[int]) -> str:
        changed = [[list(cells) for cells in pair] for pair in good]
        changed[row][square] = list(cells)
        return flaw_of_rows(changed, 9, 2)

    assert flaw_of_rows(good, 9, 2) == ""
    repeated = altered(4, 1, [0] * 9)
    assert repeated.startswith("Square 2 is not Latin: row 5 does not hold each of the 9")
    assert altered(4, 0, good[0][0]).startswith("Square 1 is not Latin: in row 5 a column")
    alike = [[pair[0], pair[0]] for pair in good]
    assert flaw_of_rows(alike, 9, 2).startswith("Squares 1 and 2 are not orthogonal: in row 2")
    assert flaw_of_rows(good[:8], 9, 2) == "There are 8 rows where 9 were due."


def test_what_is_published_and_what_can_be() -> None:
    """OEIS A001438 is the largest number of MOLS, as far as it is known; its comments go to 108."""
    assert [best_published(n) for n in range(2, 10)] == [1, 2, 3, 4, 1, 6, 7, 8]
    assert [best_published(n) for n in (51, 54, 60, 63, 96, 108)] == [5, 8, 5, 8, 10, 9]
    assert [best_published(n) for n in (64, 9973, 9991, 9999, 10_000)] == [63, 9972, 96, 15, 15]
    assert [most_possible(n)[0] for n in (6, 9, 10, 12, 14, 21)] == [1, 8, 6, 11, 10, 17]
    for order in range(2, 301):
        found = {108: 11}.get(order, best_published(order))
        assert known(order) <= found <= most_possible(order)[0]
    with pytest.raises(NotKnown, match="constructions go from order 1 to 10,000"):
        best_published(10_001)
