"""That there are no others is said where brute force finds none, and nowhere else."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations, permutations, product
from typing import Any

import pytest

from results.endings import ending
from solver.question import Question, QuestionError, packed
from solver.records import NOTHING, DoneRecord, Rows, SquareRecord
from solver.search.units import Unit, search
from swarm.job import JobSpec
from tests.solver.renaming import cyclic, field_set, group_table, renamed

pytestmark = pytest.mark.slow

SQUARES: dict[int, list[Rows]] = {
    3: [cyclic(3)[0]],
    4: [cyclic(4)[0], group_table(2, 2)[0]],
    5: [cyclic(5)[0], field_set(5, 2)[1], renamed(cyclic(5), 4)[0]],
    7: [cyclic(7)[0], renamed(cyclic(7), 9)[0]],
}
FILTERS: list[dict[str, Any]] = [
    {},
    {"diagonal": True},
    {"odls": True},
    {"odls": True, "esodls": True},
    {"self_orthogonal": True},
    {"subsquare": 2},
    {"transversals": 15},
    {"mols": 3},
]
ALL = ("these are all there are", "there is none")
OTHERS = "there may be others"


@cache
def transversals(square: Rows) -> list[tuple[int, ...]]:
    """By trying all permutations of the columns."""
    order = len(square)
    return [
        columns
        for columns in permutations(range(order))
        if len({square[r][c] for r, c in enumerate(columns)}) == order
    ]


@cache
def mates(square: Rows) -> set[Rows]:
    """Every mate with a first row in natural order: a transversal for each of its symbols."""
    order = len(square)
    by_first: dict[int, list[tuple[int, ...]]] = {c: [] for c in range(order)}
    for columns in transversals(square):
        by_first[columns[0]].append(columns)

    def cover(chosen: list[tuple[int, ...]]) -> Iterator[Rows]:
        if len(chosen) == order:
            yield tuple(
                tuple(next(s for s in range(order) if chosen[s][r] == c) for c in range(order))
                for r in range(order)
            )
            return
        for columns in by_first[len(chosen)]:
            if all(a != b for other in chosen for a, b in zip(columns, other, strict=True)):
                yield from cover([*chosen, columns])

    return set(cover([]))


def orthogonal(one: Rows, other: Rows) -> bool:
    pairs = {(one[r][c], other[r][c]) for r in range(len(one)) for c in range(len(one))}
    return len(pairs) == len(one) ** 2


def natural(square: Rows) -> Rows:
    names = {symbol: n for n, symbol in enumerate(square[0])}
    return tuple(tuple(names[s] for s in row) for row in square)


def is_diagonal(square: Rows) -> bool:
    order = len(square)
    return all(
        len({square[r][c] for r, c in cells}) == order
        for cells in (
            [(i, i) for i in range(order)],
            [(i, order - 1 - i) for i in range(order)],
        )
    )


@cache
def can_be_diagonal(square: Rows, *, alike: bool) -> bool:
    every = list(permutations(range(len(square))))
    both = ((p, p) for p in every) if alike else product(every, every)
    return any(is_diagonal(tuple(tuple(square[r][c] for c in b) for r in a)) for a, b in both)


@cache
def of_its_class(square: Rows) -> set[Rows]:
    """Its rows and columns in each order that leaves it diagonal, and those of its transpose."""
    every = range(len(square))
    back = [len(square) - 1 - i for i in every]
    orders = [p for p in permutations(every) if all(p[back[i]] == back[p[i]] for i in every)]
    return {
        natural(tuple(tuple(one[r][c] for c in columns) for r in rows))
        for one in (square, tuple(zip(*square, strict=True)))
        for rows in orders
        for columns in (rows, rows[::-1])
    }


@cache
def diagonal_squares(order: int) -> list[Rows]:
    """All with the first row in natural order, row by row."""
    every = list(permutations(range(order)))

    def rest(rows: tuple[tuple[int, ...], ...]) -> Iterator[Rows]:
        if len(rows) == order:
            if is_diagonal(rows):
                yield rows
            return
        for row in every:
            if all(a != b for other in rows for a, b in zip(row, other, strict=True)):
                yield from rest((*rows, row))

    return list(rest((tuple(range(order)),)))


def subsquare(square: Rows) -> bool:
    every = range(len(square))
    return any(
        len({square[r][c] for r in (a, b) for c in (x, y)}) == 2
        for a in every for b in range(a) for x in every for y in range(x)
    )  # fmt: skip


def expected(square: Rows, question: Question) -> int:
    """How many sets begin with this square, by definition."""
    if question.transversals > len(transversals(square)):
        return 0
    if question.subsquare and not subsquare(square):
        return 0
    if question.diagonal and not is_diagonal(square):
        # Seven rows have too many arrangements to try them all: the one square tried can be.
        alike = question.self_orthogonal
        if len(square) < 7 and not can_be_diagonal(square, alike=alike):
            return 0
    if question.self_orthogonal:
        return int(orthogonal(square, tuple(zip(*square, strict=True))))
    found = mates(natural(square))
    if question.esodls:
        return len(found & of_its_class(square)) if is_diagonal(square) else 0
    if question.odls:
        found = {mate for mate in found if is_diagonal(mate)} if is_diagonal(square) else set()
    if question.mols == 2:
        return len(found)
    # A set is one, in whichever order its squares are named.
    return sum(orthogonal(one, other) for one, other in combinations(found, 2))


@cache
def reduced(order: int) -> list[Rows]:
    """All Latin squares with first row and column in natural order, row by row."""
    first = tuple(range(order))

    def rest(rows: tuple[tuple[int, ...], ...]) -> Iterator[Rows]:
        if len(rows) == order:
            yield rows
            return
        for row in permutations(range(order)):
            apart = all(a != b for other in rows for a, b in zip(row, other, strict=True))
            if row[0] == len(rows) and apart:
                yield from rest((*rows, row))

    return list(rest((first,)))


def said(question: Question, count: int, units: int = 1) -> tuple[set[tuple[Rows, ...]], str]:
    """What a job's units find, and the sentence at its end."""
    found: list[tuple[Rows, ...]] = []
    ends: list[DoneRecord] = []
    spec = JobSpec(question, count=count)
    for number in range(units):
        unit = Unit(question, count if units == 1 else spec.count, 1, number, units=units)
        for record in search(unit, lambda: 0.0, lambda: False):
            if isinstance(record, SquareRecord):
                found.append(record.squares)
            elif isinstance(record, DoneRecord):
                ends.append(record)
    return set(found), ending(spec, len(found), ends)


