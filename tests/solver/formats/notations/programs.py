"""The square and the pair as programs of many languages, solvers and tables of texts hold them."""

# ruff: noqa: RUF001, E501 - what is written, and as wide as it is

from itertools import chain

from tests.solver.formats.notations.squares import COMMAS, FOUR, MATE, ROWS, each, lines

PLACES = [(r, c) for r in range(4) for c in range(4)]
FACTS = [f"cell({c},{r},{FOUR[r][c]})" for c, r in PLACES]
BY_COLUMNS = [",".join(map(str, column)) for column in zip(*FOUR, strict=True)]


def model(*squares: tuple[tuple[int, ...], ...]) -> str:
    """What a SAT solver says: row, column, symbol, each from 0, and whether that is so."""
    true = {
        64 * n + 16 * r + 4 * c + square[r][c] + 1
        for n, square in enumerate(squares)
        for r, c in PLACES
    }
    literals = [v if v in true else -v for v in range(1, 64 * len(squares) + 1)]
    rows = (literals[at : at + 12] for at in range(0, len(literals), 12))
    return "s SATISFIABLE\n" + lines("v " + " ".join(map(str, row)) for row in rows) + "\nv 0\n"


PROGRAMS = {
    "comments of C": "static const uint8_t L[4][4] = {\n"
    + lines(f"    {{ {row} }},  /* row {n} */" for n, row in enumerate(COMMAS))
    + "\n};\n",
    "C#": "int[,] L = new int[4, 4]\n{\n    { " + " },\n    { ".join(COMMAS) + " }\n};\n",
    "Magma's brackets": "L := [\n    \\[ " + " ],\n    \\[ ".join(COMMAS) + " ]\n];\n",
    "a matrix of Magma": f"L := Matrix(IntegerRing(), 4, 4, \\[ {', '.join(COMMAS)} ]);\n",
    "pandas by name": "pd.DataFrame([[" + "], [".join(COMMAS) + "]], columns=list('ABCD'))\n",
    "a split text": "rows = 'ABCD BADC CDAB DCBA'.split()\n",
    "Julia's columns": "hcat([" + "], [".join(BY_COLUMNS) + "])\n",
    "R's columns beside one another": "cbind(c(" + "), c(".join(BY_COLUMNS) + "))\n",
    "R's data frame": "structure(list("
    + ", ".join(f"V{n} = c({column})" for n, column in enumerate(BY_COLUMNS, 1))
    + '), class = "data.frame", row.names = c(NA, -4L))\n',
    "a dictionary of rows": "{"
    + ", ".join(f"{r}: {{{', '.join(f'{c}: {FOUR[r][c]}' for c in range(4))}}}" for r in range(4))
    + "}\n",
    "rows one by one": lines(f"L({n},:) = [{row}]" for n, row in enumerate(COMMAS, 1)),
    "Fortran's DATA": f"      DATA L /{','.join(BY_COLUMNS)}/\n",
    "Fortran's DATA over lines": "      DATA ((L(I,J),J=1,4),I=1,4) /"
    + ",\n     &".join(COMMAS)
    + "/\n",
    "Fortran's DATA by rows": lines(
        f"      DATA (L({n},J),J=1,4) /{row}/" for n, row in enumerate(COMMAS, 1)
    ),
    "Fortran's reshape over lines": "integer, parameter :: L(4,4) = reshape([ &\n    "
    + ", &\n    ".join(COMMAS)
    + " ], [4,4], order=[2,1])\n",
    "Forth": "create l  0 , 1 , 2 , 3 ,\n"
    + lines(row.replace(" ", " , ") + " ," for row in ROWS[1:]),
    "Forth's bytes": "CREATE L\n"
    + lines(f"  {row.replace(' ', ' C, ')} C,  \\ row {n}" for n, row in enumerate(ROWS)),
    "BASIC": lines(f"{n}0 DATA {row}" for n, row in enumerate(COMMAS, 1)),
    "an assembler": f"square db {COMMAS[0]}\n" + lines(f"       db {row}" for row in COMMAS[1:]),
    "rows of SQL": "VALUES (" + "),\n       (".join(COMMAS) + ");\n",
    "Perl's dumper": "$VAR1 = [\n"
    + ",\n".join("    [\n" + ",\n".join(f"      '{x}'" for x in row) + "\n    ]" for row in FOUR)
    + "\n  ];\n",
    "PHP's export": "array (\n"
    + "".join(
        f"  {r} => \n  array (\n"
        + "".join(f"    {c} => {x},\n" for c, x in enumerate(row))
        + "  ),\n"
        for r, row in enumerate(FOUR)
    )
    + ")\n",
    "PHP's dump": "array(4) {\n"
    + "".join(
        f"  [{r}]=>\n  array(4) {{\n"
        + "".join(f"    [{c}]=>\n    int({x})\n" for c, x in enumerate(row))
        + "  }\n"
        for r, row in enumerate(FOUR)
    )
    + "}\n",
    "Ruby's answer": "=> [[" + "],\n [".join(COMMAS) + "]]\n",
    "APL": f"      L←4 4⍴{' '.join(ROWS)}\n",
    "J": f"   ] L =: 4 4 $ {' '.join(ROWS)}\n",
    "Lisp's array": "#2A((" + ") (".join(ROWS) + "))\n",
    "BQN": "⟨ ⟨ " + " ⟩ ⟨ ".join(ROWS) + " ⟩ ⟩\n",
    "a comment of ML over lines": "(* a square\n   of order 4 *)\n" + lines(ROWS),
    "TOML's tables": '[[square]]\nname = "L1"\nrows = [\n'
    + lines(f"  [{row}]," for row in COMMAS)
    + "\n]\n",
    "an answer set": "clingo version 5.6.2\nReading from latin.lp\nSolving...\nAnswer: 1\n"
    + " ".join(FACTS)
    + "\nSATISFIABLE\n\nModels       : 1+\nCalls        : 1\nTime         : 0.007s (Solving: 0.00s 1st Model: 0.00s Unsat: 0.00s)\nCPU Time     : 0.004s\n",
    "a solution of SCIP": lines(
        f"x#{r}#{c}#{FOUR[r][c]}                        1 \t(obj:0)" for r, c in PLACES
    ),
    "a solution of Gurobi": "# Objective value = 0\n"
    + lines(f"x[{r},{c},{k}] {int(FOUR[r][c] == k)}" for r, c in PLACES for k in range(4)),
    "SMT-LIB": "sat\n(\n"
    + lines(f"  (define-fun x_{r}_{c} () Int\n    {FOUR[r][c]})" for r, c in PLACES)
    + "\n)\n",
    "a model of DIMACS": model(FOUR),
    "products": lines(f"{r}*{c}={FOUR[r][c]}" for r, c in PLACES),
    "Matrix Market": "%%MatrixMarket matrix array integer general\n4 4\n"
    + lines(map(str, chain(*FOUR))),
    "TikZ in a loop": "\\foreach \\x/\\y/\\v in {"
    + ", ".join(f"{r}/{c}/{FOUR[r][c]}" for r, c in PLACES)
    + "}\n  \\node at (\\x,\\y) {\\v};\n",
    "TikZ cell by cell": "\\draw (0,0) grid (4,4);\n"
    + lines(f"\\node at ({r}.5,{c}.5) {{{FOUR[r][c]}}};" for r, c in PLACES),
    "a package for Sudokus": "\\begin{sudoku}\n"
    + lines(f"|{row.replace(' ', '|')}|." for row in ROWS)
    + "\n\\end{sudoku}\n",
    "HTML of pandas": "<table>\n<thead>\n<tr>\n<th></th>\n"
    + lines(f"<th>{c}</th>" for c in range(4))
    + "\n</tr>\n</thead>\n<tbody>\n"
    + "".join(
        f"<tr>\n<th>{r}</th>\n" + "".join(f"<td>{x}</td>\n" for x in row) + "</tr>\n"
        for r, row in enumerate(FOUR)
    )
    + "</tbody>\n</table>\n",
    "indices of HTML": "<table>\n"
    + lines("<tr>" + "".join(f"<td>a<sub>{x}</sub></td>" for x in row) + "</tr>" for row in FOUR)
    + "\n</table>\n",
    "a list table": ".. list-table:: A square\n   :widths: auto\n\n"
    + lines("   * - " + "\n     - ".join(row.split()) for row in ROWS),
    "DokuWiki": "^   ^ a ^ b ^ c ^ d ^\n"
    + lines(f"^ r{n} | {row.replace(' ', ' | ')} |" for n, row in enumerate(ROWS)),
    "DuckDB": "┌───────┬───────┬───────┬───────┐\n│   a   │   b   │   c   │   d   │\n│ int32 │ int32 │ int32 │ int32 │\n├───────┼───────┼───────┼───────┤\n"
    + lines(f"│   {'   │   '.join(row.split())}   │" for row in ROWS)
    + "\n└───────┴───────┴───────┴───────┘\n",
    "row sums": lines(f"{row} = 6" for row in ROWS),
    "row sums behind a bar": lines(f"{row} | 6" for row in ROWS),
    "names behind rows": lines(f"{row}   row {n}" for n, row in enumerate(ROWS)),
    "numbers behind rows": lines(f"{row}   ({n})" for n, row in enumerate(ROWS, 1)),
    "a sentence's end": lines(" ".join("abcd"[x] for x in row) for row in FOUR) + ".\n",
}

