"""What is said of squares and sets, against counts that are known."""

import pytest

from solver.classes.analysis import Count, set_facts, square_facts
from solver.question import Question
from solver.records import SquareRecord
from solver.search.units import Unit, search
from tests.solver.renaming import Set, cyclic, field_set, group_table

RICHEST = (
    "1032547698 0123456789 2354678910 3245769801 5467980132 "
    "4576891023 7698103254 6789012345 9810324567 8901235476"
)
"""The square of order 10 with the most transversals known, and 12,265,168 mates."""


@pytest.mark.parametrize(
    ("squares", "transversals", "mates", "intercalates"),
    [
        (cyclic(1), 1, 1, 0),
        (cyclic(2), 0, 0, 1),
        (cyclic(3), 3, 1, 0),
        (cyclic(4), 0, 0, 4),
        (group_table(2, 2), 8, 2, 12),
        (cyclic(5), 15, 3, 0),
        (cyclic(6), 0, 0, 9),
        (cyclic(7), 133, 635, 0),
        (group_table(2, 2, 2), 384, 70_272, 112),
        (cyclic(10), 0, 0, 25),
    ],
)
def test_counts(squares: Set, transversals: int, mates: int, intercalates: int) -> None:
    facts = square_facts(squares[0])
    assert (facts.transversals, facts.mates) == (Count(transversals), Count(mates))
    assert facts.intercalates == intercalates


def test_mates_are_counted_to_a_cap_and_no_further() -> None:
    square = group_table(3, 3)[0]
    assert square_facts(square, 1_000).transversals == Count(2_241)
    assert square_facts(square, 1_000).mates == Count(1_000, whole=False)
    # Where nobody says how many, those that are alike count as one.
    assert square_facts(square).mates == Count(12_445_836)
    richest = square_facts(tuple(tuple(map(int, row)) for row in RICHEST.split()))
    assert richest.transversals == Count(5_504)
    assert richest.mates == Count(100_000, whole=False)
    assert square_facts(cyclic(7)[0], 635).mates == Count(635)
    assert square_facts(cyclic(7)[0], 634).mates == Count(634, whole=False)


def test_more_transversals_than_are_listed_are_counted_all_the_same() -> None:
    assert square_facts(group_table(2, 6)[0], cap=1).transversals == Count(198_144)
    assert square_facts(cyclic(13)[0]).transversals == Count(1_030_367)


def test_kinds_of_squares() -> None:
    plain = square_facts(cyclic(5)[0])
    assert (plain.symmetric, plain.diagonal, plain.self_orthogonal) == (True, False, False)
    special = square_facts(field_set(5, 3)[1])
    assert (special.symmetric, special.diagonal, special.self_orthogonal) == (False, True, True)


def test_a_square_too_large_to_count_in_is_still_told_all_else() -> None:
    facts = square_facts(cyclic(200)[0])
    assert (facts.transversals, facts.mates) == (None, None)
    assert (facts.symmetric, facts.intercalates) == (True, 10_000)
    assert facts.main_class is not None


def test_how_far_sets_are_from_one_square_more() -> None:
    extends = set_facts(field_set(7, 2))
    assert extends.extensions is not None
    assert extends.extensions.number >= 4
    assert extends.disjoint == Count(7)
    whole = set_facts(field_set(7, 6))
    assert (whole.common_transversals, whole.extensions) == (Count(0), Count(0))
    for record in search(Unit(Question(10), 4, 1), lambda: 0.0, lambda: False):
        if isinstance(record, SquareRecord):
            facts = set_facts(record.squares)
            assert facts.extensions == Count(0)
            assert facts.disjoint is not None
            assert facts.common_transversals is not None
            assert facts.disjoint.number <= min(9, facts.common_transversals.number)


def test_diagonal_transversals_and_mates_of_a_published_pair() -> None:
    """OEIS A309598's pair of order 10: 115 diagonal transversals, one diagonal mate each.

    Both are of one class of diagonal squares, the first its least.
    """
    one = (
        "0123456789 1204579863 5016398247 9358217406 4635780921"
        " 8469132570 7890645132 2947803615 6571024398 3782961054"
    )
    other = (
        "0123456789 3598620147 4387219056 6934801275 7201935864"
        " 2015764938 8642097513 1760548392 9856173420 5479382601"
    )
    for square in (one, other):
        facts = square_facts(tuple(tuple(map(int, row)) for row in square.split()))
        assert (facts.diagonal, facts.diagonal_mates) == (True, Count(1))
        assert facts.diagonal_transversals == Count(115)
        assert (facts.extended, facts.self_orthogonal) == (True, False)
        assert facts.diagonal_form == tuple(tuple(map(int, row)) for row in one.split())
