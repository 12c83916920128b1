"""The mathematics: uniform squares, all transversals, mates, reduced squares, against counts."""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import Random, cyclic, walk
from solver.search.mates import Mates
from solver.search.reduced import Reduced
from solver.search.shape import enter
from solver.search.transversals import Transversals
from tests.examples import examples

BOUND = 10**9
Square = tuple[tuple[int, ...], ...]

seeds = st.integers(1, 2**32 - 1)


def rows_of(state: vec[i64], order: int) -> Square:
    return tuple(tuple(int(state[r * 16 + c]) for c in range(order)) for r in range(order))


def random_square(order: int, seed: int) -> vec[i64]:
    state = cyclic(order)
    walk(state, Random([seed, 1, 2, 3]), order, 2 * order**3)
    return state


def is_latin(rows: Square) -> bool:
    order = len(rows)
    return all(sorted(line) == list(range(order)) for line in [*rows, *zip(*rows, strict=True)])


def columns_of(nibbles: int, order: int) -> tuple[int, ...]:
    return tuple((nibbles >> (4 * r)) & 15 for r in range(order))


def transversals_of(finder: Transversals, count: int, order: int) -> list[tuple[int, ...]]:
    return [columns_of(int(finder.found[i]), order) for i in range(count)]


@given(order=st.integers(3, 12), seed=seeds)
@examples(60)
def test_the_chain_arrives_at_latin_squares(order: int, seed: int) -> None:
    assert is_latin(rows_of(random_square(order, seed), order))


def test_squares_of_order_4_are_uniform() -> None:
    """576 squares, 100 visits expected to each: chi-square within five sigma of its mean."""
    state, random, visits = cyclic(4), Random([7, 11, 13, 17]), 57_600
    seen: Counter[Square] = Counter()
    for _ in range(visits):
        walk(state, random, 4, 16)
        seen[rows_of(state, 4)] += 1
    assert len(seen) == 576
    chi_square = sum((count - 100) ** 2 / 100 for count in seen.values())
    assert abs(chi_square - 575) < 5 * (2 * 575) ** 0.5


@pytest.mark.parametrize(
    ("order", "samples", "share"),
    [
        (4, 40_000, 1 / 4),
        (5, 40_000, 6 / 56),
        pytest.param(7, 100_000, 0.010431, marks=pytest.mark.slow),
    ],
)
def test_share_of_random_squares_with_a_mate(order: int, samples: int, share: float) -> None:
    """The exact shares, from the reduced squares; stopping at raw moves gives 13.6 % at 5."""
    state, random = cyclic(order), Random([1, 2, 3, order])
    transversals, mates = Transversals(order), Mates(order)
    found = 0
    for _ in range(samples):
        walk(state, random, order, order * order)
        count = transversals.find(state)
        found += int(mates.find(transversals.found, count, BOUND))
    sigma = (samples * share * (1 - share)) ** 0.5
    assert abs(found - samples * share) < 5 * sigma


@given(order=st.integers(1, 7), seed=seeds)
@examples(60)
def test_transversals_are_those_of_the_definition(order: int, seed: int) -> None:
    state = random_square(order, seed) if order > 2 else cyclic(order)
    rows = rows_of(state, order)
    finder = Transversals(order)
    count = int(finder.find(state))
    expected = {
        columns
        for columns in permutations(range(order))
        if len({row[c] for row, c in zip(rows, columns, strict=True)}) == order
    }
    found = transversals_of(finder, count, order)
    assert len(found) == len(set(found))
    assert set(found) == expected


@pytest.mark.parametrize(("order", "mean"), [(8, 61.0), (9, 214.3), (10, 826.6)])
def test_mean_number_of_transversals(order: int, mean: float) -> None:
    state, random, finder = cyclic(order), Random([3, 1, 4, order]), Transversals(order)
    total = 0
    for _ in range(2_000):
        walk(state, random, order, order * order)
        total += int(finder.find(state))
    assert total / 2_000 == pytest.approx(mean, rel=0.02)


def has_mate(transversals: list[tuple[int, ...]], order: int) -> bool:
    """Whether disjoint ones cover the square: plain backtracking on the first row, as oracle."""
    through: list[list[tuple[int, ...]]] = [[] for _ in range(order)]
    for columns in transversals:
        through[columns[0]].append(columns)

    def cover(c: int, chosen: list[tuple[int, ...]]) -> bool:
        if c == order:
            return True
        return any(
            cover(c + 1, [*chosen, new])
            for new in through[c]
            if all(a != b for old in chosen for a, b in zip(old, new, strict=True))
        )

    return cover(0, [])


