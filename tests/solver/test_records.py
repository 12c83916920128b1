"""The record format and the verifier: nothing altered, cut or wrong passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.notation import cells, grid, letters
from solver.records import (
    BadRecord,
    DoneRecord,
    ImpossibleRecord,
    ProgressRecord,
    Record,
    Rows,
    SquareRecord,
    decode,
    encode,
)
from solver.verify import flaw, flaw_of

LATIN: Rows = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
MATE: Rows = ((0, 1, 2), (2, 0, 1), (1, 2, 0))
PAIR = SquareRecord(4, 7, 3, (LATIN, MATE), "random", 12, 3)

whole = st.integers(0, 2**61)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
others = st.one_of(
    st.builds(ProgressRecord, whole, whole, whole, whole, st.floats(0, 1e9)),
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
