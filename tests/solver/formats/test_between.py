"""Headings, numbers, pages and rules between squares; rows too many, too few, too long."""

import io
import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.formats.csv_reader import HEAD
from solver.formats.notation import grid
from solver.formats.reading import Given, Item, Problem, lines_of, read
from solver.formats.writing import FORMS
from solver.records import Rows
from tests.examples import examples
from tests.solver.formats.notations import FOUR, MATE, ONE, TWO
from tests.solver.renaming import field_set, renamed
from tui.command.squares.square_files import orthogonal_together

LABELS = [
    *("L1", "1", "12", "[1]", "(1)", "1)", "1.", "a)", "L_1", "k=1", "mates: 3", "II", "#1", "1st"),
    *("Page 7", "Page 7 of 9", "- 12 -", "12:30", "2026-11-29 12:30", "No. 1", "p. 3", "Fig. 2b"),
    *("Square 1", "Square 1:", "Mate 1 (of 3)", "total: 1", "Found 3 mates after 12 s."),
]
THREE, OTHER = field_set(3, 2)


def items(text: str | bytes) -> list[Item]:
    given = text.encode() if isinstance(text, str) else text
    return list(orthogonal_together(read(lines_of(io.BytesIO(given)))))


def sets(found: Iterable[Item]) -> list[tuple[Rows, ...]]:
    return [item.squares for item in found if isinstance(item, Given)]


def problems(found: Iterable[Item]) -> list[int]:
    return [item.line for item in found if isinstance(item, Problem)]


def rows(square: Rows, between: str = " ") -> str:
    return "".join(between.join(map(str, row)) + "\n" for row in square)


@pytest.mark.parametrize("blank", ["", "\n"])
@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_no_square_and_parts_no_set(label: str, blank: str) -> None:
    text = f"{label}\n{blank}{rows(FOUR)}{blank}{label}\n{blank}{rows(MATE)}{blank}{label}\n"
    found = items(text)
    assert (sets(found), problems(found)) == ([(FOUR, MATE)], [])


@pytest.mark.parametrize("blank", ["", "\n"])
@pytest.mark.parametrize("label", LABELS)
def test_a_page_may_end_within_a_square(label: str, blank: str) -> None:
    before, behind = rows(FOUR[:2]), rows(FOUR[2:])
    found = items(f"{before}{blank}{label}\n{blank}{behind}\n{rows(MATE)}")
    assert (sets(found), problems(found)) == ([(FOUR, MATE)], [])


@pytest.mark.parametrize("kind", [*ONE, *TWO])
def test_a_label_before_and_behind_every_notation(kind: str) -> None:
    text = (ONE | TWO)[kind].rstrip("\n")
    alone = items(text)
    squares = [one for together in sets(alone) for one in together]
    for label in ("L1", "Page 7", "- 12 -", "12:30", "Square 2", "# mine", "---"):
        for blank in ("", "\n"):
            found = items(f"{label}\n{blank}{text}\n{blank}{label}\n")
            read_ = [one for together in sets(found) for one in together]
            assert (read_, problems(found)) == (squares, []), label


def test_an_order_and_a_count_before_numbered_squares() -> None:
    assert sets(items(f"3\n2\n{rows(THREE)}{rows(OTHER)}")) == [(THREE, OTHER)]
    pair = field_set(7, 2)
    assert sets(items(f"1\n{rows(pair[0])}2\n{rows(pair[1])}")) == [pair]
    lists = "".join(f"{list(map(list, one))}\n" for one in pair)
    assert sets(items(f"sage: for L in M: print(L)\n{lists}sage: len(M)\n2\n")) == [pair]


@pytest.mark.parametrize(
    ("text", "squares"),
    [("0\n", 1), ("A0\n", 2), ("A0.0\n", 3), ("0 0\n", 2), ("[[0]]\n", 1), ("7\n\n7\n", 1)],
)
def test_order_1_is_read_where_it_is_all_there_is(text: str, squares: int) -> None:
    assert {len(one) for one in sets(items(text))} == {squares}
    if "[" not in text:
        assert sets(items(f"{text}\n{rows(FOUR)}"))[-1] == (FOUR,)
        assert {len(one[0]) for one in sets(items(f"{text}\n{rows(FOUR)}"))} == {4}


@pytest.mark.parametrize("extra", ["1 2", "1 2 0", "3 2"])
@pytest.mark.parametrize("behind", ["\nSquare 2\n", "Square 2\n", "\n", "---\n"])
def test_a_row_too_many_is_named(extra: str, behind: str) -> None:
    found = items(f"{rows(THREE)}{extra}\n{behind}{rows(OTHER)}")
    assert (sets(found), problems(found)) == ([(THREE,), (OTHER,)], [4])


def test_a_row_of_letters_too_many_is_named() -> None:
    found = items("abc\nbca\ncab\nabc\n\nbca\nabc\ncab\n")
    assert (len(sets(found)), problems(found)) == (2, [4])


def test_a_list_cut_short_is_named() -> None:
    found = items(f"{rows(FOUR)}\n0\n1\n2\n1\n2\n0\n2\n0\n")
    assert (sets(found), problems(found)) == ([(FOUR,)], [6])


