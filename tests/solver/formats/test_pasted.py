"""What people paste: each kind of notation, the same squares in each."""

import io
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solver.formats.reading import Given, Item, Problem, lines_of, read
from solver.records import Rows
from solver.verify import flaw
from tests.examples import examples
from tests.solver.formats.notations import FOUR, MATE, ONE, TWO
from tests.solver.renaming import field_set, renamed

CASES = Path(__file__).parent / "cases"


def items(text: str | bytes) -> list[Item]:
    given = text.encode() if isinstance(text, str) else text
    return list(read(lines_of(io.BytesIO(given))))


def sets(found: Iterable[Item]) -> list[tuple[Rows, ...]]:
    return [item.squares for item in found if isinstance(item, Given)]


def sentences(found: Iterable[Item]) -> list[str]:
    return [item.sentence for item in found if isinstance(item, Problem)]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("E9", [(1, 9)]),
        ("cayley_bordered", [(1, 4)]),
        ("csv_header", [(1, 3)]),
        ("esodls10", [(1, 10), (1, 10)]),
        ("euler_lower", [(2, 4)]),
        ("greek", [(2, 4)]),
        ("header_n", [(1, 4)]),
        ("mathematica", [(1, 3)]),
        ("oa", [(2, 3)]),
        ("oeis_wrapped", [(1, 11)]),
        ("parker", [(2, 10)]),
        ("rake12_tight", [(1, 12)]),
        ("rake9_result", [(2, 9)]),
        ("sage_matrix", [(1, 5)]),
        ("sage_mols", [(4, 5)]),
        ("sidebyside", [(2, 4)]),
        ("z2z6", [(1, 12)]),
    ],
)
def test_published_squares_are_read_as_what_they_are(
    name: str, shape: list[tuple[int, int]]
) -> None:
    found = items((CASES / f"{name}.txt").read_bytes())
    assert sentences(found) == []
    assert [(len(one), len(one[0])) for one in sets(found)] == shape
    assert [flaw(one) for one in sets(found)] == [""] * len(shape)


def renumbered(square: Rows) -> Rows:
    """Its symbols in the order of its first row: names are the writer's own."""
    return tuple(tuple(square[0].index(symbol) for symbol in row) for row in square)


@pytest.mark.parametrize("kind", ONE)
def test_one_square_in_every_notation(kind: str) -> None:
    found = items(ONE[kind])
    assert sentences(found) == []
    assert [tuple(map(renumbered, one)) for one in sets(found)] == [(FOUR,)]


@pytest.mark.parametrize(
    ("encoding", "symbols"),
    [("utf-16", "αβγδ"), ("utf-8-sig", "αβγδ"), ("utf-16-le", "0123"), ("utf-16-be", "0123")],
)
def test_what_windows_writes(encoding: str, symbols: str) -> None:
    text = "\r\n".join(" ".join(symbols[symbol] for symbol in row) for row in FOUR)
    assert sets(items(text.encode(encoding))) == [(FOUR,)]


def test_spaces_of_windows_1252() -> None:
    text = "\n".join("\u00a0".join(map(str, row)) for row in FOUR)
    assert sets(items(text.encode("cp1252"))) == [(FOUR,)]


@pytest.mark.parametrize("kind", TWO)
def test_a_pair_in_every_notation(kind: str) -> None:
    found = items(TWO[kind])
    assert sentences(found) == []
    squares = tuple(one for together in sets(found) for one in together)
    assert tuple(map(renumbered, squares)) == (FOUR, MATE)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        # Two squares beside one another, or two woven into one another?
        (
            "0 1 2 3 1 0 3 2\n1 0 3 2 0 1 2 3\n2 3 0 1 3 2 1 0\n3 2 1 0 2 3 0 1\n",
            ["2 squares of order 4 (0 1 2 3 / 1 0 3 2 ...", "(0 2 1 3 / 1 3 0 2"],
        ),
        # One square of words, or a square a line?
        ("01 10\n10 01\n", ["a square of order 2", "2 squares of order 2"]),
    ],
)
def test_what_stays_ambiguous_is_asked_back_with_both_readings(
    text: str, readings: list[str]
) -> None:
    (asked,) = sentences(found := items(text + "\n0123\n1032\n2301\n3210\n"))
    assert sets(found) == [(FOUR,)]
    assert asked.startswith("line 1: this can be read as ")
    assert " or as " in asked
    assert "\n" not in asked
    for reading in readings:
        assert reading in asked


