"""One machine's own screen: everything known about it, and its last two minutes as charts."""

from collections.abc import Mapping

from tui.console.node_row import NodeRow
from tui.console.panes.charts import ChartsPane
from tui.console.panes.page import PagePane
from tui.console.render.node_page import node_page
from tui.console.screens.pane_screen import PaneScreen


class NodeScreen(PaneScreen):
    """A machine by its key; it stays as it was where it has gone."""

    kind = "node"
    companions: Mapping[str, tuple[str, int]] = {"about": ("charts", 9), "charts": ("about", 6)}
    wide_from = (110, 24)

    def __init__(self, row: NodeRow) -> None:
        self.row = row
        self.about = PagePane("about", row.name)
        self.about.digit = "1"
        self.charts = ChartsPane()
        super().__init__([self.about], [self.charts])

    def show_snapshot(self) -> None:
        """The machine as it is now."""
        rows = self.context.model.node_rows
        self.row = next((row for row in rows if row.key == self.row.key), self.row)
        self.about.show(node_page(self.row))
        self.charts.show(self.row)

    def right_width(self, width: int) -> int:
        """Half of the screen, but not more than two minutes of samples."""
        return min(width // 2, 127)

    def node_at_hand(self) -> NodeRow | None:
        """The one this screen is about."""
        return self.row
