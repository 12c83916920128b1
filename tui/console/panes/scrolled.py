"""A pane of lines to scroll through, without a cursor."""

from tui.console.panes.pane import Pane


class ScrolledPane(Pane):
    """What `go` goes to is the first line shown."""

    @property
    def cursor_fills_line(self) -> bool:
        """There is no cursor."""
        return False

    def go(self, item: int) -> None:
        """Scroll so that a line is the first."""
        self.top = self.cursor = min(max(0, item), max(0, self.count() - self.room))
        self.touch()