def test_numbers_run_together_are_asked_back_where_nothing_parts_them() -> None:
    n = range(11)
    rows = [[((r + c) % 11, (2 * r + c) % 11) for c in n] for r in n]
    from_0 = "\n".join(" ".join(f"{a}{b}" for a, b in row) for row in rows)
    (pair,) = sets(items(from_0))
    assert flaw(pair) == ""
    from_1 = "\n".join(" ".join(f"{a + 1}{b + 1}" for a, b in row) for row in rows)
    (asked,) = sentences(items(from_1))
    assert "'111' can be read as 1.11 or as 11.1" in asked
    with_points = "\n".join(" ".join(f"{a + 1}.{b + 1}" for a, b in row) for row in rows)
    assert sets(items(with_points)) == [pair]


def test_brackets_and_gaps_say_which_reading_is_meant() -> None:
    beside = "0 1 2 3  1 0 3 2\n1 0 3 2  0 1 2 3\n2 3 0 1  3 2 1 0\n3 2 1 0  2 3 0 1\n"
    woven = "(0,1) (2,3) (1,0) (3,2)\n(1,0) (3,2) (0,1) (2,3)\n"
    woven += "(2,3) (0,1) (3,2) (1,0)\n(3,2) (1,0) (2,3) (0,1)\n"
    assert sets(items(beside))[0][0] == FOUR
    assert sets(items(woven))[0][0][0] == (0, 2, 1, 3)


@pytest.mark.parametrize("kind", [*ONE, *TWO])
def test_squares_behind_one_another_are_all_read(kind: str) -> None:
    """Each notation in front of and behind another square, with a blank line between."""
    text = (ONE | TWO)[kind].rstrip("\n")
    other = "012\n120\n201"
    found = items(f"{other}\n\n{text}\n\n{other}\n")
    assert sentences(found) == []
    assert [order for order, _ in groupby(len(one[0]) for one in sets(found))] == [3, 4, 3]


@pytest.mark.parametrize("bad", ["0 1 2\n1 x\n2 0 1", "01\n0?\n", "0 1 2\n1 2 0\n", "[[0,1],[1"])
def test_a_bad_square_hides_no_good_one(bad: str) -> None:
    good = "0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0"
    after = f"{bad}\n\n{good}\n" if "[" not in bad else '{"square":["0123","1032","2301","3210"]}'
    found = items(f"{good}\n\n{bad}\n{after}")
    assert sets(found).count((FOUR,)) == 2
    assert sentences(found)


def test_a_pair_with_a_wrong_cell_is_a_pair_with_a_flaw() -> None:
    text = (CASES / "parker.txt").read_text().replace("00 47 18", "00 47 17")
    (pair,) = sets(items(text))
    assert len(pair) == 2
    assert flaw(pair) == ("Square 2 is not Latin: row 1 holds the same symbol in columns 2 and 3.")


def test_a_rakesearch_result_with_more_mates_than_one() -> None:
    result = (CASES / "rake9_result.txt").read_text()
    head, first, rest = result.split("{\n0 1 2")
    one, two = (f"{{\n0 1 2{text.split('}')[0]}}}\n" for text in (first, rest))
    mates = f"{head}{one}{two}{one}# Pairs found: 2\n}}\n"
    pair, same = sets(items(mates))
    assert pair[0] == same[0]
    assert flaw(pair) == ""
    assert "not orthogonal" in flaw(same)


