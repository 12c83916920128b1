"""A provisioning run: machines down, steps across, each cell its state and time."""

import time
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from base.text import age_text
from tui.console.panes.table import TablePane
from tui.console.render.columns import Column
from tui.console.render.spans import Span
from tui.console.render.theme import BAD, DIM, DONE, GOOD, PLAIN, VALUE, WARN

if TYPE_CHECKING:
    from provision.runs.view import Cell, RunRow, RunView

_GLYPHS: dict[str, tuple[str, Style]] = {
    "waiting": ("·", DIM),
    "running": ("●", GOOD),
    "ok": ("✓", DIM),
    "changed": ("✓", DONE),
    "failed": ("✗", BAD),
    "unreachable": ("✗", BAD),
    "skipped": ("-", DIM),
    "stopped": ("■", WARN),
}
_TITLES = {
    "memory_cgroup": "MEMORY",
    "swarm_master": "MASTER",
    "swarm_host": "JOIN",
    "solver_image": "IMAGE",
    "os_upgrade": "UPGRADE",
}


def cell_spans(cell: "Cell", now: float) -> list[Span]:
    """Glyph and time of a step."""
    glyph, style = _GLYPHS[cell.state]
    timed = cell.started and cell.state != "skipped"
    return [(glyph, style), (f" {age_text(cell.seconds(now))}" if timed else "", PLAIN)]


def row_state(row: "RunRow") -> list[Span]:
    """Glyph and word of a machine."""
    glyph, style = _GLYPHS[row.state]
    return [(f"{glyph} {'in order' if row.state == 'ok' else row.state}", style)]


class RunPane(TablePane["RunRow"]):
    """The machines of one run."""

    def __init__(self) -> None:
        super().__init__("run", "Run")
        self._steps: tuple[str, ...] = ()

    def show_run(self, view: "RunView") -> None:
        """Show this run from now on."""
        if view.steps != self._steps:
            self._steps = view.steps
            self.columns = self._columns(view.steps)
        self.title = f"{'Rehearsal' if view.check else view.playbook.capitalize()} {view.id}"
        self.show(view.rows)
        # Cells that are under way show their time, which changes without any event.
        self.lay_out_anew()

    def _columns(self, steps: Sequence[str]) -> Sequence[Column["RunRow"]]:
        def step(place: int) -> Column["RunRow"]:
            title = _TITLES.get(steps[place], steps[place].upper())[:7]
            return Column(
                title, 7, 20 - place, lambda row, _: cell_spans(row.cells[place], time.time())
            )

        return (
            Column("NODE", 11, 40, lambda row, _: [(row.name, VALUE)], grow=1),
            Column("STATE", 13, 30, lambda row, _: row_state(row)),
            *(step(place) for place in range(len(steps))),
            Column("NOW", 14, 1, lambda row, _: [(row.cell.task, DIM)], grow=3),
        )

    def key_of(self, row: "RunRow") -> Hashable:
        """A machine is known by its alias."""
        return row.host

    def text_of(self, row: "RunRow") -> str:
        """Its name, state, task and message."""
        return f"{row.name} {row.state} {row.cell.task} {row.cell.message}"

    def notes_of(self, row: "RunRow") -> Sequence[Span]:
        """Why it failed."""
        if not row.state.bad:
            return []
        cell = row.cell
        where = f"{cell.step}, {cell.task}: " if cell.task else ""
        return [(f"✗ {where}{cell.message or row.state}", BAD)]

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty list."""
        return [[("No machine matches." if self.needle else "Starting …", DIM)]]
