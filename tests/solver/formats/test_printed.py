"""What real programs printed of known squares, byte for byte: `PROGRAM-VERSION/KIND.ORDER.SQUARES`.

Each kind was once read wrongly or refused.
"""

from pathlib import Path

import pytest

from solver.formats.reading import Given, Problem, lines_of, read
from solver.records import Rows
from tests.solver.formats.notations.squares import FOUR, MATE

PRINTED = Path(__file__).parent / "printed"
TEXTS = sorted(str(path.relative_to(PRINTED)) for path in PRINTED.glob("*/*"))


def pair(order: int) -> tuple[Rows, Rows]:
    """The pair that the programs were given."""
    if order == 4:
        return MATE, FOUR
    if order == 10:
        rows = (PRINTED.parent / "cases" / "parker.txt").read_text().splitlines()
        one, other = (
            tuple(tuple(int(cell[which]) for cell in row.split()) for row in rows)
            for which in (0, 1)
        )
        return one, other
    n = range(order)
    one, other = (
        tuple(tuple((a * row + column) % order for column in n) for row in n) for a in (2, 1)
    )
    return one, other


@pytest.mark.parametrize("name", TEXTS)
def test_what_programs_print_of_squares_is_read(name: str) -> None:
    _, order, squares = name.rsplit(".", 2)
    with (PRINTED / name).open("rb") as stream:
        items = list(read(lines_of(stream)))
    assert [item for item in items if isinstance(item, Problem)] == []
    found = [square for item in items if isinstance(item, Given) for square in item.squares]
    assert found == [*pair(int(order))[: int(squares)]]
