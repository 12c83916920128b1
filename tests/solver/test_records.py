"""The record format and the verifier: nothing altered, cut or wrong passes."""

import dataclasses
import hashlib
import json
import sqlite3
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.formats.notation import cells, grid, letters
from solver.parts import Parts
from solver.record_reader import BadRecord, decode
from solver.records import (
    MOST_MATES,
    Checkpoint,
    CountRecord,
    DoneRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    Record,
    Rows,
    SquareRecord,
    TripleRecord,
    encode,
)
from solver.verify import flaw, flaw_of
from tests.examples import examples

LATIN: Rows = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
MATE: Rows = ((0, 1, 2), (2, 0, 1), (1, 2, 0))
PAIR = SquareRecord(4, 7, 3, (LATIN, MATE), "random", 12, 3)

whole = st.integers(0, 2**61)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(0, 10**18 - 1)
checkpoints = st.builds(
    Checkpoint,
    st.text("0123456789abcdef", min_size=16, max_size=16),
    st.just("0.1.0"),
    numbers,
    numbers,
    numbers,
    numbers,
    numbers,
)
others = st.one_of(
    st.builds(
        ProgressRecord,
        whole,
        whole,
        whole,
        whole,
        st.floats(0, 1e9),
        st.floats(0, 1),
        st.none() | checkpoints,
    ),
    st.builds(PartRecord, whole, whole, st.integers(0, 4), st.integers(5, 64), texts),
    st.builds(
        TripleRecord,
        whole,
        whole,
        whole,
        st.just((LATIN, MATE, LATIN)),
        st.tuples(whole, whole),
        texts,
        whole,
    ),
    st.builds(
        CountRecord,
        whole,
        whole,
        whole,
        st.integers(0, 99),
        st.integers(100, 2**61),
        st.integers(0, MOST_MATES),
    ),
    st.builds(ImpossibleRecord, whole, whole, texts, whole, whole),
    st.builds(DoneRecord, whole, whole, texts, texts),
)


@given(
    st.one_of(
        others,
        st.builds(SquareRecord, whole, whole, whole, st.just((LATIN, MATE)), texts, whole, whole),
    )
)
def test_what_is_written_is_read(record: Record) -> None:
    line = encode(record)
    assert "\n" not in line
    assert decode(line) == record


