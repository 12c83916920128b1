"""What looks like other squares than its writer meant, or like squares where there are none."""

# ruff: noqa: E501 - what is pasted, and as wide as it is

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


def test_points_between_the_parts_of_cells_are_no_cells() -> None:
    pair = field_set(3, 2)
    rows = (
        " ".join(f"({a} . {b})" for a, b in zip(*two, strict=True))
        for two in zip(*pair, strict=True)
    )
    assert sets(items("".join(f"({row})\n" for row in rows))) == [pair]


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


PROSE = "A Latin square of order n has n symbols.\nEach is once in each row and column.\n"
NO_SQUARES = {
    "prose": PROSE * 3,
    "a log": "2026-11-30 10:12:33 INFO worker 3 found 12 squares\n2026-11-30 10:12:34 INFO done\n",
    "dates": "2026-11-30\n2026-11-29\n2026-11-28\n2026-11-27\n",
    "a table of how many are known": "     0   1   2   3   4   5   6   7   8   9\n"
    "    ________________________________________\n"
    "  0| +oo +oo   1   2   3   4   1   6   7   8\n 10|   2  10   5  12   4   4  15  16   5  18\n",
    "measurements": "3.1 2.2 5.5\n1.0 2.7 9.1\n0.3 4.4 8.2\n",
    "a program": "import re\n\n\ndef show(a: int) -> list[int]:\n    return [one for one in range(a)]\n\n"
    "if __name__ == '__main__':\n    for row in show(3):\n        print(row, [row, (row + 1) % 3])\n",
    "a configuration": "version: 3\nservices:\n  web:\n    image: nginx\n    ports:\n      - '80:80'\n",
    "Pascal's triangle": "1\n1 1\n1 2 1\n1 3 3 1\n1 4 6 4 1\n",
    "folders": "total 8\n-rw-r--r-- 1 pi pi  123 Nov 30 10:12 a.txt\n-rw-r--r-- 1 pi pi 4567 Nov 30 b.txt\n",
    "checksums": "d41d8cd98f00b204e9800998ecf8427e  a\n900150983cd24fb0d6963f7d28e17f72  b\n",
    "an answer set that is none": "Solving...\nUNSATISFIABLE\n\nModels       : 0\nCalls        : 1\n",
    "a model of other variables": "s SATISFIABLE\nv 1 -2 3 -4 5 0\n",
    "names": "Anna\nBob\nCarl\nDora\n",
    "a forum": "Message 12 - Posted: 30 Nov 2026, 10:12:33 UTC\nI have 3 hosts, running 24/7 since 2019.\n",
    "pages": "1\n\nOn squares, and on what else is square.\n\n2\n\nThis page is about the others.\n\n3\n",
    "a program of C": "#include <stdio.h>\nint main(void)\n{\n    int a[2] = {0, 1};\n    int b[2] = {1, 0};\n"
    "    return 0;\n}\n",
    "directions": "MOVES = [(0, 1), (1, 0)]\nprint(MOVES[0])\n\ndef first(a=0, b=1):\n    return [a]\n",
    "a style": ".b {\n  margin: 0 1px;\n  padding: 1px 0;\n  transform: none;\n  order: 1;\n}\n",
    "another style": "body { margin: 0; padding: 0 1px; }\n.a { margin: 0 1 1 0; z-index: 1 }\n"
    "a:hover{color:#012120}\n.b {\n  flex: 1 0;\n  order: 0;\n  margin: 0\n}\n",
    "fields": "class Answer:\n    missing: int\n    found: int\n    verdict: str\n\n\nclass Other(Answer):\n"
    "    port: int = 0\n    state: str = None\n",
    "a chat": "[10:12, 30/11/2026] Anna: ok\n[10:13, 30/11/2026] Bob: 1\n[10:14, 30/11/2026] Anna: a\n",
    "objects": '[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]\n',
    "TOML": '[package]\nname = "x"\nversion = "0.1.0"\n\n[deps]\nb = ["c"]\n[[bin]]\nname = "y"\n[[bin]]\nname = "z"\n',
    "ICML": '<Table HeaderRowCount="1" ColumnCount="2">\n  <Cell Name="0:0">\n    <Content>0</Content>\n  </Cell>\n'
    '  <Cell Name="1:0">\n    <Content>1</Content>\n  </Cell>\n</Table>\n',
    "endings": "[INFO] retry 1\n[INFO] retry 2\n[WARN] exit 0\n",
    "part of an array, by pages": "0 0 0 0\n0 1 1 1\n0 2 2 2\n0 3 3 3\n\n1 0 1 2\n1 1 0 3\n1 2 3 0\n1 3 2 1\n",
    "one found for none": "# Total pairs found: 0\n",
}


@pytest.mark.parametrize("kind", NO_SQUARES)
def test_what_holds_no_square_is_told_of_in_one_sentence_at_most(kind: str) -> None:
    found = items(NO_SQUARES[kind])
    assert sets(found) == []
    assert len(sentences(found)) <= 1


@pytest.mark.parametrize(
    "text",
    ["0 1\n1 0\n", "A square of order 2:\n\n01\n10\n", "int a[2][2] = {{0, 1},\n {1, 0}};\n"],
)
def test_a_small_square_is_one_where_hardly_anything_else_is(text: str) -> None:
    assert sets(items(text)) == [(((0, 1), (1, 0)),)]


def test_a_part_of_rtf_is_said_to_be_one() -> None:
    cell = "{{\\pard\\intbl \\qr \\f0 \\sa0 0\\par}\n\\cell}\n"
    (sentence,) = sentences(found := items(f"{{\n\\trowd \\trgaph120\n{{\n{cell * 3}}}\n}}\n"))
    assert "RTF" in sentence
    assert sets(found) == []


@pytest.mark.parametrize("kind", NO_SQUARES)
def test_a_square_behind_what_holds_none_is_read(kind: str) -> None:
    square = "".join(f"{' '.join(map(str, row))}\n" for row in FOUR)
    assert sets(items(f"{NO_SQUARES[kind]}\n{square}")) == [(FOUR,)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("53..7....\n6..195...\n.98....6.\n", "line 1: row 1, column 3: '.'"),
        (f"53..7....6..195...{'.' * 62}9\n", "line 1: row 1, column 3: '.'"),
        ("| 5 3 . | . 7 . |\n| 6 . . | 1 9 5 |\n", "line 1: row 1, column 3: '.'"),
        ("  0, 1, 2, ...\n  1, 2, 0, ...\n  2, 0, 1, ...\n", "line 1: row 1, column 4: '...'"),
        ("0,1,2\n1,,0\n2,0,1\n", "line 2, column 2"),
    ],
)
def test_what_is_left_open_or_out_is_named(text: str, where: str) -> None:
    found = items(text)
    assert sets(found) == []
    (sentence,) = sentences(found)
    assert sentence.startswith(where)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("piece", ["a.", "a=", "a ", "_", "x_"])
def test_a_long_line_comes_to_an_end(piece: str) -> None:
    """A quadratic reader takes many minutes, this one less than a second."""
    assert sets(items(f"{piece * 100_000}!\n")) == []


def test_a_compressed_file_is_said_to_be_one() -> None:
    (sentence,) = sentences(items(gzip.compress(b"0 1 2\n1 2 0\n2 0 1\n", mtime=0)))
    assert "compressed" in sentence
