"""Sources, sets of squares, filters, triples: what is found is what was asked for."""

from dataclasses import replace
from itertools import combinations, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.classes.diagonal_class import diagonal_form
from solver.question import Question, packed
from solver.records import DoneRecord, ProgressRecord, Record, Rows, SquareRecord, TripleRecord
from solver.search.latin import Random, cyclic, walk
from solver.search.mates import Mates
from solver.search.reduced import Reduced
from solver.search.shape import (
    covered,
    enter,
    has_subsquare,
    is_diagonal,
    rows_of,
    transposed,
)
from solver.search.symmetric import moved, turn
from solver.search.transversals import Transversals
from solver.search.units import Unit, search
from solver.triples.nearest import Nearest
from solver.verify import flaw, flaw_of, not_latin
from tests.examples import examples


def records(question: Question, count: int, number: int = 0, units: int = 1) -> list[Record]:
    unit = Unit(question, count, seed=3, number=number, units=units)
    return list(search(unit, lambda: 0.0, lambda: False))


def found(question: Question, count: int) -> list[SquareRecord]:
    squares = [r for r in records(question, count) if isinstance(r, SquareRecord)]
    assert len(squares) == count
    for record in squares:
        assert flaw_of(record) == ""
        assert len(record.squares) == question.mols
        assert all(square[0] == tuple(range(question.order)) for square in record.squares)
    assert len({record.squares for record in squares}) == count
    return squares


@given(order=st.sampled_from([4, 5, 7, 8, 9, 10, 11, 12]), seed=st.integers(1, 2**32 - 1))
@examples(60)
def test_symmetric_squares_are_latin(order: int, seed: int) -> None:
    state = cyclic(order)
    moved(state, order, Random([seed, 1, 2, 3]))
    assert not_latin(rows_of(state, order)) == ""
    if order % 2 == 0:
        turn(state, order, Random([seed, 1, 2, 3]))
        assert not_latin(rows_of(state, order)) == ""


@pytest.mark.parametrize("order", [4, 5, 7, 8, 9, 10, 11])
def test_rich_squares_have_mates_and_say_where_they_are_from(order: int) -> None:
    assert all(r.source.startswith("turn") for r in found(Question(order, source="turn"), 3))


@pytest.mark.parametrize("order", [1, 4, 12, 14, 22, 50])
def test_constructed_pairs_say_how(order: int) -> None:
    assert found(Question(order, source="construct"), 1)[0].source.startswith("construct")


@pytest.mark.parametrize(
    ("order", "mols", "source"),
    [(4, 3, "random"), (5, 4, "turn"), (7, 4, "turn"), (9, 3, "turn"), (12, 5, "auto")],
)
def test_sets_of_more_than_two_squares(order: int, mols: int, source: str) -> None:
    for record in found(Question(order, mols, source), 2):
        for one, other in combinations(record.squares, 2):
            assert covered(one, other) == order * order


@pytest.mark.parametrize(
    ("order", "tried", "pairs"), [(1, 1, 1), (3, 1, 1), (4, 4, 2), (5, 56, 18)]
)
def test_every_reduced_square_and_each_of_its_mates(order: int, tried: int, pairs: int) -> None:
    *squares, progress, done = records(Question(order, source="exhaust", mates=100), 1_000)
    assert isinstance(progress, ProgressRecord)
    assert isinstance(done, DoneRecord)
    assert (progress.tried, progress.share, done.reason) == (tried, 1.0, "exhausted")
    assert len({r.squares for r in squares if isinstance(r, SquareRecord)}) == pairs


@pytest.mark.parametrize("units", [1, 2, 7])
def test_units_share_out_the_reduced_squares(units: int) -> None:
    """As many as there are, each once: by two rows, as the units of a job divide order 7."""
    seen: list[Rows] = []
    for number in range(units):
        reduced = Reduced(6, 2)
        beginning = 0
        while reduced.begin():
            while beginning % units == number and reduced.advance():
                seen.append(rows_of(reduced.square, 6))
            beginning += 1
    assert len(seen) == len(set(seen)) == 9408


def test_a_file_s_squares_are_tried_in_turn() -> None:
    squares = [record.squares[0] for record in found(Question(9, source="turn", mates=1), 3)]
    question = Question(9, source="file", mates=1, squares=packed(squares))
    assert [record.squares[0] for record in found(question, 3)] == squares
    second = records(question, 3, number=1, units=2)[0]
    assert isinstance(second, SquareRecord)
    assert second.squares[0] == squares[1]


