"""Canonical forms: blind to names, sharp for all else, and the groups of an independent program."""

import subprocess
import sys
from functools import cache
from itertools import combinations
from math import factorial
from pathlib import Path

import pynauty
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.classes.main_class import MainClass, main_class
from solver.constructions import construct
from solver.question import Question
from solver.records import Rows, SquareRecord
from solver.search.latin import Random, walk
from solver.search.latin import cyclic as cyclic_state
from solver.search.reduced import Reduced
from solver.search.units import Unit, search
from solver.verify import flaw, not_latin
from tests.examples import examples
from tests.solver.renaming import Set, cyclic, field_set, group_table, renamed
from tests.solver.test_search import interpreted

pytestmark = pytest.mark.slow

LATIN_SQUARES = (1, 1, 2, 12, 576, 161_280, 812_851_200, 61_479_419_904_000)
"""Of orders 0 to 7: OEIS A002860."""
MAIN_CLASSES = (1, 1, 1, 1, 2, 2, 12, 147)
"""Of orders 0 to 7: OEIS A003090."""


def class_of(squares: Set) -> MainClass:
    found = main_class(squares)
    assert found is not None
    return found


def random_square(order: int, seed: int) -> Rows:
    state = cyclic_state(order)
    if order > 2:
        walk(state, Random([seed, 1, 2, 3]), order, 2 * order**3)
    n = range(order)
    return tuple(tuple(int(state[r * 16 + c]) for c in n) for r in n)


@cache
def random_pairs(order: int, count: int) -> list[Set]:
    found = search(Unit(Question(order), count, seed=3), lambda: 0.0, lambda: False)
    return [record.squares for record in found if isinstance(record, SquareRecord)]


def graph(squares: Set) -> pynauty.Graph:
    """Columns, symbols and rows of the array as points, each joined to what it lies in."""
    order, columns = len(squares[0]), len(squares) + 2
    symbols = columns * (order + 1)
    joined: dict[int, list[int]] = {}
    for column in range(columns):
        first = columns + column * order
        joined[column] = list(range(first, first + order))
    for row in range(order):
        for column in range(order):
            point = (row, column, *(square[row][column] for square in squares))
            joined[symbols + row * order + column] = [
                columns + which * order + symbol for which, symbol in enumerate(point)
            ]
    parts = [set(range(columns)), set(range(columns, symbols))]
    parts.append(set(range(symbols, symbols + order * order)))
    return pynauty.Graph(symbols + order * order, adjacency_dict=joined, vertex_coloring=parts)


def group_by_nauty(squares: Set) -> int:
    _, mantissa, exponent, _, _ = pynauty.autgrp(graph(squares))
    size: int = round(mantissa * 10**exponent)
    return size


SETS = [
    *(cyclic(order) for order in range(1, 14)),
    *(field_set(order, squares) for order, squares in ((5, 2), (5, 4), (7, 2), (7, 3), (11, 2))),
    *(group_table(*moduli) for moduli in ((2, 2), (2, 2, 2), (3, 3), (2, 6), (2, 2, 3))),
]


@given(squares=st.sampled_from(SETS), seed=st.integers(0, 2**32))
@examples(80)
def test_renaming_a_symmetric_set_changes_nothing(squares: Set, seed: int) -> None:
    assert class_of(renamed(squares, seed)) == class_of(squares)


@given(order=st.integers(2, 12), seed=st.integers(1, 2**32 - 1))
@examples(80)
def test_renaming_a_random_square_changes_nothing(order: int, seed: int) -> None:
    square = (random_square(order, seed),)
    found = class_of(square)
    assert class_of(renamed(square, seed)) == found
    assert not_latin(found.squares[0]) == ""
    assert class_of(found.squares) == found


@given(which=st.integers(0, 29), seed=st.integers(0, 2**32))
@examples(60)
def test_renaming_a_random_pair_changes_nothing(which: int, seed: int) -> None:
    pair = random_pairs(10, 30)[which]
    found = class_of(pair)
    assert class_of(renamed(pair, seed)) == found
    assert flaw(found.squares) == ""


def test_pairs_of_order_10_are_told_apart() -> None:
    pairs = random_pairs(10, 30)
    assert len({class_of(pair).digest for pair in pairs}) == len(pairs)


def test_a_pair_and_its_squares_the_other_way_round_are_one() -> None:
    for one, other in random_pairs(10, 30):
        assert class_of((other, one)) == class_of((one, other))


@pytest.mark.parametrize("order", range(1, 7))
def test_main_classes_of_all_squares_of_an_order(order: int) -> None:
    """Their number, and that their sizes, by the groups, add up to all Latin squares."""
    reduced = Reduced(order)
    classes: dict[bytes, MainClass] = {}
    n = range(order)
    while reduced.advance():
        square = tuple(tuple(int(reduced.square[r * 16 + c]) for c in n) for r in n)
        found = class_of((square,))
        classes[found.digest] = found
    assert len(classes) == MAIN_CLASSES[order]
    assert squares_in(classes) == LATIN_SQUARES[order]


