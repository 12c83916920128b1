"""What is written is read back, in every notation."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.formats.reading import Given, Problem, lines_of, read
from solver.formats.writing import FORMS
from solver.records import Rows
from tests.examples import examples
from tests.solver.renaming import field_set, renamed

FOURS: tuple[tuple[Rows, ...], ...] = (
    (
        ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)),
        ((0, 1, 2, 3), (2, 3, 0, 1), (3, 2, 1, 0), (1, 0, 3, 2)),
        ((0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1)),
    ),
    (((3, 1, 0, 2), (1, 0, 2, 3), (0, 2, 3, 1), (2, 3, 1, 0)),),
)


def sets(text: str) -> list[tuple[Rows, ...]]:
    found = list(read(lines_of(io.BytesIO(text.encode()))))
    assert not [item for item in found if isinstance(item, Problem)]
    return [item.squares for item in found if isinstance(item, Given)]


@pytest.mark.parametrize("name", FORMS)
@given(
    orders=st.lists(st.sampled_from([3, 4, 5, 7, 11, 13, 37]), min_size=1, max_size=3),
    squares=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
@examples(25)
def test_what_is_written_is_read_back(
    name: str, orders: list[int], squares: int, seed: int
) -> None:
    written = []
    for order in orders:
        found = FOURS[seed % 2] if order == 4 else field_set(order, min(squares, order - 1))
        written.append(renamed(found, seed))
    text = "".join(FORMS[name](one) for one in written)
    assert sets(text) == written


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("squares", [1, 2, 3])
def test_order_1_is_read_back(name: str, squares: int) -> None:
    text = FORMS[name]((((0,),),) * squares)
    found = [one for together in sets(text) for one in together]
    assert found == [((0,),)] * squares


@pytest.mark.parametrize("name", FORMS)
def test_order_2_is_read_back(name: str) -> None:
    square: Rows = ((0, 1), (1, 0))
    assert sets(FORMS[name]((square,))) == [(square,)]


@pytest.mark.parametrize("name", sorted(set(FORMS) - {"latex"}))
@pytest.mark.parametrize("squares", [2, 3])
def test_squares_of_order_2_are_read_back(name: str, squares: int) -> None:
    """None is orthogonal to another; in one cell of LaTeX two are told apart by nothing."""
    one: Rows = ((0, 1), (1, 0))
    each = [one, one[::-1], one][:squares]
    found = [one for together in sets(FORMS[name](each)) for one in together]
    assert found == each


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("order", [10, 26, 100])
def test_large_sets_are_read_back_orthogonal_or_not(name: str, order: int) -> None:
    """Where squares of an odd factor are not orthogonal, each comes alone: those are the same."""
    n = range(order)
    squares: list[Rows] = [
        tuple(tuple((a * r + c) % order for c in n) for r in n) for a in (1, 3, 7)
    ]
    for number in (1, 2, 3):
        found = [one for together in sets(FORMS[name](squares[:number])) for one in together]
        assert found == squares[:number]


def test_other_programs_read_it() -> None:
    """As their own syntax has it."""
    pair = field_set(3, 2)
    assert FORMS["oneline"](pair) == "012120201 012201120\n"
    assert FORMS["sage"](pair) == (
        "[matrix([[0, 1, 2], [1, 2, 0], [2, 0, 1]]), matrix([[0, 1, 2], [2, 0, 1], [1, 2, 0]])]\n"
    )
    assert FORMS["gap"](pair) == (
        "[[[1, 2, 3], [2, 3, 1], [3, 1, 2]], [[1, 2, 3], [3, 1, 2], [2, 3, 1]]];\n"
    )
    assert FORMS["latex"](pair) == (
        "\\begin{array}{ccc}\nA0 & B1 & C2 \\\\\nB2 & C0 & A1 \\\\\nC1 & A2 & B0 \\\\\n"
        "\\end{array}\n%\n"
    )
    assert FORMS["oa"](pair).splitlines()[:3] == ["# OA(4,3)", "0 0 0 0", "0 1 1 1"]
    assert FORMS["oeis"](pair).splitlines()[:3] == ["# 2 squares of order 3", "1 0", "2 1"]