# What any reader meets where a worker lies: each field of each kind of record holds anything.
NASTY = [10**400, -1, 1e300, float("nan"), float("inf"), "\ud800", "\udfff x", True, None, [], {}]
anything = st.sampled_from(NASTY) | st.recursive(
    st.integers() | st.floats() | st.text(st.characters(), max_size=90),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
genuine: list[Record] = [
    PAIR,
    TripleRecord(4, 7, 3, (LATIN, MATE, LATIN), (3, 9), "turn", 12),
    CountRecord(4, 7, 10, 39, 416, 25_000),
    PartRecord(4, 7, 0, 2, "{"),
    ProgressRecord(4, 12, 3, 1, 2.5, 0.5, Checkpoint("0" * 16, "0.1.0", 1, 2, 3, 4, 5)),
    ImpossibleRecord(0, 6, "reduced Latin squares", 9408, 64512),
    DoneRecord(4, 8, "0" * 16, "found"),
]


def sealed(body: dict[str, Any]) -> dict[str, Any]:
    """With the checksum that a liar would give it."""
    said = [body.get(name) for name in ("unit", "seq", "order", "squares")]
    if body.get("type") == "count":
        said[3:] = [body.get(name) for name in ("part", "of", "mates")]
    if body.get("type") == "triple":
        said.append(body.get("covered"))
    whole = body.get("text") if body.get("type") == "part" else said
    text = json.dumps(whole, separators=(",", ":"))
    return body | {"sum": hashlib.sha256(text.encode()).hexdigest()[:16]}


@st.composite
def lies(draw: st.DrawFn) -> str:
    body = json.loads(encode(draw(st.sampled_from(genuine))))
    nested = body.get("found")
    inside = nested if isinstance(nested, dict) and draw(st.booleans()) else body
    inside[draw(st.sampled_from(sorted(inside)))] = draw(anything)
    return json.dumps(sealed(body) if draw(st.booleans()) else body)


@given(lies() | st.binary(max_size=80).map(lambda data: "{" + data.decode("utf-8", "replace")))
@examples(500)
def test_whatever_a_line_claims_what_is_read_of_it_can_be_kept_and_written(line: str) -> None:
    try:
        record = decode(line)
    except BadRecord as error:
        str(error).encode()
        return
    assert record is not None
    assert decode(encode(record)) == record
    with sqlite3.connect(":memory:") as database:
        for value in dataclasses.astuple(record):
            if isinstance(value, str | int | float):
                database.execute("SELECT ?", (value,)).fetchone()
                str(value).encode()


@given(st.data())
def test_a_square_line_cut_anywhere_is_refused(data: st.DataObject) -> None:
    line = encode(PAIR)
    cut = data.draw(st.integers(1, len(line) - 1))
    with pytest.raises(BadRecord):
        decode(line[:cut])


@given(st.data())
def test_no_altered_square_passes_for_another(data: st.DataObject) -> None:
    line = encode(PAIR)
    at = data.draw(st.integers(0, line.index('"found"')))
    to = data.draw(st.sampled_from('0123456789[],{}":xZ'))
    altered = line[:at] + to + line[at + 1 :]
    try:
        record = decode(altered)
    except BadRecord:
        return
    assert record is None or record == PAIR


@pytest.mark.parametrize("line", ["", "hello", "  {}", "[1]", "A0 B1 C2"])
def test_plain_text_is_not_a_record(line: str) -> None:
    assert decode(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "{}",
        '{"type":"square"}',
        '{"type":"treasure"}',
        '{"type":"done","unit":-1,"count":0,"digest":"","reason":""}',
        '{"type":"done","unit":true,"count":0,"digest":"","reason":""}',
        '{"type":"done","unit":1e400,"count":0,"digest":"","reason":""}',
        '{"type":"progress","unit":0,"tried":0,"transversals":0,"found":0,"seconds":"x"}',
        '{"a":' * 100_000,
        '{"type":"part","unit":0,"seq":0,"part":1,"of":1,"text":"","sum":"4f53cda18c2baa0c"}',
        '{"type":"part","unit":0,"seq":0,"part":0,"of":2,"text":"x","sum":"4f53cda18c2baa0c"}',
        '{"type":"triple","unit":0,"seq":0,"order":3,"squares":[],"covered":[9],"found":{}}',
    ],
)
def test_what_only_looks_like_a_record_is_refused(line: str) -> None:
    with pytest.raises(BadRecord):
        decode(line)


def test_the_verifier_accepts_a_pair() -> None:
    assert flaw((LATIN, MATE)) == ""
    assert flaw_of(PAIR) == ""


@given(
    square=st.integers(0, 1), r=st.integers(0, 2), c=st.integers(0, 2), symbol=st.integers(-1, 4)
)
def test_the_verifier_sees_any_changed_cell(square: int, r: int, c: int, symbol: int) -> None:
    squares = [[list(row) for row in rows] for rows in (LATIN, MATE)]
    changed = squares[square][r][c] != symbol
    squares[square][r][c] = symbol
    frozen = tuple(tuple(tuple(row) for row in rows) for rows in squares)
    assert bool(flaw(frozen)) == changed


@pytest.mark.parametrize(
    ("squares", "sentence"),
    [
        ((), "no square"),
        (((), ()), "no cells"),
        ((LATIN, LATIN), "not orthogonal: only 3 of 9"),
        ((LATIN, MATE[:2]), "Square 2 is not 3 by 3"),
        ((LATIN, (*MATE[:2], (1, 2))), "Square 2 is not 3 by 3"),
        ((((0, 1), (0, 1)), ((0, 1), (1, 0))), "Square 1 is not Latin: column 1"),
        ((((0, 0), (1, 1)), ((0, 1), (1, 0))), "Square 1 is not Latin: row 1"),
    ],
)
def test_the_verifier_says_what_is_wrong(squares: tuple[Rows, ...], sentence: str) -> None:
    assert sentence in flaw(squares)


