"""The classes of triples: the same under every renaming, told apart, their groups counted."""

from itertools import combinations, permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from solver.classes.main_class import MainClass, main_class
from solver.question import Question
from solver.records import TripleRecord
from solver.search.shape import covered
from swarm.job import JobSpec
from tests.solver.renaming import FOUR, Set, field_set, latin_squares, renamed
from tests.swarm.samples import unit_records

HUNT = JobSpec(Question(source="turn", triple=True), count=3, replicas=1, seed=2)
HUNTED = [r.squares for r in unit_records(HUNT, 0) if isinstance(r, TripleRecord)]
ALL_PAIRS = 6_912
"""Of order 4: 144 squares have mates, 48 each."""


def class_of(triple: Set) -> MainClass:
    one, other, third = triple
    found = main_class(triple, (covered(one, third), covered(other, third)))
    assert found is not None
    return found


def roles(triple: Set) -> list[tuple[int, ...]]:
    """In which orders rows, columns and symbols make a triple whose first two are orthogonal."""
    n = range(len(triple[0]))
    array = [(r, c, *(square[r][c] for square in triple)) for r in n for c in n]
    whole = {
        (a, b)
        for a, b in permutations(range(5), 2)
        if len({(row[a], row[b]) for row in array}) == len(array)
    }
    wanted = set(combinations(range(5), 2)) - {(2, 4), (3, 4)}
    return [
        taken
        for taken in permutations(range(5))
        if all((taken[a], taken[b]) in whole for a, b in wanted)
    ]


def near(order: int, seed: int) -> Set:
    """Two squares of a field and one that is beside others: with some symmetry, with less."""
    chance = Random(seed)  # noqa: S311 - nothing is secret here
    one, other = field_set(order, 2)
    rows = [list(row) for row in field_set(order, 4)[chance.randrange(4)]]
    for _ in range(chance.randrange(3)):
        a, b = chance.sample(range(order), 2)
        rows[a], rows[b] = rows[b], rows[a]
    return one, other, tuple(map(tuple, rows))


@given(
    st.one_of(st.sampled_from(HUNTED), st.builds(near, st.sampled_from((5, 7)), st.integers())),
    st.integers(),
    st.data(),
)
def test_any_renaming_of_a_triple_has_its_class_and_group(
    triple: Set, seed: int, data: st.DataObject
) -> None:
    again = renamed(triple, seed, data.draw(st.sampled_from(roles(triple))))
    assert class_of(again) == class_of(triple)


def test_the_classes_of_order_4_and_their_groups_make_up_all_triples() -> None:
    thirds = latin_squares(4)
    classes: dict[bytes, tuple[list[int], int, int]] = {}
    for third in thirds:
        triple = (*FOUR, third)
        found = class_of(triple)
        pairs = sorted(covered(square, third) for square in FOUR)
        facts = (pairs, found.group, len(roles(triple)))
        # Of triples that make other numbers of pairs, none share a class.
        assert classes.setdefault(found.digest, facts) == facts
    # A class has as many members as renamings make of one: renamings over the size of its group.
    members = [24**5 * ways / group for _, group, ways in classes.values()]
    assert sum(members) == ALL_PAIRS * len(thirds)
