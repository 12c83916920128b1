"""Squares by construction: every one verified, as many as are known, and what is said of others."""

import re
import subprocess
import sys
from collections.abc import Iterable
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest

from solver.constructions import (
    NotKnown,
    Square,
    best_published,
    construct,
    known,
    method,
)
from solver.constructions.chance import Chance
from solver.constructions.orthomorphisms import orthomorphism
from solver.constructions.turned import turned
from solver.constructions.untied import untied
from solver.constructions.variants import variants
from solver.search.latin import cyclic, put
from solver.search.transversals import Transversals
from solver.verify import flaw

ROOT = Path(__file__).resolve().parents[2]

# Orders 2 to 30, as in the Handbook of Combinatorial Designs with what was found since.
BEST_KNOWN = [
    *(1, 2, 3, 4, 1, 6, 7, 8, 2, 10, 5, 12, 4, 4, 15, 16, 5, 18, 4, 5, 3, 22, 7, 24, 4, 26, 5, 28),
    4,
]
OTHER = {48: 8, 54: 5, 63: 6, 96: 7, 108: 11}
"""Where fewer squares are here than are published, or more: of 108, for which 9 are."""

ALL = range(1, 109)
"""The orders of the table of 2024."""
QUICK = 40
"""What is tried of each order, `make check` tries of the smaller ones."""
WITH_PAIRS = [order for order in ALL if order not in (2, 6)]


def each(orders: Iterable[int]) -> pytest.MarkDecorator:
    """Each order as a parameter; a large one is slow."""
    slow = pytest.mark.slow
    return pytest.mark.parametrize(
        "order", [pytest.param(order, marks=[slow] if order > QUICK else []) for order in orders]
    )


@each(ALL)
def test_every_construction_is_verified(order: int) -> None:
    """All squares that there are, and each smaller set unless it is just the first of those.

    Of the planes above order 50 a dozen squares.
    """
    most = known(order) if order <= 50 else min(known(order), 12)
    everything = construct(order, most)
    assert len(everything) == most
    assert flaw(everything) == ""
    for count in range(1, most):
        squares = construct(order, count)
        assert len(squares) == count
        if squares != everything[:count]:
            assert flaw(squares) == ""


@pytest.mark.parametrize("order", WITH_PAIRS)
def test_first_rows_are_in_natural_order(order: int) -> None:
    assert [square[0] for square in construct(order)] == [tuple(range(order))] * 2


def test_as_many_squares_as_are_known() -> None:
    assert [known(order) for order in range(2, 31)] == BEST_KNOWN
    assert [best_published(order) for order in range(2, 31)] == BEST_KNOWN
    assert {o: known(o) for o in ALL if known(o) != best_published(o)} == OTHER
    assert all(known(order) >= 2 for order in WITH_PAIRS)


def test_methods_say_how_and_who() -> None:
    assert method(9) == "finite field (Bose 1938)"
    assert method(12) == "Kronecker product (MacNeish 1922)"
    assert method(12, 5) == "difference matrix (Johnson, Dulmage, Mendelsohn 1961)"
    assert method(10) == "quasi-difference matrix (Parker 1959)"
    for order in WITH_PAIRS:
        for count in range(2, known(order) + 1):
            # A record holds 80 characters of source; some are left for the name of the source.
            assert len(method(order, count)) <= 64


