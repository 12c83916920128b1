"""One set of squares as large as can be, and two beside one another."""

import asyncio
from dataclasses import replace

from results.result import Result
from tui.console.panes.squares.compare import ComparePane, Side
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.panes.squares.picture import PicturePane
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.workers import begin


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


class CompareScreen(PaneScreen):
    """Two sets of squares, or two squares; which class each is of is found here if need be."""

    kind = "compare-screen"

    def __init__(self, one: Side, other: Side) -> None:
        self._sides = (one, other)
        self.compare = ComparePane(one, other)
        super().__init__([self.compare])

    def on_mount(self) -> None:
        """Find what is not known."""
        super().on_mount()
        begin(self, self._classify, "classes")

    async def _classify(self) -> None:
        one, other = self._sides
        if one.order == other.order:
            self.compare.show(
                await asyncio.to_thread(_classified, one),
                await asyncio.to_thread(_classified, other),
            )


def _classified(side: Side) -> Side:
    # Imported late: it brings the search.
    from solver.classes.main_class import main_class

    if side.main_class:
        return side
    found = main_class(side.squares, side.covered)
    return replace(side, main_class=found.digest.hex() if found else "")
