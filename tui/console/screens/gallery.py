"""All squares of an order, of a job or of a main class, as far back as any are kept."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from results.result import Result
from results.selection import Selection
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.screens.pane_screen import PaneScreen

Newest: TypeAlias = tuple[Sequence[Result], int]
"""The newest of a selection, newest first, and how many there are in all."""


class GalleryScreen(PaneScreen):
    """A gallery of its own; `read` gives what is kept by then, from what it gave before."""

    kind = "gallery"

    def __init__(
        self,
        selection: Selection,
        newest: Newest,
        read: Callable[[Newest], Awaitable[Newest]],
    ) -> None:
        self.squares = SquaresPane("1", selection, f" of {selection}")
        super().__init__([self.squares])
        self._selection = selection
        self._newest = newest
        self._read = read
        self._seen = (-1, -1)
        self._reading = self._again = False

    def on_mount(self) -> None:
        """Show what was read."""
        super().on_mount()
        self._take()

    def show_squares(self) -> None:
        """Those that were found since."""
        snapshot = self.context.model.snapshot
        rows = snapshot.jobs if snapshot else ()
        found = sum(row.squares for row in rows if row.job.id == self._selection.job)
        seen = (snapshot.kept if snapshot else 0, found)
        if seen != self._seen:
            self._seen, self._again = seen, True
            if not self._reading:
                self._reading = True
                self.context.start(self._read_on)

    async def _read_on(self) -> None:
        """One reading at a time: a large store on a small machine takes longer than the next."""
        try:
            while self._again:
                self._again = False
                self._newest = await self._read(self._newest)
                self._take()
        finally:
            self._reading = False

    def _take(self) -> None:
        if not self.is_mounted:
            return
        results, count = self._newest
        self.squares.count_kept(count)
        self.squares.take_newest(results)
        self.show_footer()
