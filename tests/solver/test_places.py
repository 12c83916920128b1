"""Where transversals, intercalates and pairs of symbols are, against what they are by name."""

from itertools import combinations

from solver.classes.places import cells_of, differing, intercalates, pairs, transversals
from tests.solver.renaming import cyclic, field_set, group_table


def test_each_transversal_takes_every_row_column_and_symbol_of_each_square_once() -> None:
    one, other = field_set(7, 2)
    for squares, number in (((one,), 133), ((one, other), 28)):
        listed, whole = transversals(squares)
        assert whole
        assert len(set(listed)) == number
        for each in (cells_of(transversal, 7) for transversal in listed):
            rows, columns = zip(*each, strict=True)
            taken = [rows, columns, *([square[r][c] for r, c in each] for square in squares)]
            assert all(sorted(values) == list(range(7)) for values in taken)


def test_of_a_square_too_large_it_is_not_said_that_these_are_all() -> None:
    assert transversals(cyclic(17)) == ([], False)
    assert not transversals(cyclic(15))[1]


def test_each_intercalate_holds_two_symbols_twice() -> None:
    square = group_table(2, 2)[0]
    found = intercalates(square)
    assert len(set(found)) == 12
    for cells in found:
        symbols = sorted(square[r][c] for r, c in cells)
        assert symbols[0] == symbols[1] != symbols[2] == symbols[3]


def test_of_orthogonal_squares_each_pair_stands_once_and_of_others_not() -> None:
    one, other = field_set(5, 2)
    assert [len(cells) for cells in pairs(one, other).values()] == [1] * 25
    assert sum(bool(cells) for cells in pairs(one, one).values()) == 5
    for pair, cells in pairs(one, other).items():
        assert [(one[r][c], other[r][c]) for r, c in cells] == [pair]


def test_what_differs_is_where_any_square_of_the_sets_does() -> None:
    squares = field_set(5, 4)
    for one, other in combinations(squares, 2):
        cells = differing((one, squares[0]), (other, squares[0]))
        assert cells == {(r, c) for r in range(5) for c in range(5) if one[r][c] != other[r][c]}
    assert not differing(squares, squares)
