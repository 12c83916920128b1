"""Squares of different orders side by side, however they are parted."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

import pytest

from solver.records import Rows
from tests.solver.formats.test_pasted import items, renumbered, sentences, sets
from tests.solver.renaming import field_set, group_table, renamed

ORDERS = [(3, 4), (4, 3), (3, 5), (5, 7), (7, 5), (10, 7), (4, 8), (8, 4), (3, 4, 5), (5, 3, 3)]


def side_by_side(squares: Sequence[Rows], between: str, gap: str, *, wide: bool) -> str:
    """Rows on one line as long as the squares have some; `wide`: with space where one has ended."""
    lines = []
    for rows in zip_longest(*squares):
        parts = [
            between.join(map(str, row)) if row else between * (len(one) - 1)
            for one, row in zip(squares, rows, strict=True)
        ]
        if wide:
            widths = [len(between.join(map(str, one[0]))) for one in squares]
            parts = [part.ljust(width) for part, width in zip(parts, widths, strict=True)]
        lines.append(gap.join(parts).rstrip(" "))
    return "\n".join(lines) + "\n"


FORMS: dict[str, Callable[[Sequence[Rows]], str]] = {
    "spaces": lambda squares: side_by_side(squares, " ", "   ", wide=True),
    "bars": lambda squares: side_by_side(squares, " ", " | ", wide=True),
    "words": lambda squares: side_by_side(squares, "", "  ", wide=True),
    "tabs": lambda squares: side_by_side(squares, "\t", "\t\t", wide=False),
    "csv": lambda squares: side_by_side(squares, ",", ",,", wide=False),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("orders", ORDERS)
def test_squares_of_different_orders_side_by_side(orders: tuple[int, ...], form: str) -> None:
    tables = (
        group_table(2, order // 2) if order % 2 == 0 else field_set(order, 1) for order in orders
    )
    squares = [renamed(table, order)[0] for order, table in zip(orders, tables, strict=True)]
    text = FORMS[form](squares)
    names = "A      B\n" if len(orders) == 2 else ""
    for around in ("", f"{names}", "# two\n", "Square 1\n", "done\n"):
        before, behind = ("", around) if around == "done\n" else (around, "")
        found = items(f"{before}{text}{behind}\n0 1 2\n1 2 0\n2 0 1\n")
        assert sentences(found) == []
        read = [renumbered(one) for (one,) in sets(found)]
        assert read == [*map(renumbered, squares), ((0, 1, 2), (1, 2, 0), (2, 0, 1))]


def test_a_row_that_is_missing_is_told_of() -> None:
    text = FORMS["spaces"]([field_set(3, 1)[0], field_set(5, 1)[0]]).splitlines()
    found = items("\n".join(text[:-1]))
    assert sets(found) == []
    assert len(sentences(found)) == 1