PROGRAMS_PAIRS = {
    "facts of two names": "Answer: 1\n"
    + " ".join(f"a({r},{c},{FOUR[r][c]}) b({r},{c},{MATE[r][c]})" for r, c in PLACES)
    + "\nSATISFIABLE\n",
    "an array of facts with the square's number": "Answer: 1\n"
    + " ".join(
        f"cell({n},{r},{c},{square[r][c]})"
        for n, square in enumerate((FOUR, MATE))
        for r, c in PLACES
    )
    + "\nSATISFIABLE\n",
    "a model of two squares": model(FOUR, MATE),
    "angle brackets of letters": each(lambda a, b: f"<{'ABCD'[a]},{'αβγδ'[b]}>"),
    "backslashes": each(lambda a, b: f"{a}\\{b}"),
    "names round numbers": each(lambda a, b: f"x{a}y{b}"),
    "cards in words": each(
        lambda a, b: (
            f"{('Ace', 'King', 'Queen', 'Jack')[a]} of {('Spades', 'Hearts', 'Diamonds', 'Clubs')[b]},"
        )
    ).replace(",\n", "\n"),
    "an array named": "OA(4, 4)\n" + lines(f"{r} {c} {FOUR[r][c]} {MATE[r][c]}" for r, c in PLACES),
    "row sums of two": "\n\n".join(
        lines(f"{' '.join(map(str, row))} = 6" for row in square) for square in (FOUR, MATE)
    ),
}
