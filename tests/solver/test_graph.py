"""The orthogonality graph beside a plain count, over squares of which all is known."""

from itertools import combinations

from solver.classes.graph import OrthogonalityGraph
from solver.constructions import construct
from solver.records import Rows
from tests.solver.renaming import cyclic, field_set, group_table, renamed


def pairs(one: Rows, other: Rows) -> int:
    return len({p for rows in zip(one, other, strict=True) for p in zip(*rows, strict=True)})


def graph_of(squares: list[Rows], at_least: int = 0) -> OrthogonalityGraph:
    graph = OrthogonalityGraph(len(squares[0]), at_least)
    for square in squares:
        graph.add(square)
    return graph


def test_a_plane_is_one_clique_and_a_cyclic_square_of_even_order_is_alone() -> None:
    plane, (alone,) = construct(8, 7), cyclic(8)
    graph = graph_of([*plane, alone])
    assert {(edge.one, edge.other) for edge in graph.edges} == set(combinations(range(7), 2))
    assert graph.components() == [list(range(7)), [7]]
    found = graph.cliques()
    assert (found.sizes, found.largest, found.whole) == ({7: 1}, tuple(range(7)), True)
    counted = [pairs(one, other) for one, other in combinations([*plane, alone], 2)]
    assert sorted(graph.spectrum.elements()) == sorted(counted)
    assert 7 not in graph.self_orthogonal


def test_less_than_orthogonal_is_an_edge_where_that_is_asked() -> None:
    squares = [*field_set(5, 4), renamed(cyclic(5), 3)[0], group_table(5)[0]]
    counted = {
        (one, other): pairs(squares[one], squares[other])
        for one, other in combinations(range(6), 2)
    }
    for least in (5, 15, 25):
        graph = graph_of(squares, least)
        assert {(e.one, e.other): e.r for e in graph.edges} == {
            two: r for two, r in counted.items() if r >= least
        }


def test_a_square_under_other_names_is_the_same_and_a_self_orthogonal_one_is_known() -> None:
    square = field_set(7, 3)[1]
    graph = graph_of([square])
    other = tuple(tuple(6 - symbol for symbol in row) for row in square)
    assert graph.place(other) == 0
    turned = tuple(zip(*square, strict=True))
    assert (pairs(square, turned) == 49) == (0 in graph.self_orthogonal)
    assert graph.place(turned) is None
