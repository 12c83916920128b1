"""What people paste: each kind of notation, the same squares in each."""

# ruff: noqa: RUF001 - people write squares in Greek

import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from solver.formats.reading import Given, Item, Problem, lines_of, read
from solver.records import Rows
from solver.verify import flaw

CASES = Path(__file__).parent / "cases"
FOUR: Rows = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))
MATE: Rows = ((0, 1, 2, 3), (2, 3, 0, 1), (3, 2, 1, 0), (1, 0, 3, 2))


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


ONE = {
    "sage": "[0 1 2 3]\n[1 0 3 2]\n[2 3 0 1]\n[3 2 1 0]\n",
    "sage with a prompt": "sage: m\n[0 1 2 3]\n[1 0 3 2]\n[2 3 0 1]\n[3 2 1 0]\n",
    "numpy": "[[0 1 2 3]\n [1 0 3 2]\n [2 3 0 1]\n [3 2 1 0]]\n",
    "numpy's repr": "array([[0, 1, 2, 3],\n       [1, 0, 3, 2],\n       [2, 3, 0, 1],\n"
    "       [3, 2, 1, 0]], dtype=int8)\n",
    "numpy's source": "L = np.array([[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]])\n",
    "numpy's floats": "[[0. 1. 2. 3.]\n [1. 0. 3. 2.]\n [2. 3. 0. 1.]\n [3. 2. 1. 0.]]\n",
    "an assignment": "L = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]\n",
    "an assignment over lines": "L = [\n  [0, 1, 2, 3],\n  [1, 0, 3, 2],\n  [2, 3, 0, 1],\n"
    "  [3, 2, 1, 0],\n]\n",
    "tuples": "((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))\n",
    "a tuple a line": "(0, 1, 2, 3),\n(1, 0, 3, 2),\n(2, 3, 0, 1),\n(3, 2, 1, 0)\n",
    "Mathematica": "{{1, 2, 3, 4}, {2, 1, 4, 3},\n {3, 4, 1, 2}, {4, 3, 2, 1}}\n",
    "Mathematica's answer": "Out[3]= {{1,2,3,4},{2,1,4,3},{3,4,1,2},{4,3,2,1}}\n",
    "MATLAB": "A = [0 1 2 3; 1 0 3 2; 2 3 0 1; 3 2 1 0];\n",
    "MATLAB over lines": "A = [0 1 2 3\n     1 0 3 2\n     2 3 0 1\n     3 2 1 0];  % mine\n",
    "MATLAB's answer": "A =\n\n     0     1     2     3\n     1     0     3     2\n"
    "     2     3     0     1\n     3     2     1     0\n",
    "Julia": "4×4 Matrix{Int64}:\n 0  1  2  3\n 1  0  3  2\n 2  3  0  1\n 3  2  1  0\n",
    "Julia's older answer": "4×4 Array{Int64,2}:\n 0  1  2  3\n 1  0  3  2\n 2  3  0  1\n"
    " 3  2  1  0",
    "C": "int a[4][4] = {\n  {0, 1, 2, 3},\n  {1, 0, 3, 2},\n  {2, 3, 0, 1},\n  {3, 2, 1, 0}\n};\n",
    "GAP": "[ [ 1, 2, 3, 4 ], [ 2, 1, 4, 3 ], [ 3, 4, 1, 2 ], [ 4, 3, 2, 1 ] ];\n",
    "Maple": "Matrix(4, 4, [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]])\n",
    "R": "     [,1] [,2] [,3] [,4]\n[1,]    0    1    2    3\n[2,]    1    0    3    2\n"
    "[3,]    2    3    0    1\n[4,]    3    2    1    0\n",
    "TeX": "\\begin{pmatrix} 0 & 1 & 2 & 3 \\\\ 1 & 0 & 3 & 2 \\\\ 2 & 3 & 0 & 1 \\\\ 3 & 2 & 1 & 0"
    " \\end{pmatrix}\n",
    "TeX over lines": "\\[\\begin{array}{|c|c|c|c|}\n\\hline\n0 & 1 & 2 & 3 \\\\ \\hline\n"
    "1 & 0 & 3 & 2 \\\\ \\hline\n2 & 3 & 0 & 1 \\\\\n\\hline\n3 & 2 & 1 & 0 \\\\ \\hline\n"
    "\\end{array}\\]\n",
    "Markdown": "| a | b | c | d |\n|---|---|---|---|\n| b | a | d | c |\n| c | d | a | b |\n"
    "| d | c | b | a |\n",
    "Markdown with a header": "|   | 1 | 2 | 3 | 4 |\n|:-:|--|--|--|--|\n| 1 | a | b | c | d |\n"
    "| 2 | b | a | d | c |\n| 3 | c | d | a | b |\n| 4 | d | c | b | a |\n",
    "HTML": "<table>\n"
    "<tr><td>0</td><td>1</td><td>2</td><td>3</td></tr>\n"
    "<tr><td>1</td><td>0</td><td>3</td><td>2</td></tr>\n"
    "<tr><td>2</td><td>3</td><td>0</td>"
    "<td>1</td></tr>\n<tr><td>3</td><td>2</td><td>1</td><td>0</td></tr>\n</table>\n",
    "drawn lines": "┌───┬───┐\n│ 0 1 │ 2 3 │\n│ 1 0 │ 3 2 │\n"
    "├───┼───┤\n│ 2 3 │ 0 1 │\n│ 3 2 │ 1 0 │\n",
    "slashes": "0123/1032/2301/3210\n",
    "slashes between numbers": "0 1 2 3 / 1 0 3 2 / 2 3 0 1 / 3 2 1 0\n",
    "words": "0123 1032 2301 3210\n",
    "commas between rows": "0123,1032,2301,3210\n",
    "numbered rows": "1: 0 1 2 3\n2: 1 0 3 2\n3: 2 3 0 1\n4: 3 2 1 0\n",
    "rows numbered with points": "1. 0 1 2 3\n2. 1 0 3 2\n3. 2 3 0 1\n4. 3 2 1 0\n",
    "rows numbered with brackets": "1) 0123\n2) 1032\n3) 2301\n4) 3210\n",
    "named rows": "row 1: 0 1 2 3\nrow 2: 1 0 3 2\nrow 3: 2 3 0 1\nrow 4: 3 2 1 0\n",
    "a column of labels": "r1 0 1 2 3\nr2 1 0 3 2\nr3 2 3 0 1\nr4 3 2 1 0\n",
    "a column of numbers": "1 0 1 2 3\n2 1 0 3 2\n3 2 3 0 1\n4 3 2 1 0\n",
    "CSV with labels": "row,c1,c2,c3,c4\n1,A,B,C,D\n2,B,A,D,C\n3,C,D,A,B\n4,D,C,B,A\n",
    "CSV with an empty corner": ",c1,c2,c3,c4\nr1,A,B,C,D\nr2,B,A,D,C\nr3,C,D,A,B\nr4,D,C,B,A\n",
    "CSV with column names": "c1,c2,c3,c4\nA,B,C,D\nB,A,D,C\nC,D,A,B\nD,C,B,A\n",
    "a Cayley table": "* e a b c\ne e a b c\na a e c b\nb b c e a\nc c b a e\n",
    "a ruled Cayley table": "  | e a b c\n--+--------\ne | e a b c\na | a e c b\nb | b c e a\n"
    "c | c b a e\n",
    "an order": "4\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "an order alone": "4\n\n0123\n1032\n2301\n3210\n",
    "rows and columns": "4 4\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "an order by name": "n = 4\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "a heading": "Square 1:\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "a heading without a colon": "The Latin square of Klein's group\n\n0 1 2 3\n1 0 3 2\n2 3 0 1\n"
    "3 2 1 0\n",
    "a heading as wide as a row": "Mate\n0123\n1032\n2301\n3210\n",
    "a Markdown heading": "## Square 3\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "a sentence": "This is the square I mean.\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\nSo it is.\n",
    "comments": "// mine\n0 1 2 3 # first\n1 0 3 2 // second\n"
    "% third\n2 3 0 1\n3 2 1 0 (* last *)\n",
    "blank lines between rows": "0 1 2 3\n\n1 0 3 2\n\n2 3 0 1\n\n3 2 1 0\n\n",
    "a list": "0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0\n",
    "a wrapped list": "0, 1, 2, 3, 1, 0, 3,\n2, 2, 3, 0, 1, 3,\n2, 1, 0\n",
    "a list of one a line": "0\n1\n2\n3\n1\n0\n3\n2\n2\n3\n0\n1\n3\n2\n1\n0\n",
    "an OEIS b-file": "# A000000\n"
    + "".join(f"{k} {symbol}\n" for k, symbol in enumerate(sum(FOUR, ()), 1)),
    "triples of row, column, symbol": "".join(
        f"{r} {c} {FOUR[r][c]}\n" for r in range(4) for c in range(4)
    ),
    "a quoted mail": "> 0 1 2 3\n> 1 0 3 2\n> 2 3 0 1\n> 3 2 1 0\n",
    "old Macs": "0 1 2 3\r1 0 3 2\r2 3 0 1\r3 2 1 0\r",
    "Greek": "α β γ δ\nβ α δ γ\nγ δ α β\nδ γ β α\n",
    "colours": "🟥 🟩 🟦 🟨\n🟩 🟥 🟨 🟦\n🟦 🟨 🟥 🟩\n🟨 🟦 🟩 🟥\n",
    "strings": '"a","b","c","d"\n"b","a","d","c"\n"c","d","a","b"\n"d","c","b","a"\n',
    "full width": "０１２３\n１０３２\n２３０１\n３２１０\n",
}