@pytest.mark.parametrize("order", [4, 5, 7, 8, 9, 10])
def test_diagonal_squares(order: int) -> None:
    for record in found(Question(order, diagonal=True), 2):
        square = record.squares[0]
        assert len({square[i][i] for i in range(order)}) == order
        assert len({square[i][order - 1 - i] for i in range(order)}) == order


@pytest.mark.parametrize(
    ("order", "mols", "count"),
    [(4, 2, 2), (5, 2, 2), (7, 2, 5), (8, 2, 5), (9, 2, 5), (10, 2, 5), (9, 3, 2)],
)
def test_every_square_of_an_odls_is_diagonal(order: int, mols: int, count: int) -> None:
    for record in found(Question(order, mols, odls=True), count):
        for square in record.squares:
            assert len({square[i][i] for i in range(order)}) == order
            assert len({square[i][order - 1 - i] for i in range(order)}) == order


def test_a_self_orthogonal_diagonal_pair() -> None:
    one, other = found(Question(8, odls=True, self_orthogonal=True), 1)[0].squares
    for square in (one, other):
        assert len({square[i][i] for i in range(8)}) == 8
        assert len({square[i][7 - i] for i in range(8)}) == 8


@pytest.mark.parametrize("order", [4, 5, 7, 8, 9, 10, 11, pytest.param(12, marks=pytest.mark.slow)])
def test_self_orthogonal_squares(order: int) -> None:
    for record in found(Question(order, self_orthogonal=True), 2):
        first, second = record.squares
        # The second is the transpose, its symbols renamed.
        pairs = {
            pair
            for rows in zip(transposed(first), second, strict=True)
            for pair in zip(*rows, strict=True)
        }
        assert len(pairs) == order


def test_self_orthogonal_and_diagonal_at_once() -> None:
    square = found(Question(8, self_orthogonal=True, diagonal=True), 1)[0].squares[0]
    assert covered(square, transposed(square)) == 64
    assert len({square[i][7 - i] for i in range(8)}) == 8


@pytest.mark.parametrize(("order", "count"), [(4, 2), (7, 9), (8, 9), (9, 50), (10, 9), (11, 50)])
def test_diagonal_squares_orthogonal_to_one_of_their_class(order: int, count: int) -> None:
    transposes = 0
    for record in found(Question(order, odls=True, esodls=True), count):
        one, other = record.squares
        assert is_diagonal(one)
        assert is_diagonal(other)
        assert covered(one, other) == order**2
        if order < 11:
            assert diagonal_form(one) == diagonal_form(other)
        transposes += covered(one, transposed(one)) == order**2
    # Of larger orders others are met soon, too.
    assert transposes < count or order < 9


@pytest.mark.parametrize("order", [10, 12])
def test_self_orthogonal_diagonal_squares_of_large_orders(order: int) -> None:
    for record in found(Question(order, diagonal=True, self_orthogonal=True), 3):
        one, other = record.squares
        assert is_diagonal(one)
        assert covered(one, transposed(one)) == order**2
        # The second is the transpose, its symbols renamed.
        assert covered(transposed(one), other) == order


def test_every_extended_self_orthogonal_square_is_found_once() -> None:
    """OEIS A309598 has 256 of order 7, A309210 5 main classes."""
    question = Question(7, odls=True, esodls=True, source="exhaust")
    units = [records(question, 999, number=number, units=3) for number in range(3)]
    pairs = [r.squares for unit in units for r in unit if isinstance(r, SquareRecord)]
    assert len(set(pairs)) == len(pairs)
    squares = {one for one, _ in pairs}
    assert len(squares) == 256
    assert len({diagonal_form(square) for square in squares}) == 5
    for one, other in pairs:
        assert is_diagonal(one)
        assert is_diagonal(other)
        assert covered(one, other) == 49


