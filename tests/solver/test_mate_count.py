"""Counts of all mates of a square as units give them, against a search from the definitions."""

from collections.abc import Sequence
from functools import cache
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.question import Question, QuestionError, packed
from solver.record_reader import BadRecord, decode
from solver.records import (
    Checkpoint,
    CountRecord,
    DoneRecord,
    ProgressRecord,
    Rows,
    SquareRecord,
    checksum,
    digest,
    encode,
)
from solver.search.mate_count import MateCount
from solver.search.units import Unit, search
from swarm.job import JobSpec, SpecError, with_parts
from tests.solver.renaming import cyclic, group_table, renamed
from tests.swarm.samples import counting, unit_records

SEVEN = cyclic(7)[0]
RICH = group_table(3, 3)[0]
"""12,445,836 mates: its group is of order 23,328."""
SQUARES = [
    cyclic(3)[0],
    group_table(2, 2)[0],
    renamed(cyclic(5), 3)[0],
    renamed((SEVEN,), 9)[0],
]


@cache
def by_definition(square: Rows) -> int:
    """Ways to cut a square into transversals."""
    order = len(square)
    all_of = [
        cells
        for cells in permutations(range(order))
        if len({square[row][column] for row, column in enumerate(cells)}) == order
    ]

    def cut(left: Sequence[tuple[int, ...]], through: int) -> int:
        if through == order:
            return 1
        return sum(
            cut([o for o in left if all(a != b for a, b in zip(o, one, strict=True))], through + 1)
            for one in left
            if one[0] == through
        )

    return cut(all_of, 0)


@pytest.mark.parametrize("square", SQUARES, ids=len)
@pytest.mark.parametrize("replicas", [1, 2])
def test_the_parts_of_all_units_are_every_mate_once(square: Rows, replicas: int) -> None:
    spec = counting(square, replicas)
    counts: list[CountRecord] = []
    for unit in range(spec.units):
        *records, end = unit_records(spec, unit)
        given = [record for record in records if isinstance(record, CountRecord)]
        sums = digest(map(checksum, given))
        assert end == DoneRecord(unit, len(given), sums, "exhausted", ())
        assert [decode(encode(record)) for record in given] == given
        counts += given
    assert sorted(record.part for record in counts) == list(range(spec.count))
    assert {record.of for record in counts} == {spec.count}
    assert sum(record.mates for record in counts) == by_definition(square)


@given(st.integers(0, 10**6), st.sampled_from([*permutations(range(3))]))
def test_no_names_change_how_many_mates_there_are(seed: int, roles: tuple[int, ...]) -> None:
    """Nor do those of transversals that are alike: of all of them, one is searched for."""
    count = MateCount(renamed((RICH,), seed, roles)[0])
    assert (count.transversals, sum(map(count.count, range(count.parts)))) == (2_241, 12_445_836)
    assert count.searched < 12_445_836 // 30


def test_only_what_an_automorphism_makes_alike_is_counted_once_for_all() -> None:
    """Some squares have a group of several automorphisms, which may move their mates or not."""
    alike = 0
    for record in search(Unit(Question(8, source="random"), 16, 5), lambda: 0.0, lambda: False):
        if isinstance(record, SquareRecord):
            square = record.squares[0]
            count = MateCount(square)
            mates = sum(map(count.count, range(count.parts)))
            assert mates == by_definition(square)
            alike += count.searched < mates
    assert 0 < alike < 16


def test_a_unit_taken_up_counts_what_is_left_and_no_more() -> None:
    spec = counting(SEVEN, 1)

    def given(checkpoint: Checkpoint | None) -> list[CountRecord | ProgressRecord]:
        unit = Unit(spec.question, 0, number=1, units=2, checkpoint=checkpoint)
        # A clock by which each look comes after what is due.
        ticks = iter(range(0, 10_000, 3))
        records = search(unit, lambda: float(next(ticks)), lambda: False)
        return [r for r in records if isinstance(r, CountRecord | ProgressRecord)]

    whole = given(None)
    counts = [record for record in whole if isinstance(record, CountRecord)]
    saved = [r.checkpoint for r in whole if isinstance(r, ProgressRecord) and r.checkpoint]
    assert len({checkpoint.found for checkpoint in saved}) == len(counts) - 1
    for checkpoint in saved:
        rest = [record for record in given(checkpoint) if isinstance(record, CountRecord)]
        assert rest == counts[checkpoint.found :]
        assert checkpoint.digest == digest(map(checksum, counts[: checkpoint.found]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"mates":39', '"mates":40'),
        ('"mates":39', '"mates":-39'),
        ('"mates":39', '"mates":39.0'),
        ('"mates":39', f'"mates":{2**42 + 1}'),
        ('"mates":39', '"mates":true'),
        ('"part":1', '"part":19'),
        ('"of":19', '"of":1' + "0" * 30),
    ],
)
def test_what_cannot_be_a_count_is_no_record(old: str, new: str) -> None:
    line = encode(CountRecord(1, 0, 7, 1, 19, 39))
    assert old in line
    with pytest.raises(BadRecord):
        decode(line.replace(old, new))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"mols": 3}, "takes no --mols"),
        ({"mates": 5}, "takes no --mols"),
        ({"diagonal": True}, "no filter"),
        ({"squares": packed([SEVEN, SEVEN])}, "of one square"),
        ({"source": "auto", "squares": ""}, "of one square"),
    ],
)
def test_what_cannot_be_counted_is_refused(asked: dict[str, object], sentence: str) -> None:
    given = {"order": 7, "source": "file", "squares": packed([SEVEN]), "count_mates": True}
    with pytest.raises(QuestionError, match=sentence):
        Question(**{**given, **asked})  # type: ignore[arg-type]


def test_a_square_without_a_mate_has_nothing_to_count() -> None:
    square = cyclic(8)[0]
    question = Question(8, source="file", squares=packed([square]), count_mates=True)
    with pytest.raises(SpecError, match="no mate at all"):
        with_parts(JobSpec(question))