@given(order=st.sampled_from([4, 5, 7, 8]), seed=seeds)
@examples(150)
def test_a_mate_is_found_exactly_where_one_exists(order: int, seed: int) -> None:
    state = random_square(order, seed)
    finder, mates = Transversals(order), Mates(order)
    count = finder.find(state)
    answer = mates.find(finder.found, count, BOUND)
    assert bool(answer) == has_mate(transversals_of(finder, int(count), order), order)
    if answer:
        assert_orthogonal(rows_of(state, order), mates.rows())


@pytest.mark.parametrize("order", [9, 10, 11, pytest.param(12, marks=pytest.mark.slow)])
def test_mates_of_large_squares_are_orthogonal(order: int) -> None:
    state, random = cyclic(order), Random([2, 7, 1, order])
    finder, mates, found = Transversals(order), Mates(order), 0
    for _ in range(400 if order == 9 else 12):
        walk(state, random, order, order * order)
        if mates.find(finder.found, finder.find(state), BOUND):
            assert_orthogonal(rows_of(state, order), mates.rows())
            found += 1
    assert found


def assert_orthogonal(square: Square, mate: Square) -> None:
    order = len(square)
    assert is_latin(mate)
    assert mate[0] == tuple(range(order))
    pairs = {(square[r][c], mate[r][c]) for r in range(order) for c in range(order)}
    assert len(pairs) == order * order


@pytest.mark.parametrize(
    ("order", "squares", "with_mate", "most_transversals"),
    [(1, 1, 1, 1), (2, 1, 0, 0), (3, 1, 1, 3), (4, 4, 1, 8), (5, 56, 6, 15), (6, 9408, 0, 32)],
)
def test_reduced_squares(order: int, squares: int, with_mate: int, most_transversals: int) -> None:
    """Their number (OEIS A000315), how many have a mate, and the most transversals (A090741)."""
    reduced, finder, mates = Reduced(order), Transversals(order), Mates(order)
    seen: set[Square] = set()
    found = most = 0
    assert reduced.begin()
    while reduced.advance():
        rows = rows_of(reduced.square, order)
        assert is_latin(rows)
        assert rows[0] == tuple(row[0] for row in rows) == tuple(range(order))
        seen.add(rows)
        count = finder.find(reduced.square)
        most = max(most, int(count))
        found += int(mates.find(finder.found, count, BOUND))
    assert (len(seen), found, most) == (squares, with_mate, most_transversals)
    assert not reduced.begin()


@given(order=st.integers(4, 11), seeds=st.lists(seeds, min_size=1, max_size=3), data=st.data())
@examples(30)
def test_a_finder_of_many_squares_finds_what_a_new_one_finds(
    order: int, seeds: list[int], data: st.DataObject
) -> None:
    finder = Transversals(order)
    for seed in seeds:
        rows = rows_of(random_square(order, seed), order)
        for _ in range(2):
            # The same upper rows, or some of them, above others.
            kept = data.draw(st.integers(0, order))
            rows = (*rows[:kept], *data.draw(st.permutations(rows[kept:])))
            state = cyclic(order)
            enter(state, rows)
            new = Transversals(order)
            found = transversals_of(finder, int(finder.find(state)), order)
            assert found == transversals_of(new, int(new.find(state)), order)


def test_more_transversals_than_memory_is_said_and_harms_nothing() -> None:
    """The group Z2 x Z6 has 198,144 transversals, three times the bound at order 12."""
    rich = cyclic(12)
    for r in range(12):
        for c in range(12):
            rich[r * 16 + c] = (r // 6 ^ c // 6) * 6 + (r + c) % 6
    finder, usual = Transversals(12), random_square(12, 5)
    before = int(finder.find(usual))
    assert before > 10_000
    assert finder.find(rich) == -1
    assert int(finder.find(usual)) == before


def test_a_search_past_its_bound_says_it_does_not_know() -> None:
    finder, mates = Transversals(10), Mates(10)
    count = finder.find(random_square(10, 9))
    assert mates.find(finder.found, count, 50) == -1
    assert mates.steps() > 50
