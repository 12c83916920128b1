"""Classes of diagonal squares, and those orthogonal to one of their class, beside what OEIS has."""

from collections.abc import Iterator

import pytest

from solver.classes.analysis import square_facts
from solver.classes.diagonal_class import diagonal_form, orthogonal_arrangement
from solver.records import Rows


def diagonal_squares(order: int) -> Iterator[Rows]:
    """Every diagonal Latin square with the first row 0, 1, 2..., by the definition."""

    def filled(cells: list[int]) -> Iterator[Rows]:
        r, c = divmod(len(cells), order)
        if r == order:
            yield tuple(tuple(cells[i : i + order]) for i in range(0, len(cells), order))
            return
        met = {*cells[r * order :], *cells[c::order]}
        if r == c:
            met.update(cells[i * order + i] for i in range(r))
        if r + c == order - 1:
            met.update(cells[i * order + order - 1 - i] for i in range(r))
        for symbol in range(order):
            if symbol not in met:
                yield from filled([*cells, symbol])

    yield from filled(list(range(order)))


@pytest.mark.parametrize(
    ("order", "squares", "classes", "extended", "own", "most"),
    [
        (4, 2, 1, 2, 2, 1),
        (5, 8, 2, 4, 4, 1),
        pytest.param(6, 128, 2, 0, 0, 0, marks=pytest.mark.slow),
    ],
)
def test_all_of_an_order(
    order: int, squares: int, classes: int, extended: int, own: int, most: int
) -> None:
    """OEIS A274171, A287764, A309598, A287761, A287695; A350585 and A309210 are 1, 1, 0."""
    found = list(diagonal_squares(order))
    assert len(found) == squares
    forms = {square: diagonal_form(square) for square in found}
    assert len(set(forms.values())) == classes
    for form in set(forms.values()):
        assert forms[form] == form == min(square for square in found if forms[square] == form)
    of_its_class = [square for square in found if orthogonal_arrangement(square) is not None]
    assert len(of_its_class) == extended
    assert len({forms[square] for square in of_its_class}) == min(extended, 1)
    facts = [square_facts(square) for square in found]
    assert sum(one.extended is True for one in facts) == extended
    assert sum(one.self_orthogonal for one in facts) == own
    counts = [(one.diagonal_mates, one.transversals) for one in facts]
    assert max(mates.number for mates, _ in counts if mates) == most
    with_mates = {transversals for mates, transversals in counts if mates and mates.number}
    assert len(with_mates) == (1 if most else 0)


def test_a_square_orthogonal_to_both_its_transposes() -> None:
    """2r + c modulo 5 or 7 is; of order 10 there is none (Vatutin, Belyshev 2020)."""
    for order, doubly in ((5, True), (7, True)):
        square = tuple(tuple((2 * r + c) % order for c in range(order)) for r in range(order))
        assert square_facts(square).doubly == doubly
    square = tuple(tuple((5 * r + c) % 7 for c in range(7)) for r in range(7))
    assert square_facts(square).self_orthogonal