BROKEN = ["0 1 2 3 4\n1 2 3 4 0\n2 3 4 0\n3 4 0 1 2\n4 0 1 2 3\n"]
BROKEN += [
    BROKEN[0].replace("2 3 4 0\n3", "2 3 4 0 1 1\n3"),
    BROKEN[0].replace("2 3 4 0\n3", "3"),
    BROKEN[0].replace("2 3 4 0\n3", "2 3 4 0 1\n2 3 4 0 1\n3"),
    "A0 B1 C2\nB2 C0\nC1 A2 B0\n",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("between", ["", "\n", "---\n", "# second\n", "Square 2\n", "7\n"])
def test_a_good_square_behind_a_broken_one_is_read(broken: str, between: str) -> None:
    good = field_set(5, 2)[1:]
    found = items(f"{broken}{between}{rows(good[0])}{between}{grid(field_set(3, 2))}\n")
    assert sets(found)[-2:] == [good, field_set(3, 2)]
    assert len(problems(found)) == 1
    assert problems(found)[0] <= broken.count("\n")


@pytest.mark.parametrize("empty", [",,", ";;", "\t\t", "sep=;", ">>", ",,,,"])
def test_a_line_of_separators_is_a_blank_line(empty: str) -> None:
    text = f"{empty}\n{rows(THREE, ',')}{empty}\n{rows(OTHER, ',')}{empty}\n"
    assert (sets(items(text)), problems(items(text))) == ([(THREE, OTHER)], [])
    assert items(f"{empty}\n") == []


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32(encoding: str) -> None:
    assert sets(items(f"{rows(FOUR)}\n{rows(MATE)}".encode(encoding))) == [(FOUR, MATE)]


def test_pairs_of_numbers_from_1_to_10_run_together() -> None:
    n = range(10)
    both = [["".join((str((r + c) % 10 + 1), str((r - c) % 10 + 1))) for c in n] for r in n]
    (squares,) = sets(items("".join(" ".join(row) + "\n" for row in both)))
    assert squares == tuple(
        tuple(tuple((r + sign * c) % 10 for c in n) for r in n) for sign in (1, -1)
    )


@pytest.mark.parametrize(("order", "squares"), [(129, 2), (130, 2), (256, 2), (64, 63), (3, 2)])
def test_json_by_rows_is_read_back(order: int, squares: int) -> None:
    made = field_set(order, squares)
    lines = [
        json.dumps({"order": order, "row": row, "cells": cells}, separators=(",", ":"))
        for row, cells in enumerate(zip(*made, strict=True))
    ]
    assert sets(read(lines_of(io.BytesIO("\n".join(lines).encode())))) == [made]
    found = list(read(lines_of(io.BytesIO("\n".join([*lines[:-1], *lines]).encode()))))
    assert (sets(found), problems(found)) == ([made], [1])
    spoilt = items("\n".join([*lines[:1], *lines[2:], rows(FOUR)]))
    assert (sets(spoilt), problems(spoilt)) == ([(FOUR,)], [2])


def own(form: str, squares: tuple[Rows, ...]) -> str:
    """As squarm writes them."""
    if form == "json":
        return json.dumps({"id": 7, "order": len(squares[0]), "squares": squares}) + "\n"
    if form == "csv":
        lines = (
            f"7,{len(one)},{which},{r},{' '.join(map(str, row))}\n"
            for which, one in enumerate(squares)
            for r, row in enumerate(one)
        )
        return f"{HEAD}\n{''.join(lines)}\n"
    return FORMS[form](squares) if form in FORMS else grid(squares) + "\n"


@st.composite
def written(draw: st.DrawFn, squares: tuple[Rows, ...]) -> str:
    """As a person may: one square below the other, with anything between, or in one grid."""
    order = len(squares[0])
    names = draw(
        st.sampled_from(
            [
                [str(n) for n in range(order)],
                [str(n) for n in range(1, order + 1)],
                ["ABCDEFGHIJKLM"[n] for n in range(order)],
                ["abcdefghijklm"[n] for n in range(order)],
            ]
        )
    )
    tight = {len(name) for name in names} == {1} and order > 3
    between = draw(st.sampled_from([" ", ",", ", ", ";", "\t", " | ", "  ", *([""] * tight)]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    line = st.sampled_from(
        [
            *("---", "# mine", "// one", "Square 1", "L1", "1", "Page 7", "No. 2", "- 12 -"),
            *("p. 3", "12:30", "2)", "[3]", "A sentence about squares.", "mates: 3", "Square 2:"),
        ]
    )
    texts = []
    for one in squares:
        texts += draw(st.lists(line, max_size=2))
        texts += [""] * draw(st.integers(0, 1))
        texts += [between.join(names[symbol] for symbol in row) for row in one]
        texts += [""] * draw(st.integers(0, 2))
    texts += draw(st.lists(line, max_size=2))
    return end.join(texts) + end


@given(
    order=st.sampled_from([3, 4, 5, 7, 10, 11, 13]),
    number=st.integers(2, 3),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
@examples(150)
def test_a_set_in_any_form_is_read_back_as_it_was(
    order: int, number: int, seed: int, data: st.DataObject
) -> None:
    if order == 4:
        squares = (FOUR, MATE, tuple(MATE[row] for row in (0, 2, 3, 1)))[:number]
    elif order == 10:
        squares = TENS
    else:
        squares = field_set(order, min(number, order - 1))
    squares = renamed(squares, seed)
    form = data.draw(st.sampled_from(["grid", "json", "csv", *FORMS, *["person"] * 8]))
    text = data.draw(written(squares)) if form == "person" else own(form, squares)
    found = items(text)
    assert (sets(found), problems(found)) == ([squares], []), text


def _tens() -> tuple[Rows, ...]:
    """Parker's notation: a pair of order 10."""
    from tests.solver.formats.test_pasted import CASES

    (pair,) = sets(items((CASES / "parker.txt").read_bytes()))
    return pair


TENS = _tens()