def asked(order: int, **more: Any) -> Question:  # noqa: ANN401 - a question's own fields
    try:
        return Question(order, **more)
    except QuestionError as refused:
        pytest.skip(str(refused))


@pytest.mark.parametrize("filters", [*FILTERS, {"dsodls": True}], ids=str)
def test_what_an_ending_advises_is_taken(filters: dict[str, Any]) -> None:
    question = asked(4, **filters)
    sentence = ending(JobSpec(question, count=9), 0, [DoneRecord(0, 0, NOTHING, "stalled")])
    try:
        replace(question, source="exhaust")
    except QuestionError:
        assert "exhaust" not in sentence
    else:
        assert "(--source exhaust goes through all)" in sentence


@pytest.mark.parametrize("order", SQUARES)
@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("units", [1, 3])
def test_a_file_s_squares_have_no_other_mates_where_it_is_said(
    order: int, filters: dict[str, Any], units: int
) -> None:
    for square in SQUARES[order]:
        question = asked(order, source="file", squares=packed([square]), **filters)
        if order == 7 and question.mols > 2:
            pytest.skip("brute force takes too long")
        there = expected(square, question)
        found, sentence = said(question, 20_000, units)
        assert len(found) == there
        assert any(words in sentence for words in ALL)
        assert OTHERS not in sentence
        if there:
            exact, sentence = said(question, there)
            assert exact == found
            assert f"{there:,} of {there:,}" in sentence
            assert "these are all there are" in sentence
        for count in (1, there - 1):
            if 0 < count < there:
                few, sentence = said(question, count)
                assert len(few) == count
                assert OTHERS in sentence
                assert "--count" in sentence
        if there > 1 and not question.self_orthogonal:
            bounded = asked(order, source="file", squares=packed([square]), mates=1, **filters)
            few, sentence = said(bounded, 20_000)
            assert len(few) == 1
            assert OTHERS in sentence
            assert "no more than 1 of a square were taken (leave out --mates)" in sentence


@pytest.mark.parametrize("order", [3, 4, 5])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_every_reduced_square_is_gone_through_where_it_is_said(
    order: int, filters: dict[str, Any]
) -> None:
    question = asked(order, source="exhaust", **filters)
    begun = diagonal_squares(order) if question.esodls else reduced(order)
    there = sum(expected(square, question) for square in begun)
    found, sentence = said(question, 20_000)
    assert len(found) == there
    assert any(words in sentence for words in ALL)
    if there:
        assert "these are all there are" in said(question, there)[1]
    if there > 1:
        assert OTHERS in said(question, there - 1)[1]
        bounded = asked(order, source="exhaust", mates=1, **filters)
        few, sentence = said(bounded, 20_000)
        assert (len(few) < there) == (OTHERS in sentence)
        assert found >= few
    shared, sentence = said(question, 20_000, 3)
    assert shared == found
    assert any(words in sentence for words in ALL)


@pytest.mark.parametrize(("order", "mols", "there"), [(4, 3, 1), (5, 3, 18), (5, 4, 6)])
def test_a_set_counts_once_in_whichever_order_its_squares_come(
    order: int, mols: int, there: int
) -> None:
    found, sentence = said(Question(order, source="exhaust", mols=mols), 100)
    assert len({(square, frozenset(mates)) for square, *mates in found}) == there
    assert f"{there} of 100 sets found" in sentence
    some, _ = said(Question(order, mols=mols), 30)
    assert len({(square, frozenset(mates)) for square, *mates in some}) == len(some)


@pytest.mark.parametrize("order", [3, 4, 5])
@pytest.mark.parametrize("source", ["random", "turn", "construct", "symmetric"])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_source_without_end_never_says_that_there_are_no_others(
    order: int, source: str, filters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.search.units.STALLED", 2_000)
    question = asked(order, source=source, **filters)
    sentence = said(question, 20_000)[1]
    assert "gave up" in sentence
    assert OTHERS in sentence
    assert not any(words in sentence for words in ALL)


def test_what_an_older_solver_ended_with_proves_nothing() -> None:
    question = Question(4, source="file", squares=packed([group_table(2, 2)[0]]))
    sentence = ending(JobSpec(question), 1, [DoneRecord(0, 1, "0" * 16, "exhausted")])
    assert OTHERS in sentence


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"odls": True}, "each square of the file that is diagonal as it stands was gone"),
        ({"subsquare": 2}, "each square of the file that has a subsquare of order 2 was gone"),
        ({"transversals": 9}, "each square of the file that has 9 transversals or more was gone"),
        ({}, "every mate of each square of the file was gone through"),
    ],
)
def test_an_ending_names_the_squares_of_a_file_that_were_taken_at_all(
    filters: dict[str, Any], words: str
) -> None:
    """What the file holds may be none of them."""
    question = Question(5, source="file", squares=packed([SQUARES[5][0]]), **filters)
    assert words in said(question, 500)[1]
