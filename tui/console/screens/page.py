"""A screen of text, the large view of one pair of squares, the leaderboard of triples."""

from collections.abc import Callable, Sequence

from results.result import Result
from results.triples import Standing
from tui.console.model import Model
from tui.console.panes.page import PagePane
from tui.console.panes.picture import PicturePane
from tui.console.panes.squares import SquaresPane
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


class SquareScreen(PaneScreen):
    """One pair of squares, and the way to its neighbours in the gallery it was opened from."""

    kind = "square"

    def __init__(self, result: Result, gallery: SquaresPane | None = None) -> None:
        self.picture = PicturePane()
        super().__init__([self.picture])
        self.result = result
        self._gallery = gallery

    def on_mount(self) -> None:
        """Draw it; the gallery stands still meanwhile."""
        super().on_mount()
        if self._gallery is not None:
            self._gallery.pinned = True
        self.walk(0)

    def on_unmount(self) -> None:
        """The gallery may go on."""
        if self._gallery is not None:
            self._gallery.pinned = False

    def walk(self, step: int) -> None:
        """Show an older (1) or newer (-1) pair."""
        place = ""
        if self._gallery is not None:
            self._gallery.go(self._gallery.cursor + step)
            self.result = self._gallery.chosen or self.result
            place = f"← newer  {self._gallery.place()}  older →"
        self.picture.show(self.result, place)
