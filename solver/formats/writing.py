"""Sets of squares in the notations that other programs and tables read, one set a text."""

from collections.abc import Callable, Sequence
from itertools import chain

from solver.formats.notation import cells
from solver.records import Rows

_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def oneline(squares: Sequence[Rows]) -> str:
    """One line, row by row: a word a square, or spaces between symbols above order 36."""
    if len(squares[0]) > len(_SYMBOLS):
        return " ".join(map(str, _symbols(squares))) + "\n"
    words = ("".join(_SYMBOLS[symbol] for row in one for symbol in row) for one in squares)
    return " ".join(words) + "\n"


def sage(squares: Sequence[Rows]) -> str:
    """One line of Sage: a list of matrices."""
    each = (f"matrix([{', '.join(str(list(row)) for row in one)}])" for one in squares)
    return f"[{', '.join(each)}]\n"


def gap(squares: Sequence[Rows]) -> str:
    """One line of GAP: a list of squares, whose symbols begin at 1 as everything in GAP."""
    return str([[[symbol + 1 for symbol in row] for row in one] for one in squares]) + ";\n"


def latex(squares: Sequence[Rows]) -> str:
    """One array of LaTeX, all squares in each cell: `A0 & B1`.

    No blank line behind it, which would end the formula that it stands in.
    """
    rows = "".join(f"{' & '.join(row)} \\\\\n" for row in cells(squares))
    return f"\\begin{{array}}{{{'c' * len(squares[0])}}}\n{rows}\\end{{array}}\n%\n"


def oa(squares: Sequence[Rows]) -> str:
    """An orthogonal array, a run a line: row, column, and the symbol of each square."""
    order = len(squares[0])
    runs = (
        f"{row} {column} {' '.join(str(one[row][column]) for one in squares)}\n"
        for row in range(order)
        for column in range(order)
    )
    return f"# OA({len(squares) + 2},{order})\n{''.join(runs)}\n"


def oeis(squares: Sequence[Rows]) -> str:
    """A b-file of OEIS: a number from 1 and a symbol a line, square behind square."""
    terms = (f"{number} {symbol}\n" for number, symbol in enumerate(_symbols(squares), 1))
    return f"# {len(squares)} squares of order {len(squares[0])}\n{''.join(terms)}\n"


FORMS: dict[str, Callable[[Sequence[Rows]], str]] = {
    "oneline": oneline,
    "sage": sage,
    "gap": gap,
    "latex": latex,
    "oa": oa,
    "oeis": oeis,
}
"""What else squares can be written as, by name."""


def _symbols(squares: Sequence[Rows]) -> chain[int]:
    return chain.from_iterable(row for one in squares for row in one)
