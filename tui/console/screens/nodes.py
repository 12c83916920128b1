"""Every machine in one wide table, with the map of the swarm; and their last hour."""

from collections.abc import Mapping

from tui.console.node_row import NodeChoice, NodeRow
from tui.console.panes.map import CARD, MapPane
from tui.console.panes.nodes import NodesPane
from tui.console.panes.pulse import PulsePane
from tui.console.pulse import Pulse
from tui.console.screens.pane_screen import PaneScreen


class NodesScreen(PaneScreen):
    """Every machine there is."""

    kind = "nodes-screen"
    companions: Mapping[str, tuple[str, int]] = {"nodes": ("map", 8), "map": ("nodes", 8)}
    wide_from = (150, 24)

    def __init__(self, choice: NodeChoice, at: str) -> None:
        self.nodes = NodesPane(choice)
        self.map = MapPane()
        self._at = at
        super().__init__([self.nodes], [self.map])

    def on_mount(self) -> None:
        """Begin where the cursor was."""
        super().on_mount()
        self.nodes.choose(self._at)

    def show_snapshot(self) -> None:
        """Every machine anew, in the table and on the map."""
        self.nodes.show(self.context.model.node_rows)
        self.map.show(self.nodes.all_rows)
        self.show_footer()

    def right_width(self, width: int) -> int:
        """Two blocks of the map side by side, where the table has room enough."""
        across = 2 if width >= 190 else 1
        return across * (CARD + 1) + 4

    def node_at_hand(self) -> NodeRow | None:
        """The machine under the cursor, in the table or on the map."""
        return self.map.chosen if self.chosen is self.map else self.nodes.chosen


class PulseScreen(PaneScreen):
    """The last hour of every machine."""

    kind = "pulse-screen"

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = PulsePane(pulse)
        super().__init__([self.pulse])

    def show_snapshot(self) -> None:
        """Every machine anew."""
        self.pulse.show(self.context.model.node_rows)
