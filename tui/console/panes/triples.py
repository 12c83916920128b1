"""The leaderboard of triples of order 10, best first."""

from collections.abc import Hashable, Sequence

from results.triples import Standing
from tui.console.panes.table import Sort, TablePane
from tui.console.render.columns import Column
from tui.console.render.spans import Span
from tui.console.render.theme import DIM, PLAIN, VALUE


def _pairs(row: Standing, _width: int) -> list[Span]:
    return [(row.text, VALUE if row.result else DIM)]


def _square(row: Standing, _width: int) -> list[Span]:
    return [(f"#{row.result.id}", VALUE) if row.result else ("published", DIM)]


def _number(number: int) -> list[Span]:
    return [(f"{number:,}" if number else "", PLAIN)]


def _node(row: Standing, _width: int) -> list[Span]:
    return [(row.result.node if row.result else "", PLAIN)]


class TriplesPane(TablePane[Standing]):
    """A class of three squares a row: the pairs of symbols that occur in each two of them."""

    columns: Sequence[Column[Standing]] = (
        Column("PAIRS OF 100", 14, 9, _pairs),
        Column("SQUARES", 9, 8, _square),
        Column("GROUP", 5, 4, lambda row, _: _number(row.group), right=True),
        Column("TIMES", 6, 6, lambda row, _: _number(row.times), right=True),
        Column("NODE", 12, 5, _node),
        Column("FOUND BY", 20, 7, lambda row, _: [(row.finder, DIM)], grow=1),
    )

    sorts: Sequence[Sort[Standing]] = (
        ("number", lambda row: row.result.id if row.result else 0, True),
        ("group", lambda row: row.group, True),
        ("times", lambda row: row.times, True),
        ("node", lambda row: row.result.node if row.result else "", False),
        ("finder", lambda row: row.finder, False),
    )

    def __init__(self, rows: Sequence[Standing]) -> None:
        super().__init__("triples", "Triples of order 10: every two as nearly orthogonal as found")
        self.show(rows)

    def key_of(self, row: Standing) -> Hashable:
        """Ours are known by their number."""
        return row.result.id if row.result else row.finder

    def text_of(self, row: Standing) -> str:
        """Pairs, number, node, finder."""
        ours = f"#{row.result.id} {row.result.node}" if row.result else "published"
        return f"{row.text} {ours} {row.finder}"

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands where nothing matches."""
        return [[("No triple matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