@given(order=st.sampled_from([3, 4, 5, 7]), seed=st.integers(0, 2**32), data=st.data())
@examples(150)
def test_a_wrong_cell_makes_a_flawed_square_and_nothing_else(
    order: int, seed: int, data: st.DataObject
) -> None:
    """Of a pair in any form: it is never taken for squares of another order."""
    pair = renamed(field_set(order, 2) if order != 4 else (FOUR, MATE), seed)
    form = data.draw(st.sampled_from(["{}{}", "{},{}", "({},{})", "{}.{}", "{}/{}"]))
    between = data.draw(st.sampled_from(["\n", "\n\n"]))
    cells = [
        [form.format(*cell) for cell in zip(*rows, strict=True)] for rows in zip(*pair, strict=True)
    ]
    assert sets(items(between.join(map(" ".join, cells)))) == [pair]
    row, column = (data.draw(st.integers(0, order - 1)) for _ in range(2))
    a, b = pair[0][row][column], pair[1][row][column]
    cells[row][column] = form.format((a + 1) % order, b)
    (item,) = items(between.join(map(" ".join, cells)))
    if isinstance(item, Given):
        assert [len(one) for one in item.squares] == [order, order]
        assert flaw(item.squares)


_THIRD_ROW = [
    re.compile(rf"[^\n{row}]{{,14}}".join(row))
    for row in ("2301", "3412", "cdab", "CDAB", "γδαβ", "bcea")
]


def _wrong() -> dict[str, str]:
    """The notations that show a third row as it is, with one wrong cell in that."""
    found = {}
    for kind, text in (ONE | TWO).items():
        row = next(filter(None, (third.search(text) for third in _THIRD_ROW)), None)
        if row and not kind.startswith(("oa ", "an array")):
            found[kind] = text[: row.end() - 1] + row[0][0] + text[row.end() :]
    return found


WRONG = _wrong()


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_cell_in_every_notation_is_a_flaw_of_what_was_written(kind: str) -> None:
    """What is said is said of the square that is there, not of one of another order."""
    found = items(WRONG[kind])
    assert sentences(found) == []
    assert {len(one[0]) for one in sets(found)} == {4}
    assert sum(map(len, sets(found))) == (2 if kind in TWO else 1)
    assert any(map(flaw, sets(found)))


def test_a_wrong_run_of_an_array_is_a_wrong_cell() -> None:
    (pair,) = sets(items((CASES / "parker.txt").read_bytes()))
    runs = [(r, c, *(one[r][c] for one in pair)) for r in range(10) for c in range(10)]
    runs[34] = (3, 4, pair[0][3][5], pair[1][3][4])
    (wrong,) = sets(items("".join(f"{a} {b} {c} {d}\n" for a, b, c, d in runs)))
    assert flaw(wrong) == "Square 1 is not Latin: row 4 holds the same symbol in columns 5 and 6."


def test_symbols_left_out_are_named() -> None:
    said = sentences(items("[[0 1 ... 8 9]\n [1 2 ... 9 0]\n ...\n [9 0 ... 7 8]]\n"))
    assert said[0] == (
        "line 1: row 1, column 3: '...' leaves symbols out: have the square written whole."
    )


def test_rows_that_are_nothing_are_no_squares_of_their_width() -> None:
    said = sentences(found := items("".join(f"{n} {n * n % 7}\n" for n in range(1, 20, 3)) * 2))
    assert sets(found) == []
    assert len(said) == 1


CELLS = st.sampled_from(
    ["", "a b", "c", "d e", "gg", "A0", "B1", "0", "12", "(1,2)", "...", "x^2", "#"]
)


@given(st.sampled_from(",\t;|& "), st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=6))
@example(",", [["", "h", "f"], ["f", "", "a b"], ["h", "", "gg"]])
@examples(200)
def test_a_table_of_anything_is_read_or_told_of_in_sentences(
    mark: str, table: list[list[str]]
) -> None:
    found = items("".join(f"{mark.join(row)}\n" for row in table))
    assert all(said.endswith((".", "?")) for said in sentences(found))


@pytest.mark.parametrize("word", ["A", "A0", "10"])
def test_a_cell_left_empty_is_no_symbol(word: str) -> None:
    found = items(f"{word},c,\nc,,{word}\n,{word},c\n")
    assert sets(found) == []
    assert sentences(found)