def test_a_record_must_hold_a_pair_of_its_order() -> None:
    assert "at least two" in flaw_of(SquareRecord(0, 0, 3, (LATIN,), "random", 1, 3))
    assert "names order 4" in flaw_of(SquareRecord(0, 0, 4, (LATIN, MATE), "random", 1, 3))


def test_symbols_have_unambiguous_letters() -> None:
    assert [letters(i) for i in (0, 9, 25, 26, 27, 51, 52, 701, 702)] == (
        ["A", "J", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]
    )
    assert len({letters(i) for i in range(20_000)}) == 20_000


def test_the_classical_grid() -> None:
    assert grid((LATIN, MATE)) == "A0 B1 C2\nB2 C0 A1\nC1 A2 B0"
    assert cells((LATIN, MATE))[0] == ["A0", "B1", "C2"]


@pytest.mark.parametrize("cell", ["true", "-1", "1.0", '"1"', "null", str(2**62), "[1]"])
def test_a_cell_that_is_no_symbol_is_refused(cell: str) -> None:
    with pytest.raises(BadRecord, match="squares of whole numbers"):
        decode(encode(PAIR).replace("[1,2,0]", f"[{cell},2,0]", 1))


def test_parts_that_make_no_record_are_refused_and_forgotten() -> None:
    parts = Parts()
    assert parts.add(PartRecord(1, 2, 0, 2, encode(PAIR)[:50])) is None
    with pytest.raises(BadRecord, match="make no record"):
        parts.add(PartRecord(1, 2, 1, 2, encode(PAIR)[50:]))
    line = encode(PAIR)
    assert parts.add(PartRecord(4, 7, 1, 2, line[50:])) is None
    assert parts.add(PartRecord(4, 7, 0, 2, line[:50])) == PAIR


def test_parts_whose_others_never_come_take_little_memory() -> None:
    """A task can claim any number of large squares and finish none."""
    parts = Parts()
    tracemalloc.start()
    try:
        for seq in range(300):
            for part in range(40):
                assert parts.add(PartRecord(0, seq, part, 64, chr(97 + part % 26) * 12_000)) is None
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()
    line = encode(PAIR)
    assert parts.add(PartRecord(4, 7, 0, 2, line[:50])) is None
    assert parts.add(PartRecord(4, 7, 1, 2, line[50:])) == PAIR


@pytest.mark.parametrize(
    ("squares", "claimed", "sentence"),
    [
        ((LATIN, MATE, LATIN), (3, 9), ""),
        ((LATIN, MATE, LATIN), (9, 9), "makes 3 and 9 pairs"),
        ((LATIN, LATIN, MATE), (9, 9), "not orthogonal"),
        ((LATIN, MATE), (9, 9), "three squares"),
        ((LATIN, MATE, ((0, 1, 2), (0, 1, 2), (0, 1, 2))), (3, 3), "not Latin"),
        ((LATIN, MATE, ((0,),)), (1, 1), "not 3 by 3"),
    ],
)
def test_the_verifier_counts_what_a_triple_covers(
    squares: tuple[Rows, ...], claimed: tuple[int, int], sentence: str
) -> None:
    wrong = flaw_of(TripleRecord(0, 0, 3, squares, claimed, "turn", 1))
    assert (sentence in wrong) if sentence else wrong == ""


def test_the_verifier_compares_every_two_of_a_set() -> None:
    third: Rows = ((0, 2, 1), (1, 0, 2), (2, 1, 0))
    assert "Squares 2 and 3" in flaw((LATIN, MATE, third))
