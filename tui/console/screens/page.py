"""A screen of text, and the leaderboard of triples."""

from collections.abc import Callable, Sequence

from results.triples import Standing
from tui.console.model import Model
from tui.console.panes.page import PagePane
from tui.console.panes.triples import TriplesPane
from tui.console.render.spans import Line
from tui.console.screens.pane_screen import PaneScreen


class PageScreen(PaneScreen):
    """Text made anew from each snapshot; stays as it was where its subject is gone."""

    kind = "page"

    def __init__(self, title: str, text: Callable[[Model], Sequence[Line] | None]) -> None:
        self.page = PagePane("page", title)
        super().__init__([self.page])
        self._text = text

    def show_snapshot(self) -> None:
        """Make the text anew."""
        lines = self._text(self.context.model)
        if lines is not None:
            self.page.show(lines)


class TriplesScreen(PaneScreen):
    """The leaderboard."""

    kind = "triples-screen"

    def __init__(self, rows: Sequence[Standing]) -> None:
        self.triples = TriplesPane(rows)
        super().__init__([self.triples])
