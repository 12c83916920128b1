"""What is said of a square with a fault: in its own notation, of the very cell."""

# ruff: noqa: RUF001 - letters that look alike

from collections.abc import Callable
from itertools import chain

import pytest

from tests.solver.formats.notations import FOUR, MATE
from tests.solver.formats.test_pasted import items, sentences, sets
from tests.solver.renaming import field_set

PAIR = field_set(5, 2)
RUNS = [[r, c, *(one[r][c] for one in PAIR)] for r in range(5) for c in range(5)]
AFTER = "\n0 1 2\n1 2 0\n2 0 1\n"


def said(text: str) -> str:
    """The one sentence on what cannot be read; the square behind it is read."""
    (sentence,) = sentences(found := items(f"{text}\n{AFTER}"))
    assert sets(found) == [(((0, 1, 2), (1, 2, 0), (2, 0, 1)),)]
    return sentence


FORMS: dict[str, Callable[[list[list[int]]], str]] = {
    "an array": lambda runs: "\n".join(" ".join(map(str, run)) for run in runs),
    "tight": lambda runs: "\n".join("".join(map(str, run)) for run in runs),
    "with a header": lambda runs: "row,col,A,B\n" + "\n".join(",".join(map(str, r)) for r in runs),
    "lists": str,
    "on one line": lambda runs: ", ".join(str(tuple(run)) for run in runs),
    "facts": lambda runs: "\n".join(f"cell({', '.join(map(str, run))})." for run in runs),
    "a factor a line": lambda runs: "\n".join(
        " ".join(map(str, factor)) for factor in zip(*runs, strict=True)
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("columns", [3, 4])
def test_a_run_that_is_missing_or_there_twice_is_named(form: str, columns: int) -> None:
    runs = [run[:columns] for run in RUNS]
    write = FORMS[form]
    lost = said(write([*runs[:13], *runs[14:]]))
    assert "24 runs of an array of order 5" in lost
    assert "no row 2, column 3" in lost
    twice = said(write([*runs[:13], runs[12], *runs[14:]]))
    assert "row 2, column 2 twice" in twice
    assert "no row 2, column 3" in twice
    cut_off = said(write(runs[:17]))
    assert "17 of 25 runs: it is cut off behind row 3, column 1" in cut_off


def test_the_lines_of_a_run_that_is_there_twice_are_named() -> None:
    rows = [" ".join(map(str, run)) for run in [*RUNS, RUNS[7]]]
    assert "row 1, column 2 twice (line 8, line 26)" in said("\n".join(rows))


def test_arrays_behind_one_another_are_parted() -> None:
    runs = [(r, c, FOUR[r][c], MATE[r][c]) for r in range(4) for c in range(4)]
    text = "".join(" ".join(map(str, run)) + "\n" for run in (*RUNS, *runs, *RUNS))
    assert sets(items(text)) == [PAIR, (FOUR, MATE), PAIR]


def test_a_number_left_out_of_a_list_is_named() -> None:
    terms = [f"{n} {symbol}" for n, symbol in enumerate(chain(*PAIR[0]), 1)]
    assert "goes from 20 to 22 (line 21)" in said("\n".join([*terms[:20], *terms[21:]]))
    assert "has 24 terms" in said("\n".join(terms[:24]))


@pytest.mark.parametrize(
    ("text", "typed", "meant"),
    [
        ("0 1 2\n1 2 O\n2 0 1\n", "'O'", "'0'"),
        ("012\n12o\n201\n", "'o'", "'0'"),
        ("0 1 2\n1 2 0\n2 0 l\n", "'l'", "'1'"),
        ("a b c\nb c a\nc A b\n", "'A'", "'a'"),
        ("A B C\nB C A\nC А B\n", "'А' (Cyrillic)", "'A' (Latin)"),
        ("00 11 22\n12 2O 01\n21 02 10\n", "'2O'", "'20'"),
        ("0* 1 2\n1 2* O\n2 0 1*\n", "'O'", "'0'"),
        ("[[0,1,2],[1,2,O],[2,0,1]]\n", "'O'", "'0'"),
        ('[[0,1,2],[1,2,"O"],[2,0,1]]\n', "'O'", "'0'"),
    ],
)
def test_a_symbol_typed_for_one_that_looks_like_it_is_asked_back(
    text: str, typed: str, meant: str
) -> None:
    sentence = said(text)
    assert typed in sentence
    assert f"where {meant}" in sentence


def test_an_empty_cell_of_sage_is_one() -> None:
    assert said("[ 0  1  2]\n[ 1 -1  0]\n[ 2  0  1]\n").startswith("line 2: row 2, column 2: '-1'")


def test_rows_of_two_squares_in_turn() -> None:
    for order in (3, 5, 7):
        pair = field_set(order, 2)
        rows = "\n".join(f"{a}\n{b}\n" for a, b in zip(*pair, strict=True))
        text = "".join(char for char in rows if char not in "(),")
        found = items(text)
        assert (sentences(found), sets(found)) == ([], [pair])


def test_a_cell_a_line_with_blank_lines_between_the_rows() -> None:
    text = "\n\n".join("\n".join(map(str, row)) for row in FOUR)
    for behind in ("", AFTER):
        found = items(f"{text}\n{behind}")
        assert sentences(found) == []
        assert sets(found)[0] == (FOUR,)


def test_columns_that_are_missing_are_told_of() -> None:
    head = "   0  1\n" + "\n".join(f"{n}  {row[0]}  {row[1]}" for n, row in enumerate(FOUR))
    octave = "A =\n\n Columns 1 and 2:\n\n 0 1\n 1 0\n 2 3\n 3 2\n"
    for text in (head, octave):
        (sentence,) = sentences(found := items(text))
        assert sets(found) == []
        assert "other columns are missing" in sentence


def test_a_wrong_cell_beside_marked_ones_is_the_flaw() -> None:
    for text in ("0* 1 2\n1 2* 0\n2 0 2*\n", "[0] 1 2\n1 [2] 0\n2 0 [2]\n"):
        (one,) = sets(items(text))
        assert one == (((0, 1, 2), (1, 2, 0), (2, 0, 2)),)


def test_pages_of_dos_are_drawn_lines() -> None:
    drawn = "┌─────┐\n│0 1 2│\n│1 2 0│\n│2 0 1│\n└─────┘\n"
    for text in (drawn, drawn.translate(str.maketrans("┌┐│└┘─", "╔╗║╚╝═"))):
        found = items(text.encode("cp437"))
        assert (sentences(found), sets(found)) == ([], [(((0, 1, 2), (1, 2, 0), (2, 0, 1)),)])


@pytest.mark.parametrize("cut", ["1\\\n0", "10,\n"])
def test_a_number_that_gap_cuts_at_the_end_of_a_line_is_one(cut: str) -> None:
    square = tuple(tuple((r + c) % 11 for c in range(11)) for r in range(11))
    found = items(str([list(row) for row in square]).replace("10,", f"{cut.rstrip(',')},") + ";\n")
    assert (sentences(found), sets(found)) == ([], [(square,)])


def test_what_fills_column_by_column_is_turned() -> None:
    rows, cells = "c(0,1,2,1,2,0,2,0,1)", "c(0,2,1,1,0,2,2,1,0)"
    by_row, by_column = (
        sets(items(text))
        for text in (f"matrix({cells}, 3, byrow=TRUE)", f"matrix({cells}, nrow=3)")
    )
    assert by_row == [(((0, 2, 1), (1, 0, 2), (2, 1, 0)),)]
    over_lines = f"m <- matrix({cells},\n  nrow = 3,\n  byrow = TRUE)\n".replace("1,1", "1,\n1")
    assert sets(items(over_lines)) == by_row
    assert by_column == [(((0, 1, 2), (2, 0, 1), (1, 2, 0)),)]
    assert sets(items(f"structure({rows}, .Dim = c(3L, 3L))")) == sets(items(f"{rows}\n"))


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{'9' * 5000}{n} {n % 3}\n" for n in range(9)),
        f"0 1 2\n1 2 0\n2 0 1\n{'9' * 5000} 4\n",
        f"[[0,1],[1,0]].reshape({'9' * 5000}, 2)\n",
        f"{'9' * 5000} 2\n" + "".join(f"{n} 0 1\n" for n in range(4)),
    ],
    ids=range(4),
)
def test_numbers_of_5000_digits_are_no_accident(text: str) -> None:
    assert all(one.endswith((".", "?")) for one in sentences(items(text)))


def test_objects_a_line_that_hold_no_square_end_in_one_sentence_and_results_in_one_each() -> None:
    others = '{"level": "info", "n": 1}\n' * 5
    (said,) = sentences(items(others))
    assert said.startswith("line 1: the 5 lists or objects begun here, one a line, hold no square")
    assert len(sentences(items('{"squares": []}\n' * 3))) == 3
    assert len(sentences(items(f'{others}{{"square": ["012", "120", "201"]}}\n{others}'))) == 2


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"PK\x03\x04\x14\x00", "a zip"),
        (b"%PDF-1.5\n%\xd0\n", "a PDF"),
        (b"{\\rtf1\\ansi\n0123\n1032\n2301\n3210\n}", "RTF"),
        (b"SQLite format 3\x00\x10\x00", "a database"),
    ],
)
def test_files_that_are_no_text_are_named_and_not_read_for_squares(head: bytes, said: str) -> None:
    (sentence,) = sentences(found := items(head + b"\n0123\n1032\n2301\n3210\n"))
    assert sets(found) == []
    assert sentence.startswith(f"line 1: this is {said}")
