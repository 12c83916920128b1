"""One job's work units, one a row."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from results.reports import JobRow, UnitView
from swarm.engine import TaskState
from tui.console.panes.table import Sort, TablePane
from tui.console.render.columns import Column
from tui.console.render.spans import Span, amount
from tui.console.render.theme import BAD, DIM, PLAIN, UNIT_GLYPHS, VALUE


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit, how often it was begun, where last, and the error of its last task if it failed."""

    view: UnitView
    tries: int
    node: str
    error: str


def unit_rows(row: JobRow) -> list[UnitRow]:
    """A job's units with what their tasks add."""
    tries: dict[int, int] = {}
    nodes: dict[int, str] = {}
    errors: dict[int, str] = {}
    for task in sorted(row.job.tasks, key=lambda task: task.started):
        tries[task.unit] = tries.get(task.unit, 0) + 1
        nodes[task.unit] = task.node
        errors[task.unit] = task.error if task.state is TaskState.FAILED else ""
    return [
        UnitRow(
            view,
            tries.get(view.unit, 0),
            view.node or nodes.get(view.unit, ""),
            errors.get(view.unit, ""),
        )
        for view in row.units
    ]


def _state(row: UnitRow, _width: int) -> list[Span]:
    glyph, style = UNIT_GLYPHS[row.view.state]
    return [(f"{glyph} {row.view.state}", style)]


def _found(row: UnitRow, _width: int) -> list[Span]:
    return [(amount(row.view.found), VALUE)]


def _tried(row: UnitRow, _width: int) -> list[Span]:
    return [(amount(row.view.tried) if row.view.tried else "", PLAIN)]


class UnitsPane(TablePane[UnitRow]):
    """A job's work units."""

    columns: Sequence[Column[UnitRow]] = (
        Column("UNIT", 4, 9, lambda row, _: [(str(row.view.unit), VALUE)], right=True),
        Column("STATE", 10, 8, _state, plain=lambda row: row.view.state),
        Column("FOUND", 6, 7, _found, right=True, plain=lambda row: row.view.found),
        Column("TRIED", 7, 5, _tried, right=True, plain=lambda row: row.view.tried),
        Column("TASKS", 5, 3, lambda row, _: [(str(row.tries), DIM)], right=True),
        Column("NODE", 10, 6, lambda row, _: [(row.node, PLAIN)], grow=1),
    )

    sorts: Sequence[Sort[UnitRow]] = (
        ("state", lambda row: row.view.state, False),
        ("found", lambda row: row.view.found, True),
        ("tried", lambda row: row.view.tried, True),
        ("tasks", lambda row: row.tries, True),
        ("node", lambda row: row.node, False),
    )

    def key_of(self, row: UnitRow) -> Hashable:
        """A unit is known by its number."""
        return row.view.unit

    def text_of(self, row: UnitRow) -> str:
        """Number, state, node and error."""
        return f"unit {row.view.unit} {row.view.state} {row.node} {row.error}"

    def notes_of(self, row: UnitRow) -> Sequence[Span]:
        """Why its last task failed."""
        return [(row.error, BAD)] if row.error else []

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty list."""
        return [[("No units match." if self.needle else "No units begun yet.", DIM)]]