@pytest.mark.parametrize(
    ("order", "count", "said"),
    [
        (2, 2, "Order 2: no two squares are orthogonal, so there are no 2."),
        (6, 2, "Order 6: no two squares are orthogonal, so there are no 2."),
        (10, 3, "Order 10: 2 MOLS are known, 3 is an open problem."),
        (10, 4, "Order 10: 2 MOLS are known, not 4."),
        (9, 9, "Order 9: there cannot be more than 8 MOLS, so not 9."),
        (48, 9, "Order 48: 10 MOLS are published, this program has 8 of them."),
        (108, 12, "Order 108: 11 MOLS are known, 12 is an open problem."),
        (1, 3, "Order 1: there is one square; a pair of it is all there is, not 3."),
        (12, 0, "Order 12: ask for 1 square or more, not 0."),
        (10001, 2, "Order 10001: constructions go from order 1 to 10,000."),
        (0, 1, "Order 0: constructions go from order 1 to 10,000."),
        (-3, 2, "Order -3: constructions go from order 1 to 10,000."),
    ],
)
def test_what_cannot_be_constructed_is_said_in_a_sentence(
    order: int, count: int, said: str
) -> None:
    for refused in (construct, method):
        with pytest.raises(NotKnown, match=f"^{re.escape(said)}$"):
            refused(order, count)


def test_constructions_need_nothing_that_is_not_pythons_own() -> None:
    """Without site packages: not even what the compiled search needs."""
    program = "from solver.constructions import construct; print(construct(10)[0][9])"
    command = [sys.executable, "-S", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{construct(10)[0][9]}\n"


@each([*(order for order in WITH_PAIRS if order <= 50), 58, 108, 128])
def test_variants_are_pairs_and_differ(order: int) -> None:
    pairs = list(islice(variants(order, 7), 12))
    assert [flaw(pair) for pair in pairs] == [""] * 12
    if order >= 7:
        assert len(set(pairs)) == 12


@pytest.mark.parametrize(("order", "count"), [(4, 3), (12, 5), (14, 4), (16, 6), (22, 3)])
def test_variants_of_larger_sets(order: int, count: int) -> None:
    sets = list(islice(variants(order, 7, count), 4))
    assert [flaw(squares) for squares in sets] == [""] * 4
    assert len(set(sets)) == 4
    assert {len(squares) for squares in sets} == {count}


@pytest.mark.parametrize("order", [2, 6])
def test_there_are_no_variants_of_what_does_not_exist(order: int) -> None:
    with pytest.raises(NotKnown, match=f"Order {order}: no two squares are orthogonal"):
        variants(order, 1)


def test_variants_depend_on_the_seed_and_on_nothing_else() -> None:
    def first(seed: int) -> list[tuple[Square, ...]]:
        return list(islice(variants(10, seed), 3))

    assert first(1) == first(1)
    assert first(1) != first(2)


def transversals(square: Square) -> int:
    """Their number does not change when rows, columns, symbols or these roles are permuted."""
    state = cyclic(len(square))
    for r, row in enumerate(square):
        for c, symbol in enumerate(row):
            put(state, r, c, symbol)
    return int(Transversals(len(square)).find(state))


@pytest.mark.slow
@pytest.mark.parametrize(("order", "least"), [(9, 10), (10, 20)])
def test_variants_are_not_one_pair_under_many_names(order: int, least: int) -> None:
    pairs = islice(variants(order, 3), 60)
    assert len({tuple(sorted(map(transversals, pair))) for pair in pairs}) >= least


def test_random_matrices_are_the_same_on_every_machine() -> None:
    """Recorded on x86-64; a set's order, which a machine's word length changes, must not matter."""
    chance = Chance("every machine")
    made = [untied(7, chance), turned(27, 11, chance), turned(15, 3, chance)]
    made += [orthomorphism((2, 2, 5), chance)]
    assert sha256(repr(made).encode()).hexdigest()[:16] == "bd400ea8da30cf83"
    assert chance.shuffled(range(10)) == [8, 2, 9, 7, 0, 6, 1, 5, 3, 4]


def test_the_page_on_constructions_says_what_the_program_has() -> None:
    page = (ROOT / "docs/using/constructions.md").read_text()
    rows = re.findall(r"^\| *(\d+) *\| *(\d+) *\| *(\d+) *\| (.+?) *\|$", page, re.MULTILINE)
    assert [(int(order), int(here), int(best)) for order, here, best, _ in rows] == [
        (order, known(order), best_published(order)) for order in ALL
    ]
    assert [how for *_, how in rows] == [method(order, known(order)) for order in ALL]