@pytest.mark.parametrize("order", [5, 8, 9])
def test_squares_orthogonal_to_both_their_transposes(order: int) -> None:
    question = Question(order, dsodls=True, diagonal=True, self_orthogonal=True)
    for record in found(question, 2):
        square = record.squares[0]
        across = tuple(row[::-1] for row in transposed(square)[::-1])
        assert covered(square, transposed(square)) == covered(square, across) == order**2
        assert len({square[i][i] for i in range(order)}) == order
        # One that is given is kept as it stands, and one that is not yet is rearranged.
        shifted = [(i + 1) % order for i in range(order)]
        other = tuple(tuple(square[r][c] for c in shifted) for r in shifted)
        for brought in (square, other):
            asked = replace(question, source="file", squares=packed([brought]))
            kept = found(asked, 1)[0].squares[0]
            across = tuple(row[::-1] for row in transposed(kept)[::-1])
            assert covered(kept, transposed(kept)) == covered(kept, across) == order**2
            assert brought is other or kept == square


def by_definition(square: Rows, size: int) -> bool:
    order = range(len(square))
    return any(
        len({square[r][c] for r in rows for c in columns}) == size
        for rows in combinations(order, size)
        for columns in combinations(order, size)
    )


@given(order=st.integers(4, 7), size=st.integers(2, 3), seed=st.integers(1, 2**32 - 1))
@examples(60)
def test_subsquares_are_those_of_the_definition(order: int, size: int, seed: int) -> None:
    state = cyclic(order)
    walk(state, Random([seed, 5, 6, 7]), order, order**3)
    square = rows_of(state, order)
    assert has_subsquare(square, size) == by_definition(square, size)


def test_squares_with_a_subsquare_and_with_many_transversals() -> None:
    assert has_subsquare(found(Question(10, subsquare=3), 1)[0].squares[0], 3)
    rich = found(Question(10, transversals=4_500), 2)
    assert all(record.transversals >= 4_500 for record in rich)


def every_mate(square: Rows) -> set[Rows]:
    """By backtracking over rows of mates, as oracle: row by row, each symbol where it may be."""
    order = len(square)
    mates: set[Rows] = set()

    def rest(rows: list[tuple[int, ...]], pairs: frozenset[tuple[int, int]]) -> None:
        r = len(rows)
        if r == order:
            mates.add(tuple(rows))
            return

        def cell(c: int, row: tuple[int, ...], used: frozenset[tuple[int, int]]) -> None:
            if c == order:
                rest([*rows, row], used)
                return
            for symbol in range(order):
                pair = (square[r][c], symbol)
                above = any(other[c] == symbol for other in rows)
                if symbol not in row and not above and pair not in used:
                    cell(c + 1, (*row, symbol), used | {pair})

        cell(0, (), pairs)

    first = tuple(range(order))
    rest([first], frozenset(zip(square[0], first, strict=True)))
    return mates


def test_how_many_numbers_of_transversals_there_are() -> None:
    """OEIS A309344, by every reduced square of orders 1 to 6."""
    numbers = []
    for order in range(1, 7):
        reduced, finder = Reduced(order), Transversals(order)
        seen = set()
        while reduced.advance():
            seen.add(int(finder.find(reduced.square)))
        numbers.append(len(seen))
    assert numbers == [1, 1, 1, 2, 2, 4]


@pytest.mark.parametrize("order", [4, 5])
def test_all_mates_are_those_of_the_definition(order: int) -> None:
    reduced, finder, mates = Reduced(order), Transversals(order), Mates(order, 50)
    assert reduced.begin()
    while reduced.advance():
        count = finder.find(reduced.square)
        assert mates.search(finder.found, count, 10**9, 50) == 0
        rows = [mates.rows(which) for which in range(mates.found())]
        assert len(rows) == len(set(rows))
        assert set(rows) == every_mate(rows_of(reduced.square, order))


def test_mates_are_counted_beyond_those_kept_and_up_to_those_wanted() -> None:
    state, finder = cyclic(8), Transversals(8)
    enter(state, tuple(tuple(r ^ c for c in range(8)) for r in range(8)))
    count = finder.find(state)
    few, many = Mates(8, 3), Mates(8, 5_000)
    assert many.search(finder.found, count, 10**12, 5_000) in (0, 1)
    assert few.search(finder.found, count, 10**12, 5_000) in (0, 1)
    assert few.found() == many.found() > 3
    assert [few.rows(i) for i in range(3)] == [many.rows(i) for i in range(3)]
    assert few.search(finder.found, count, 10**12, 2) == 1
    assert few.found() >= 2


