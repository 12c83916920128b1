"""One machine's own screen: everything known about it, and its last two minutes as charts."""

from collections.abc import Mapping

from tui.console.node_row import NodeRow, place_of
from tui.console.panes.charts import ChartsPane
from tui.console.panes.page import PagePane
from tui.console.render.node_page import node_page
from tui.console.render.spans import Line
from tui.console.render.theme import WARN
from tui.console.screens.pane_screen import PaneScreen


class NodeScreen(PaneScreen):
    """A machine by its key; it stays as it was where it has gone."""

    kind = "node"
    companions: Mapping[str, tuple[str, int]] = {"about": ("charts", 9), "charts": ("about", 6)}
    wide_from = (110, 24)

    def __init__(self, row: NodeRow) -> None:
        self.row = row
        self.listed = True
        """Whether the machine is there still."""
        self.about = PagePane("about", row.name)
        self.about.digit = "1"
        self.charts = ChartsPane()
        super().__init__([self.about], [self.charts])

    def show_snapshot(self) -> None:
        """The machine as it is now."""
        rows = self.context.model.node_rows
        place = place_of(self.row.key, rows)
        self.listed = place is not None
        if place is not None:
            self.row = rows[place]
        gone: list[Line] = [[("▲ It is not listed now: this is how it was.", WARN)], []]
        self.about.show([*([] if self.listed else gone), *node_page(self.row)])
        self.charts.show(self.row)

    def right_width(self, width: int) -> int:
        """Half of the screen, but not more than two minutes of samples."""
        return min(width // 2, 127)

    def node_at_hand(self) -> NodeRow | None:
        """The one this screen is about, while it is there."""
        return self.row if self.listed else None
