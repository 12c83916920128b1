"""One provisioning run, under way or over; it goes on when nobody looks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from base.errors import ProvisionError
from base.text import age_text
from tui.console.actions import Need
from tui.console.panes.run import RunPane
from tui.console.render.spans import Line, Span, bar, safe, styled_text
from tui.console.render.theme import BAD, DIM, DONE, GOOD, STRONG, VALUE, WARN
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.workers import begin

if TYPE_CHECKING:
    from provision.runs.view import RunView


def run_facts(view: "RunView", width: int, way: str) -> list[Line]:
    """How far it is, in a line or two; below, by which `way` the swarm is reached from here."""
    done = sum(row.done for row in view.rows)
    style = GOOD if not view.over else DONE if view.state == "done" else BAD
    words: list[Span] = [(f"{view.state}  ", style), (f"{done} of {len(view.rows)}", STRONG)]
    words.append((" checked, nothing was changed" if view.check else " in order", DIM))
    if view.remaining is not None and not view.over:
        words.append((f"   about {age_text(view.remaining)} left", VALUE))
    if view.over:
        words.append((f"   after {age_text(view.ended - view.started)}", DIM))
    share = f" {view.share:4.0%}"
    line: list[Span] = [*bar([(view.share, "━", style)], max(10, width - len(share) - 2))]
    lines: list[Line] = [words, [*line, (share, VALUE)]]
    told = [(view.message, WARN), (way, VALUE)]
    return [*lines, *([span] for span in told if span[0])]


class RunScreen(PaneScreen):
    """`follow` gives the views of a run until it ends; `ended` is told the last one.

    `way_to_swarm` gives the sentence that says how its swarm is reached from here.
    """

    kind = "run-screen"

    def __init__(
        self,
        run: str,
        follow: "Callable[[str], AsyncIterator[RunView]]",
        ended: "Callable[[RunView], None]",
        way_to_swarm: Callable[[str], Awaitable[str]],
    ) -> None:
        self.run_pane = RunPane()
        super().__init__([self.run_pane])
        self.run_id = run
        self.view: RunView | None = None
        self._follow_run = follow
        self._ended = ended
        self._way_to_swarm = way_to_swarm
        self._way = ""

    def preface(self) -> Sequence[Widget]:
        """How far it is."""
        return [Static(id="facts", markup=False)]

    def preface_height(self) -> int:
        """The facts, and the notice."""
        return super().preface_height() + self.query_one("#facts").size.height

    def on_mount(self) -> None:
        """Follow it."""
        super().on_mount()
        begin(self, self._follow, "run")

    def follow_another(self, run: str) -> None:
        """Show another run from now on: the retry of this one."""
        if not self.is_whole:
            return
        self.run_id, self._way = run, ""
        begin(self, self._follow, "run", exclusive=True)

    async def _follow(self) -> None:
        try:
            async for now in self._follow_run(self.run_id):
                self.view = now
                self._show(now)
            if (last := self.view) is not None:
                self._ended(last)
                if last.playbook == "site" and not last.check and any(r.done for r in last.rows):
                    self._way = await self._way_to_swarm(self.run_id)
                    self._show(last)
        except ProvisionError as error:
            self.context.say(str(error), "error")

    def _show(self, view: "RunView") -> None:
        if not self.is_whole:
            return
        self.run_pane.show_run(view)
        facts = styled_text(run_facts(view, self.size.width, self._way))
        self.query_one("#facts", Static).update(facts)
        self.fit_panes()
        self.show_footer()

    async def log_lines(self) -> list[Line]:
        """All that Ansible wrote."""
        if self.view is None:
            return []
        path = self.view.log
        try:
            text = await asyncio.to_thread(path.read_text, "utf-8", "replace")
        except OSError as error:
            raise ProvisionError(f"{path} cannot be read ({error.strerror}).") from None
        return [[(safe(line[:2000]), DIM)] for line in text.splitlines()]

    def needs_met(self) -> set[Need]:
        """What the actions on runs need, too."""
        met = super().needs_met()
        if self.view is not None and not self.view.over:
            met.add(Need.LIVE_RUN)
        if self.view is not None and self.view.over and self.view.unfinished:
            met.add(Need.UNFINISHED_RUN)
        return met
