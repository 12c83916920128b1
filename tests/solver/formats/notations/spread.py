"""The square and the pair as programs spread them over lines, columns and blank lines."""

from tests.solver.formats.notations.squares import FOUR, MATE, ROWS, cells, lines

RUNS = [f"{r} {c} {FOUR[r][c]} {MATE[r][c]}" for r in range(4) for c in range(4)]


def in_runs(runs: list[str], size: int, form: str = "{}") -> str:
    """Runs with a blank line behind every `size` of them."""
    written = [form.format(run) for run in runs]
    return "\n\n".join(lines(written[at : at + size]) for at in range(0, len(runs), size))


def maxima(middle: str, line: int) -> str:
    """Two matrices of Maxima's side by side in a list."""
    rows = [f"[ {'  '.join(map(str, a))} ]" for a in FOUR]
    mates = [f"[ {'  '.join(map(str, a))} ]" for a in MATE]
    empty = f"[{' ' * 12}]"
    both = [two for a, b in zip(rows, mates, strict=True) for two in ((a, b), (empty, empty))][:-1]
    written = ["{}         [  {}  {}".format("", *two) for two in both]
    written[line] = middle.format(*both[line])
    return lines(one.replace("[  [", "   [") for one in written)


def indexed(*squares: tuple[tuple[int, ...], ...]) -> str:
    """Rows with two indices of which the first is left out where it repeats."""
    return lines(
        f"{' ' if c else r}  {c}    {'  '.join(str(one[r][c]) for one in squares)}"
        for r in range(4)
        for c in range(4)
    )


SPREAD = {
    "runs, 4 a page": in_runs([run[:5] for run in RUNS], 4),
    "runs, 5 a page": in_runs([run[:5] for run in RUNS], 5),
    "pandas's series": f"i  j\n{indexed(FOUR)}\ndtype: int64\n",
    "AsciiDoc, a cell a line": '[cols="1,1,1,1"]\n|===\n'
    + "\n\n".join(lines(f"|{symbol}" for symbol in row.split()) for row in ROWS)
    + "\n|===\n",
    "AsciiDoc with names": '[%header,cols="5*"]\n|===\n|\n|a\n|b\n|c\n|d\n\n'
    + "\n\n".join(lines(f"|{x}" for x in (n, *row.split())) for n, row in enumerate(ROWS))
    + "\n|===\n",
    "pandoc's troff": ".PP\n.TS\ntab(@);\nr r r r.\n"
    + lines("@".join(f"T{{\n{symbol}\nT}}" for symbol in row.split()) for row in ROWS)
    + "\n.TE\n",
    "troff": ".TS\nl l l l.\n" + lines(row.replace(" ", "\t") for row in ROWS) + "\n.TE\n",
    "Agda": "square : String\nsquare =\n  " + " ++\n  ".join(f'"{row}\\n"' for row in ROWS) + "\n",
    "awk": "BEGIN {\n" + lines(f'  print "{row}"' for row in ROWS) + "\n}\n",
    "names behind a bar": lines(f"{row} | {n}" for n, row in enumerate(ROWS)),
}
SPREAD_PAIRS = {
    "an array, 4 runs a page": in_runs(RUNS, 4),
    "an array, 5 runs a page": in_runs(RUNS, 5, "[{}]"),
    "an array, a run a page": in_runs(RUNS, 1, "[{}]"),
    "an array by columns": in_runs(sorted(RUNS, key=lambda run: run[2]), 6),
    "an array with numbers of runs": in_runs([f"{n} {run}" for n, run in enumerate(RUNS, 1)], 5),
    "Maxima's list": maxima("(%o3)    [{}, {}]", 3),
    "pandas's frame": f"     A  B\ni j      \n{indexed(FOUR, MATE)}\n",
    "a backslash between": cells("ABCD", "αβγδ", "{}\\{}"),
    "a backslash between letters": cells("ABCD", "abcd", "{}\\{}"),
}
