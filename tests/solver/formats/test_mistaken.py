"""What looks like other squares than its writer meant, or like squares where there are none."""

import gzip
from itertools import chain

import pytest

from solver.verify import flaw
from tests.solver.formats.notations import FOUR, MATE
from tests.solver.formats.test_pasted import items, renumbered, sentences, sets
from tests.solver.renaming import field_set

NINE = tuple(
    tuple(3 * ((r // 3 + c // 3) % 3) + (r + c + r // 3) % 3 for c in range(9)) for r in range(9)
)
SUDOKU = tuple(tuple((3 * r + r // 3 + c) % 9 for c in range(9)) for r in range(9))


def blocks(square: tuple[tuple[int, ...], ...], side: int, form: str, between: str) -> str:
    """Rows with gaps every `side` cells, a line between every `side` rows."""
    cell, gap = ("", " ") if form == "tight" else (" ", form)
    lines = [
        gap.join(cell.join(map(str, row[at : at + side])) for at in range(0, len(square), side))
        for row in square
    ]
    bands = ["\n".join(lines[at : at + side]) for at in range(0, len(square), side)]
    return f"\n{between}\n".join(bands) + "\n"


@pytest.mark.parametrize("between", ["", "---"])
@pytest.mark.parametrize("form", ["tight", "  ", " | "])
@pytest.mark.parametrize(("square", "side"), [(NINE, 3), (SUDOKU, 3), (FOUR, 2), (MATE, 2)])
def test_blocks_of_a_sudoku_are_one_square(
    square: tuple[tuple[int, ...], ...], side: int, form: str, between: str
) -> None:
    text = blocks(square, side, form, between)
    for around in ("", "\n0 1 2\n1 2 0\n2 0 1\n"):
        found = items(f"{around}{text}{around}")
        assert sentences(found) == []
        others = [((0, 1, 2), (1, 2, 0), (2, 0, 1))] if around else []
        read = [renumbered(one) for together in sets(found) for one in together]
        assert read == [*others, renumbered(square), *others]


@pytest.mark.parametrize("prefix", ["", "gap> Elements(Group((1,2,3)));\n"])
def test_permutations_in_cycles_are_no_square(prefix: str) -> None:
    for elements in ("(), (1,2,3), (1,3,2)", "(), (2,3), (1,2), (1,2,3), (1,3,2), (1,3)"):
        found = items(f"{prefix}[ {elements} ]\n")
        assert sets(found) == []
        (sentence,) = sentences(found)
        assert "permutations" in sentence


def test_quotation_marks_are_no_primes() -> None:
    for text in ("np.matrix('0 1 2; 1 2 0; 2 0 1')", "A = '0 1 2; 1 2 0; 2 0 1'"):
        found = items(text)
        assert (sentences(found), sets(found)) == ([], [(((0, 1, 2), (1, 2, 0), (2, 0, 1)),)])


@pytest.mark.parametrize("order", [10, 11, 12, 16])
@pytest.mark.parametrize("least", [0, 1])
def test_numbers_above_9_one_a_line(order: int, least: int) -> None:
    square = tuple(tuple((r + c) % order for c in range(order)) for r in range(order))
    found = items("".join(f"{symbol + least}\n" for row in square for symbol in row))
    assert (sentences(found), sets(found)) == ([], [(square,)])


def test_a_pair_without_a_row_is_told_so() -> None:
    pair = zip(*field_set(9, 2), strict=True)
    rows = ["".join(f"{a}{b} " for a, b in zip(*two, strict=True)) for two in pair]
    for lost in (0, 4, 8):
        found = items("\n".join([*rows[:lost], *rows[lost + 1 :]]))
        assert sets(found) == []
        (sentence,) = sentences(found)
        assert "8 of 9 rows" in sentence


@pytest.mark.parametrize(
    ("symbol", "times"),
    [("9" * 400 + " ", 2), ("0", 5000), ("0", 200_000), ("0 ", 5000)],
    ids=range(4),
)
def test_a_symbol_that_fills_a_line_is_no_square_of_order_1(symbol: str, times: int) -> None:
    found = items(symbol * times)
    assert sets(found) == []
    assert len(sentences(found)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[[null,1,2],[1,2,null],[2,null,1]]",
        "[[NaN,1,2],[1,2,NaN],[2,NaN,1]]",
        "NaN 1 2\n1 2 NaN\n2 NaN 1\n",
        "0 1 2\n1 -- 0\n2 0 1\n",
        "012\n1?0\n201\n",
    ],
)
def test_a_hole_is_said_to_be_one(text: str) -> None:
    found = items(text)
    assert [one for one in sets(found) if not any(map(flaw, [one]))] == []
    (sentence,) = sentences(found)
    assert "is an empty cell" in sentence


@pytest.mark.parametrize(
    "line",
    [
        "A(:,:,1) =\n",
        "ans(:,:,2) =\n",
        ">> mod((0:4)' + (0:4), 5)\n\nans =\n",
        "julia> [mod(i+j,5) for i=0:4,j=0:4]\n",
        ">>> L = [[(i+j)%3 for j in range(3)] for i in range(3)]\n",
        "(%o1)\n",
        "  1.0e+03 *\n",
        "Main diagonal: 0 3 1 2\n",
        "Transversal 2: 0 2 3 1\n",
        "Table 3.2  MOLS(4)  2 3 4\n",
    ],
)
@pytest.mark.parametrize("blank", ["", "\n"])
def test_what_sessions_and_books_say_beside_squares_is_none(line: str, blank: str) -> None:
    one, other = ("".join(f"{' '.join(map(str, row))}\n" for row in two) for two in (FOUR, MATE))
    found = items(f"{line}{blank}{one}\n{line}{blank}{other}")
    assert (sentences(found), [*chain(*sets(found))]) == ([], [FOUR, MATE])


def test_a_compressed_file_is_said_to_be_one() -> None:
    (sentence,) = sentences(items(gzip.compress(b"0 1 2\n1 2 0\n2 0 1\n", mtime=0)))
    assert "compressed" in sentence
