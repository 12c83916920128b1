"""One job's own screen: its facts, its units, its squares, its log."""

import asyncio
from collections.abc import Mapping, Sequence

from textual.widget import Widget
from textual.widgets import Static

from base.errors import EngineError
from results.reports import JobRow
from results.selection import Selection
from tui.console.log_ring import LogRing
from tui.console.panes.log import LogPane
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.panes.units import UnitsPane, unit_rows
from tui.console.render.job_page import job_facts
from tui.console.render.spans import Line, styled_text
from tui.console.render.theme import WARN
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.workers import begin

BREATH = 64
"""Lines read before keys get their turn."""


class JobScreen(PaneScreen):
    """A job as its units see it."""

    kind = "job"
    companions: Mapping[str, tuple[str, int]] = {
        "units": ("squares", 13),
        "squares": ("log", 6),
        "log": ("units", 6),
    }

    def __init__(self, ring: LogRing, job: str) -> None:
        self.job = job
        self.units = UnitsPane("units", "Units", "1")
        self.squares = SquaresPane("2", Selection(job=job))
        self.log_pane = LogPane(ring, "3", job)
        super().__init__([self.units], [self.squares, self.log_pane])
        self._shown: Sequence[Line] = ()
        self._found = -1

    def preface(self) -> Sequence[Widget]:
        """The job's facts."""
        return [Static(id="facts", markup=False)]

    def on_mount(self) -> None:
        """Read the log where nobody follows it any more."""
        super().on_mount()
        row = self.context.model.job(self.job)
        if row is not None and not row.job.state.live:
            begin(self, self._read_log, "log")

    async def _read_log(self) -> None:
        """Read an ended job's log."""
        ring = LogRing()
        try:
            async for line in self.context.read_log(self.job):
                ring.extend([line])
                if ring.end % BREATH == 0:
                    await asyncio.sleep(0)
        except EngineError as error:
            self.context.say(str(error), "warning")
        if ring.end:
            self.log_pane.read_from(ring)

    def show_snapshot(self) -> None:
        """The job's facts and units."""
        row = self.context.model.job(self.job)
        if row is not None:
            self.units.show(unit_rows(row))
            self.squares.count_kept(row.squares)
            lines = job_facts(row, self.size.width)
        else:
            # Another process has removed it: it is no more what stood here.
            lines = [[(f"{self.job} is not listed any more. Its squares stay.", WARN)]]
        self.show_footer()
        if lines != self._shown:
            self._shown = lines
            self.query_one("#facts", Static).update(styled_text(lines))

    def show_squares(self) -> None:
        """The job's newest squares."""
        model = self.context.model
        row = model.job(self.job)
        found = row.squares if row else 0
        self.squares.show(model.squares, found)
        if found != self._found:
            self._found = found
            self.context.fetch_squares(self.squares.take_newest, self.squares.selection)

    def job_at_hand(self) -> JobRow | None:
        """The one this screen is about."""
        return self.context.model.job(self.job)

    def preface_height(self) -> int:
        """The facts, wrapped where they must be, and the notice."""
        return super().preface_height() + self.query_one("#facts").size.height

    def fixed_heights(self) -> Mapping[str, int]:
        """As on the main screen."""
        return {"squares": 25 if self.size.height >= 44 else 14}
