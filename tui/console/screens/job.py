"""One job's own screen: its facts, its units, its squares, its log."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from base.errors import EngineError
from results.reports import JobRow
from solver.question import AUTO
from tui.console.input.job_form import duration_text, filters_text
from tui.console.log_ring import LogRing
from tui.console.panes.jobs import job_notes, job_state, units_bar
from tui.console.panes.log import LogPane
from tui.console.panes.nodes import age_text
from tui.console.panes.squares import SquaresPane
from tui.console.panes.units import UnitsPane, unit_rows
from tui.console.render.spans import Span, amount, bytes_text, rate_text, safe, spans_width
from tui.console.render.theme import DIM, PLAIN, STRONG, VALUE
from tui.console.screens.board import Board

BREATH = 64
"""Lines read before keys get their turn."""


def job_facts(row: JobRow, width: int) -> list[list[Span]]:
    """A job in a few lines: where it stands, what was asked for, what needs saying."""
    spec = row.job.spec
    state: list[Span] = [
        (f"{row.job.id}  ", STRONG),
        *job_state(row),
        (f"   {amount(row.found)}", VALUE),
        (f" of {amount(spec.count)} {'triples' if spec.triple else 'squares'}", DIM),
    ]
    if 0 < row.distinct < row.found:
        state.append((f", {amount(row.distinct)} classes", DIM))
    if row.job.state.live and row.share:
        left = f", {age_text(row.left)} left" if row.left else ""
        state.append((f"   {row.share:.1%} tried{left}", VALUE))
    if row.job.state.live:
        state += [("   ", DIM), (rate_text(row.rate), VALUE)]
    state.append(("   units ", DIM))
    state += units_bar(row, min(40, max(12, width - spans_width(state) - 2)))
    began = time.strftime("%H:%M:%S", time.localtime(row.job.created))
    asked = [
        ("order", str(spec.order)),
        *([("squares in a set", str(spec.mols))] if spec.mols != 2 else []),
        *([("source", spec.source)] if spec.source != AUTO else []),
        *([("filters", filters)] if (filters := filters_text(spec)) else []),
        ("seed", str(spec.seed)),
        ("replicas", f"{spec.replicas}, each {spec.cpus:g} cpu and {bytes_text(spec.memory)}"),
        ("limit", duration_text(spec.seconds)),
        ("begun", began),
    ]
    words: list[Span] = []
    for label, value in asked:
        more: list[Span] = [(f"{label} ", DIM), (f"{value}   ", PLAIN)]
        if spans_width([*words, *more]) < width:
            words += more
    return [state, words, *([note] for note in job_notes(row))]


class JobBoard(Board):
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
        self.squares = SquaresPane("2", job)
        self.log_pane = LogPane(ring, "3", job)
        super().__init__([self.units], [self.squares, self.log_pane])
        self._shown: list[list[Span]] = []

    def preface(self) -> Sequence[Widget]:
        """The job's facts."""
        return [Static(id="facts", markup=False)]

    def on_mount(self) -> None:
        """Fetch the squares that were kept before."""
        super().on_mount()
        self.console_app.fetch_squares(self.squares.append_older, self.job, None)
        row = self.console_app.model.job(self.job)
        if row is not None and not row.job.state.live:
            self.run_worker(self._read_log(), group="log")

    async def _read_log(self) -> None:
        """Read an ended job's log, which nobody follows any more."""
        ring = LogRing()
        engine = await self.console_app.connected()
        try:
            async for line in engine.follow(self.job):
                ring.extend([line])
                if ring.end % BREATH == 0:
                    await asyncio.sleep(0)
        except EngineError as error:
            self.console_app.say(str(error), "warning")
        if ring.end:
            self.log_pane.read_from(ring)

    def show_snapshot(self) -> None:
        """The job's facts and units."""
        row = self.console_app.model.job(self.job)
        if row is None:
            return
        self.units.show(unit_rows(row))
        self.squares.count_kept(row.found)
        self.show_footer()
        lines = job_facts(row, self.size.width)
        if lines != self._shown:
            self._shown = lines
            text = Text(overflow="fold")
            for number, line in enumerate(lines):
                text.append("\n" if number else "")
                for part, style in line:
                    text.append(safe(part), style)
            self.query_one("#facts", Static).update(text)

    def show_squares(self) -> None:
        """The job's newest squares."""
        model = self.console_app.model
        row = model.job(self.job)
        self.squares.show(model.squares, row.found if row else 0)

    def job_at_hand(self) -> JobRow | None:
        """The one this screen is about."""
        return self.console_app.model.job(self.job)

    def preface_height(self) -> int:
        """The facts, wrapped where they must be, and the notice."""
        return super().preface_height() + self.query_one("#facts").size.height

    def fixed_heights(self) -> Mapping[str, int]:
        """As on the main screen."""
        return {"squares": 25 if self.size.height >= 44 else 14}