def squares_in(classes: dict[bytes, MainClass]) -> int:
    """How many Latin squares are in these classes."""
    return sum(6 * factorial(found.order) ** 3 // found.group for found in classes.values())


def switched(square: Rows) -> list[Rows]:
    """Squares that differ in one cycle between two rows (I. M. Wanless, cycle switches)."""
    order = len(square)
    found = []
    for one, other in combinations(range(order), 2):
        where = {symbol: column for column, symbol in enumerate(square[one])}
        left = set(range(order))
        while left:
            column = min(left)
            cycle = set()
            while column not in cycle:
                cycle.add(column)
                column = where[square[other][column]]
            left -= cycle
            if len(cycle) < order:
                rows = [list(row) for row in square]
                for column in cycle:
                    rows[one][column], rows[other][column] = (
                        square[other][column],
                        square[one][column],
                    )
                found.append(tuple(map(tuple, rows)))
    return found


def conjugates(square: Rows) -> list[Rows]:
    """The square with rows, columns and symbols in each cyclic order."""
    turned = square
    found = [square]
    for _ in range(2):
        rows = [[0] * len(square) for _ in square]
        for r, row in enumerate(turned):
            for c, symbol in enumerate(row):
                rows[symbol][r] = c
        turned = tuple(map(tuple, rows))
        found.append(turned)
    return found


def test_all_147_main_classes_of_order_7() -> None:
    """Reached by switching cycles; that none is missing, and each group, their sizes show."""
    new = [random_square(7, seed) for seed in range(1, 60)] + [cyclic(7)[0]]
    classes: dict[bytes, MainClass] = {}
    while new:
        found = class_of((new.pop(),))
        if found.digest not in classes:
            classes[found.digest] = found
            for square in conjugates(found.squares[0]):
                new += switched(square)
    assert squares_in(classes) == LATIN_SQUARES[7]
    assert len(classes) == MAIN_CLASSES[7]


@pytest.mark.parametrize("squares", [one for one in SETS if len(one[0]) > 1])
def test_groups_of_symmetric_sets_are_those_that_nauty_finds(squares: Set) -> None:
    assert class_of(squares).group == group_by_nauty(squares)


@given(order=st.integers(2, 8), seed=st.integers(1, 2**32 - 1))
@examples(60)
def test_groups_of_random_squares_are_those_that_nauty_finds(order: int, seed: int) -> None:
    square = (random_square(order, seed),)
    assert class_of(square).group == group_by_nauty(square)


@pytest.mark.parametrize(("order", "count"), [(5, 12), (7, 12), (8, 16), (9, 6), (10, 4)])
def test_two_pairs_are_of_one_class_exactly_where_nauty_says_so(order: int, count: int) -> None:
    pairs = random_pairs(order, count)
    ours = [class_of(pair) for pair in pairs]
    theirs = [pynauty.certificate(graph(pair)) for pair in pairs]
    assert [found.group for found in ours] == [group_by_nauty(pair) for pair in pairs]
    for i, j in combinations(range(len(pairs)), 2):
        assert (ours[i] == ours[j]) == (theirs[i] == theirs[j])


def test_two_squares_are_of_one_class_exactly_where_nauty_says_so() -> None:
    squares = [(random_square(6, seed),) for seed in range(1, 60)]
    ours = [class_of(square).digest for square in squares]
    theirs = [pynauty.certificate(graph(square)) for square in squares]
    for i, j in combinations(range(len(squares)), 2):
        assert (ours[i] == ours[j]) == (theirs[i] == theirs[j])


@pytest.mark.parametrize(
    ("squares", "group"),
    [
        (field_set(11, 10), 11**2 * (11**2 - 1) * (11**2 - 11)),
        (field_set(31, 30), 31**2 * (31**2 - 1) * (31**2 - 31)),
        (cyclic(200), 6 * 200**2 * 80),
        (construct(178), 5),
    ],
)
def test_large_and_symmetric_sets_are_decided(squares: Set, group: int) -> None:
    """An affine plane of prime order has the group AGL(2, p); a cyclic square 6 n^2 phi(n).

    A pair made of a plane of order 5 has five symmetries at least.
    """
    assert class_of(squares).group == group


def test_a_square_that_is_too_large_has_no_class() -> None:
    assert main_class(cyclic(257)) is None


GOLDEN = "21b220a8f8378631"
"""Of the form of an elementary abelian square: it changes with the form, which files keep."""


def test_the_same_forms_compiled_interpreted_and_on_every_platform(tmp_path: Path) -> None:
    code = (
        "import hashlib\n"
        "from solver.classes.main_class import main_class\n"
        "from solver.question import Question\n"
        "from solver.search.units import Unit, search\n"
        "n = range(8)\n"
        "unit = Unit(Question(10, source='random'), 3, 3)\n"
        "records = search(unit, lambda: 0.0, lambda: False)\n"
        "sets = [r.squares for r in records if hasattr(r, 'order')]\n"
        "sets += [(tuple(tuple(r ^ c for c in n) for r in n),)]\n"
        "found = [main_class(one) for one in sets]\n"
        "text = [one.digest + one.form + b'%d' % one.group for one in found]\n"
        "print(hashlib.sha256(text[-1]).hexdigest(), hashlib.sha256(b''.join(text)).hexdigest())"
    )
    here = Path(__file__).parents[2]
    said = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        for folder in (here, interpreted(tmp_path))
    ]
    assert said[0] == said[1]
    assert said[0].startswith(GOLDEN)