def test_a_triple_is_what_it_says_and_the_same_each_time() -> None:
    first, *rest = records(Question(10, source="turn", triple=True), 3)
    assert isinstance(first, TripleRecord)
    assert flaw_of(first) == ""
    one, other, third = first.squares
    assert flaw((one, other)) == ""
    assert first.covered == (covered(one, third), covered(other, third))
    assert max(first.covered) == 100
    assert min(first.covered) > 70
    assert records(Question(10, source="turn", triple=True), 1)[0] == first
    assert len(rest) >= 3


def test_every_mate_of_a_given_square_is_hunted_from_and_no_triple_comes_twice() -> None:
    square = found(Question(10, source="turn", mates=1), 1)[0].squares[0]
    question = Question(10, source="file", triple=True, squares=packed([square]))
    triples = [r for r in records(question, 8) if isinstance(r, TripleRecord)]
    assert len(triples) == 8
    assert len({frozenset(triple.squares) for triple in triples}) == 8


def test_a_square_of_order_12_with_more_transversals_than_others_have_mates() -> None:
    z2z6 = tuple(
        tuple((a // 6 + b // 6) % 2 * 6 + (a + b) % 6 for b in range(12)) for a in range(12)
    )
    for record in found(Question(12, source="file", squares=packed([z2z6])), 3):
        assert (record.squares[0], record.transversals) == (z2z6, 198_144)


@pytest.mark.slow
def test_a_set_of_eight_is_found_for_a_square_that_is_in_one() -> None:
    z3z3 = tuple(tuple((a // 3 + b // 3) % 3 * 3 + (a + b) % 3 for b in range(9)) for a in range(9))
    found(Question(9, 8, "file", squares=packed([z3z3])), 1)


def test_a_given_square_that_is_diagonal_stays_as_it_is() -> None:
    square = found(Question(7, diagonal=True), 1)[0].squares[0]
    question = Question(7, source="file", diagonal=True, squares=packed([square]))
    assert found(question, 1)[0].squares[0] == square


@pytest.mark.parametrize("number", [0, 1])
def test_a_given_square_s_mates_are_taken_up_where_they_were_left(number: int) -> None:
    squares = packed(
        [tuple(tuple((a + b * k) % 7 for b in range(7)) for a in range(7)) for k in (1, 2)]
    )
    unit = Unit(Question(7, source="file", squares=squares), 2_000, number=number, units=2)
    ticks = count()
    whole = list(search(unit, lambda: float(next(ticks)), lambda: False))
    finds = [record for record in whole if isinstance(record, SquareRecord)]
    saved = {r.checkpoint for r in whole if isinstance(r, ProgressRecord) and r.checkpoint}
    assert len(saved) > 10
    for checkpoint in saved:
        left = list(search(replace(unit, checkpoint=checkpoint), lambda: 0.0, lambda: False))
        assert [r for r in left if not isinstance(r, ProgressRecord)] == [
            *finds[checkpoint.found :],
            whole[-1],
        ]
        ends = [r for r in (left[-2], whole[-2]) if isinstance(r, ProgressRecord)]
        assert len({(r.tried, r.transversals, r.found, r.share) for r in ends}) == 1


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_nearest_mate_is_the_best_of_all(seed: int) -> None:
    """Against every mate of a rich square of order 8, each compared by the definition."""
    state, other = cyclic(8), cyclic(8)
    finder, mates, nearest = Transversals(8), Mates(8, 10_000), Nearest(8)
    moved(state, 8, Random([seed, 3, 1, 4]))
    count = finder.find(state)
    assert mates.search(finder.found, count, 10**12, 10_000) == 0
    every = [mates.rows(which) for which in range(mates.found())]
    for mate in every[:5]:
        enter(other, mate)
        best = max(covered(mate, another) for another in every)
        cost = nearest.find(finder.found, count, other, 65, 10**12)
        assert cost == 64 - best
        assert covered(mate, nearest.rows()) == best
        assert nearest.rows() in every
        assert nearest.find(finder.found, count, other, cost, 10**12) == cost


def test_a_hunt_past_its_bound_ends_with_what_it_has() -> None:
    state, other, finder, nearest = cyclic(10), cyclic(10), Transversals(10), Nearest(10)
    turn(state, 10, Random([8, 3, 1, 4]))
    count = finder.find(state)
    enter(other, rows_of(state, 10))
    assert nearest.find(finder.found, count, other, 5, 1_000) == 5
    assert nearest.steps() < 10_000
