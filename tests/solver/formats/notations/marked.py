"""Squares with what programs, people and their tools set beside the symbols."""

# ruff: noqa: E501 - what is drawn, and as wide as it is

from itertools import chain

from tests.solver.formats.notations.squares import COMMAS, FOUR, MATE, ROWS, cells, lines


def marked(form: str) -> str:
    """The square with four of its cells, no two in a row or column, in a form of their own."""
    rows = [row.split() for row in ROWS]
    for r, c in ((0, 0), (1, 2), (2, 3), (3, 1)):
        rows[r][c] = form.format(rows[r][c])
    return lines(map(" ".join, rows))


DRAWN = lines(f"│ {' │ '.join(row.split())} │" for row in ROWS)
BY_COLUMNS = ", ".join(str(row[c]) for c in range(4) for row in FOUR)

MARKED = {
    "stars on a transversal": marked("{}*"),
    "brackets round a transversal": marked("[{}]"),
    "round brackets on a transversal": marked("({})"),
    "primes on a transversal": marked("{}'"),
    "a transversal in bold": marked("**{}**"),
    "a transversal underlined": marked("_{}_"),
    "lines under a transversal": marked("{}\u0332"),
    "brackets with nothing between": marked("[{}]").replace(" ", ""),
    "a transversal of TeX": marked("\\textcircled{{{}}}")
    .replace(" ", " & ")
    .replace("\n", " \\\\\n"),
    "boxes of TeX": marked("\\boxed{{{}}}").replace(" ", " & ").replace("\n", " \\\\\n"),
    "grep -n": lines(f"{n}:{row}" for n, row in enumerate(ROWS, 17)),
    "grep -n over files": lines(f"squares/a.txt:{n}:{row}" for n, row in enumerate(ROWS, 17)),
    "grep's tight rows": lines(f"{n}:{row.replace(' ', '')}" for n, row in enumerate(ROWS, 17)),
    "cat -n": lines(f"     {n}\t{row}" for n, row in enumerate(ROWS, 17)),
    "what a diff adds": lines(f"+{row}" for row in ROWS),
    "a diff": f"diff --git a/x b/x\nindex 1a2..3b4 100644\n--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n {ROWS[0]}\n"
    f"-1 0 3 3\n+{ROWS[1]}\n {ROWS[2]}\n {ROWS[3]}\n",
    "a chat": lines(f"[30.11.26, 07:12:3{n}] Anna: {row}" for n, row in enumerate(ROWS)),
    "a chat in one message": f"30/11/2026, 07:12 - Anna B: {lines(ROWS)}",
    "a channel": lines(f"[07:12] <anna> {row}" for row in ROWS),
    "a log": lines(f"2026-11-30 07:12:33 INFO {row}" for row in ROWS),
    "a system's log": lines(f"Nov 30 07:12:33 pi search[77]: {row}" for row in ROWS),
    "decimals in some cells": "0 1.0 2 3\n1 0 3.0 2\n2 3 0 1\n3 2 1 0.0\n",
    "decimals with commas": lines(";".join(f"{x},0" for x in row) for row in FOUR),
    "JSON's decimals": "[[0.0,1,2,3],[1,0,3,2],[2,3,0.0,1],[3,2,1.0,0]]",
    "soft hyphens": lines(row.replace(" ", " \u00ad") for row in ROWS),
    "SymPy": "\n⎢          ⎥\n".join(
        f"{a}{'  '.join(row.split())}{b}" for a, row, b in zip("⎡⎢⎢⎣", ROWS, "⎤⎥⎥⎦", strict=True)
    ),
    "APL's box": f"┌→──────┐\n↓{ROWS[0]}│\n"
    + lines(f"│{row}│" for row in ROWS[1:])
    + "\n└~──────┘\n",
    "polars": f"shape: (4, 4)\n┌───┬───┬───┬───┐\n│ a ┆ b ┆ c ┆ d │\n│ --- ┆ --- ┆ --- ┆ --- │\n│ i64 ┆ i64 ┆ i64 ┆ i64 │\n╞═══╪═══╪═══╪═══╡\n{DRAWN.replace('│ ', '┆ ')}\n└───┴───┴───┴───┘\n",
    "pandas by columns": "   0  1  \\\n"
    + lines(f"{n}  {row[:3]}" for n, row in enumerate(ROWS))
    + "\n\n   2  3\n"
    + lines(f"{n}  {row[4:]}" for n, row in enumerate(ROWS)),
    "PHP's print_r": "Array\n(\n"
    + "\n".join(
        f"    [{r}] => Array\n        (\n"
        + "".join(f"            [{c}] => {x}\n" for c, x in enumerate(row))
        + "        )\n"
        for r, row in enumerate(FOUR)
    )
    + ")\n",
    "R's structure": f"structure(c({BY_COLUMNS}), .Dim = c(4L, 4L))\n",
    "R's array": f"array(c({BY_COLUMNS}), dim = c(4, 4))\n",
    "R's vector": f" [1] {' '.join(ROWS[:2])}\n [9] {' '.join(ROWS[2:])}\n",
    "Fortran": f"integer :: a(4,4) = reshape((/ {BY_COLUMNS} /), (/ 4, 4 /))\n",
    "Julia's reshape": f"reshape([{BY_COLUMNS}], 4, 4)\n",
    "MATLAB's reshape": f"A = reshape([{BY_COLUMNS.replace(',', '')}], 4, 4)\n",
    "Prolog": "".join(f"cell({r}, {c}, {FOUR[r][c]}).\n" for r in range(4) for c in range(4)),
    "Visual Basic": "Dim a(,) As Integer = {{" + "}, {".join(COMMAS) + "}}\n",
    "Scheme": "#(#(" + ") #(".join(ROWS) + "))\n",
    "Ruby": "[%w[" + "], %w[".join(ROWS) + "]]\n",
    "PARI's answer": "? M\n%1 =\n[" + "]\n\n[".join(ROWS) + "]\n\n",
    "psql": "id | square\n---+-----------\n 1 | " + "".join(map(str, chain(*FOUR))) + "\n(1 row)\n",
    "BBCode": "[table][tr][td]"
    + "[/td][/tr]\n[tr][td]".join("[/td][td]".join(row.split()) for row in ROWS)
    + "[/td][/tr][/table]\n",
    "TikZ": "\\matrix[matrix of nodes]{" + "\\\\ ".join(ROWS).replace(" ", " & ") + "\\\\};\n",
    "ties of TeX": "\\\\".join(ROWS).replace(" ", "~") + "\n",
    "two digits with nothing between": lines("".join(f"{x:02}" for x in row) for row in FOUR),
    "an entry of OEIS": "EXAMPLE\nThe square is:\n  ---------\n"
    + lines(f"  |{row}|" for row in ROWS)
    + "\n  ---------\nCROSSREFS\nCf. A287764, A309210.\n",
    "numbers of a work unit": f"98765 4 9\n{lines(ROWS)}\n",
}

MARKED_PAIRS = {
    "stars on a transversal of a pair": cells("abcd", "1234")
    .replace("a1", "a1*", 1)
    .replace("b3", "*b3"),
    "labels like cells": "| | c1 | c2 | c3 | c4 |\n|--|--|--|--|--|\n"
    + "\n".join(
        f"| r{n} | {row.replace(' ', ' | ')} |"
        for n, row in enumerate(cells("abcd", "1234").split("\n"), 1)
    ),
    "two in TeX's arrays": ",\\quad ".join(
        f"{name}=\\left(\\begin{{array}}{{cccc}}"
        + "\\\\".join("&".join(map(str, row)) for row in square)
        + "\\end{array}\\right)"
        for name, square in (("L_1", FOUR), ("L_2", MATE))
    ),
    "arrays of terms behind one another": "".join(
        f"{r} {c} {square[r][c]}\n" for square in (FOUR, MATE) for r in range(4) for c in range(4)
    ),
}
