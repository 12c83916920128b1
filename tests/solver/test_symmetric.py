"""Symmetric families and the hunt through them: what has a symmetry, and what is found by it."""

from dataclasses import replace
from itertools import combinations, count

import pytest
from librt.vecs import vec
from mypy_extensions import i64

from solver.question import Question
from solver.records import (
    Checkpoint,
    ProgressRecord,
    Record,
    Rows,
    TripleRecord,
)
from solver.search.latin import Random, cyclic, zeros
from solver.search.mates import Mates
from solver.search.shape import covered, enter, rows_of
from solver.search.transversals import Transversals
from solver.search.units import Unit, search
from solver.triples import symmetric_part
from solver.triples.families import FAMILIES, Family
from solver.triples.invariant import Invariant, Move, Triple
from solver.triples.nearest_two import NearestTwo, rows_of_mate
from solver.triples.orbit_mates import OrbitMates
from solver.verify import flaw_of, not_latin

DIGEST = "056efcc23323c07e"
"""Over two short parts of the hunt; it changes with VERSION only."""
UNIT = Unit(Question(10, triple=True), 4, seed=42)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few squares, where there are some twenty thousand."""
    monkeypatch.setattr(symmetric_part, "SQUARES", 300)


def records(unit: Unit) -> list[Record]:
    ticks = count()
    return list(search(unit, lambda: float(next(ticks)), lambda: False))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_squares_of_a_family_stay_as_they_are(family: Family) -> None:
    squares, random, seen = Invariant(10, family.moves), Random([7, 1, 2, 3]), set()
    for number in range(40):
        made = squares.begin(random) if number % 5 == 0 else squares.change(random)
        assert made or number % 5 > 0
        square = rows_of(squares.square, 10)
        assert not_latin(square) == ""
        triples = {(r, c, s) for r, row in enumerate(square) for c, s in enumerate(row)}
        for move in family.moves:
            assert {move(triple) for triple in triples} == triples
        seen.add(square)
    assert len(seen) > 5


def test_a_square_that_is_put_back_is_as_it_was() -> None:
    squares, random, kept = Invariant(10, FAMILIES[0].moves), Random([7, 1, 2, 3]), zeros(128)
    assert squares.begin(random)
    before, size = rows_of(squares.square, 10), squares.keep(kept)
    while rows_of(squares.square, 10) == before:
        squares.change(random)
    squares.put_back(kept, size)
    assert rows_of(squares.square, 10) == before


FOUR = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))


def group(order: int) -> Rows:
    return tuple(tuple((r + c) % order for c in range(order)) for r in range(order))


def negated(order: int) -> Rows:
    """Row, column and symbol of each cell add up to 0."""
    return tuple(tuple(-(r + c) % order for c in range(order)) for r in range(order))


def moving(names: tuple[int, ...]) -> Move:
    """Rows and columns alike; the mates' symbols in any way, and so the square's."""
    return lambda triple: (names[triple[0]], names[triple[1]], triple[2])


def turned(triple: Triple) -> Triple:
    r, c, s = triple
    return c, s, r


def turned_and_doubled(triple: Triple) -> Triple:
    r, c, s = triple
    return 2 * c % 7, 2 * s % 7, 2 * r % 7


@pytest.mark.parametrize(
    ("square", "move"),
    [
        (FOUR, moving((0, 2, 3, 1))),
        (FOUR, turned),
        (group(5), moving((1, 2, 3, 4, 0))),
        (group(5), moving((0, 2, 4, 1, 3))),
        (group(7), moving((0, 2, 4, 6, 1, 3, 5))),
        (group(7), moving((0, 6, 5, 4, 3, 2, 1))),
        (group(7), moving((1, 2, 3, 4, 5, 6, 0))),
        (negated(7), turned),
        (negated(7), turned_and_doubled),
    ],
)
def test_invariant_mates_are_those_of_all_mates_that_stay_as_they_are(
    square: Rows, move: Move
) -> None:
    """Of every mate it is looked up whether its transversals stay among themselves."""
    order = len(square)
    found, total = transversals_of(square)
    mates = Mates(order, 50_000)
    assert mates.search(found, total, 10**9, 50_000) == 0
    every = {cells_by_symbol(mates.rows(which)) for which in range(mates.found())}
    stay = {
        mate
        for mate in every
        if {frozenset(move((r, c, square[r][c]))[:2] for r, c in cells) for cells in mate} == mate
    }
    orbits, state = OrbitMates(order, move), cyclic(order)
    enter(state, square)
    number = int(orbits.find(state, found, total))
    given = [cells_by_symbol(rows_of_mate(orbits.mates, i, order)) for i in range(number)]
    assert len(set(given)) == len(given)
    assert set(given) == stay
    assert 0 < len(stay) <= len(every)


def test_the_nearest_two_mates_are_the_best_of_all() -> None:
    found, total = transversals_of(group(7))
    mates, listed, nearest = Mates(7, 1_000), zeros(16_000), NearestTwo(7)
    mates.search(found, total, 10**9, 1_000)
    size = int(mates.list_kept(listed))
    rows = [rows_of_mate(listed, which, 7) for which in range(size)]
    assert rows == [mates.rows(which) for which in range(size)]
    for few in (0, 1, 2, 3, 40):
        best = max((covered(a, b) for a, b in combinations(rows[:few], 2)), default=0)
        assert nearest.find(listed, few) == best
        if best:
            assert covered(rows[int(nearest.one)], rows[int(nearest.other)]) == best


@pytest.mark.usefixtures("short")
def test_the_published_record_is_found_from_nothing() -> None:
    first, second, *_, done = [r for r in records(replace(UNIT, count=2)) if not progress(r)]
    assert isinstance(first, TripleRecord)
    assert isinstance(second, TripleRecord)
    for record in (first, second):
        assert flaw_of(record) == ""
        one, *others = record.squares
        assert [covered(one, other) for other in others] == [100, 100]
        assert record.covered == (100, covered(*others))
    assert first.covered == (100, 91)
    assert (first.source, second.source) == ("symmetric 3331 turned", "symmetric 3331 transposed")
    assert getattr(done, "digest", "") == DIGEST


def test_what_is_near_is_given_at_once_and_then_only_what_is_nearer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(symmetric_part, "SQUARES", 1_500)
    given = [r for r in records(replace(UNIT, number=12)) if isinstance(r, TripleRecord)]
    assert {flaw_of(record) for record in given} == {""}
    first = [record for record in given if record.tried <= symmetric_part.SQUARES]
    pairs = [record.covered[1] for record in first]
    assert first[0].tried < first[1].tried < 1_000
    assert pairs == sorted(set(pairs))
    assert pairs[0] >= symmetric_part.NEAR
    # Of every later part the best alone.
    assert len({record.tried for record in given[len(first) :]}) == len(given) - len(first) > 0


@pytest.mark.usefixtures("short")
def test_a_hunt_taken_up_at_a_checkpoint_gives_what_is_left_of_it() -> None:
    whole = records(UNIT)
    finds = [record for record in whole if isinstance(record, TripleRecord)]
    saved = {r.checkpoint for r in whole if isinstance(r, ProgressRecord) and r.checkpoint}
    assert {checkpoint.found for checkpoint in saved} >= {1, 2, 3}
    for checkpoint in saved:
        left = records(replace(UNIT, checkpoint=Checkpoint.parse(str(checkpoint))))
        assert [r for r in left if not progress(r)] == [*finds[checkpoint.found :], whole[-1]]


@pytest.mark.usefixtures("short")
def test_other_units_search_elsewhere() -> None:
    found = {
        record.squares
        for unit in (replace(UNIT, count=1, number=number) for number in (0, 1, 6))
        for record in records(unit)
        if isinstance(record, TripleRecord)
    }
    assert len(found) == 3


def progress(record: Record) -> bool:
    return isinstance(record, ProgressRecord)


def transversals_of(square: Rows) -> tuple[vec[i64], int]:
    order = len(square)
    state, finder = cyclic(order), Transversals(order)
    enter(state, square)
    total = int(finder.find(state))
    return finder.found, total


def cells_by_symbol(mate: Rows) -> frozenset[frozenset[tuple[int, int]]]:
    """The mate without the names of its symbols."""
    by: dict[int, set[tuple[int, int]]] = {}
    for r, row in enumerate(mate):
        for c, s in enumerate(row):
            by.setdefault(s, set()).add((r, c))
    return frozenset(map(frozenset, by.values()))