def renumbered(square: Rows) -> Rows:
    """Its symbols in the order of its first row: names are the writer's own."""
    return tuple(tuple(square[0].index(symbol) for symbol in row) for row in square)


@pytest.mark.parametrize("kind", ONE)
def test_one_square_in_every_notation(kind: str) -> None:
    found = items(ONE[kind])
    assert sentences(found) == []
    assert [tuple(map(renumbered, one)) for one in sets(found)] == [(FOUR,)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("symbols", ["0123", "αβγδ"])
def test_what_windows_writes(encoding: str, symbols: str) -> None:
    text = "\r\n".join(" ".join(symbols[symbol] for symbol in row) for row in FOUR)
    if encoding in {"utf-16", "utf-8-sig"} or symbols.isascii():
        assert sets(items(text.encode(encoding))) == [(FOUR,)]


def cells(first: str, second: str, form: str = "{}{}") -> str:
    return "\n".join(
        " ".join(form.format(first[a], second[b]) for a, b in zip(*rows, strict=True))
        for rows in zip(FOUR, MATE, strict=True)
    )


TWO = {
    "digits": cells("0123", "0123"),
    "digits from 1": cells("1234", "1234"),
    "digits with commas": cells("0123", "0123").replace(" ", ", "),
    "Euler's": cells("abcd", "1234"),
    "capitals": cells("ABCD", "1234"),
    "numbers first": cells("1234", "abcd"),
    "capitals and small letters": cells("ABCD", "abcd"),
    "Latin and Greek": cells("ABCD", "αβγδ"),
    "two alphabets in capitals": cells("ABCD", "WXYZ"),
    "cards": cells("AKQJ", "♠♥♦♣"),
    "coloured cards": cells("AKQJ", "♠♥♦♣", "{}{}\ufe0f"),
    "tens among cards": cells("AKQJ", "♠♥♦♣").replace("J", "10"),
    "cards in letters": cells("AKQJ", "SHDC"),
    "pictures of cards": "\n".join(
        " ".join(chr(0x1F0A1 + 16 * b + (0, 10, 12, 13)[a]) for a, b in zip(*rows, strict=True))
        for rows in zip(FOUR, MATE, strict=True)
    ),
    "brackets": cells("1234", "1234", "({},{})"),
    "brackets with spaces": cells("1234", "1234", "({}, {})"),
    "brackets and commas": cells("1234", "1234", "({},{}),"),
    "points": cells("0123", "0123", "{}.{}"),
    "hyphens": cells("0123", "0123", "{}-{}"),
    "slashes": cells("0123", "0123", "{}/{}"),
    "colons": cells("0123", "0123", "{}:{}"),
    "underscores": cells("abcd", "0123", "{}_{}"),
    "indices": cells("abcd", "₀₁₂₃"),
    "TeX": cells("ABCD", "0123", "${}_{{{}}}$ &").replace("&\n", "\\\\\n"),
    "TeX in Greek": "\\\\ ".join(
        " & ".join(
            "ABCD"[a] + ("\\alpha", "\\beta", "\\gamma", "\\delta")[b]
            for a, b in zip(*rows, strict=True)
        )
        for rows in zip(FOUR, MATE, strict=True)
    ),
    "Markdown": "| w | x | y | z |\n|--|--|--|--|\n| "
    + cells("ABCD", "αβγδ").replace(" ", " | ").replace("\n", " |\n| ")
    + " |\n",
    "lists of cells": "[[[0,0],[1,1],[2,2],[3,3]],[[1,2],[0,3],[3,0],[2,1]],"
    "[[2,3],[3,2],[0,1],[1,0]],[[3,1],[2,0],[1,3],[0,2]]]",
    "Mathematica's cells": "{{{0,0},{1,1},{2,2},{3,3}},{{1,2},{0,3},{3,0},{2,1}},\n"
    "{{2,3},{3,2},{0,1},{1,0}},{{3,1},{2,0},{1,3},{0,2}}}",
    "numbers below n squared": "\n".join(
        " ".join(f"{4 * a + b}" for a, b in zip(*rows, strict=True))
        for rows in zip(FOUR, MATE, strict=True)
    ),
    "nothing between": "\n".join(
        line.replace(" ", "") for line in cells("abcd", "1234").split("\n")
    ),
    "blank lines between": cells("abcd", "1234").replace("\n", "\n\n"),
    "a list of pairs": ", ".join(cells("0123", "0123").split()),
    "side by side": "\n".join(
        "".join(map(str, a)) + "   " + "".join(map(str, b)) for a, b in zip(FOUR, MATE, strict=True)
    ),
    "side by side in brackets": "\n".join(
        f"{list(a)}          {list(b)}" for a, b in zip(FOUR, MATE, strict=True)
    ),
    "side by side with a bar": "\n".join(
        f"{' '.join(map(str, a))} | {' '.join(map(str, b))}"
        for a, b in zip(FOUR, MATE, strict=True)
    ),
    "two on a line": "0123103223013210 0123230132101032",
    "an array": "".join(f"{r} {c} {FOUR[r][c]} {MATE[r][c]}\n" for r in range(4) for c in range(4)),
    "an array with a header": "16 4 4\n"
    + "".join(f"{r}{c}{FOUR[r][c]}{MATE[r][c]}\n" for r in range(4) for c in range(4)),
    "an array turned": "\n".join(
        " ".join(map(str, column))
        for column in zip(
            *((r, c, FOUR[r][c], MATE[r][c]) for r in range(4) for c in range(4)), strict=True
        )
    ),
}


@pytest.mark.parametrize("kind", TWO)
def test_a_pair_in_every_notation(kind: str) -> None:
    found = items(TWO[kind])
    assert sentences(found) == []
    (pair,) = sets(found)
    assert len(pair) == 2
    assert flaw(pair) == ""
    assert tuple(map(renumbered, pair)) == (FOUR, MATE)


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
    assert [len(one[0]) for one in sets(found)] == [3, 4, 3]


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
