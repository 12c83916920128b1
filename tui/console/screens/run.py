"""One provisioning run, under way or over; it goes on when nobody looks."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from base.errors import ProvisionError
from tui.console.desk import Desk
from tui.console.panes.run import RunPane
from tui.console.render.spans import Span, bar, safe
from tui.console.render.theme import BAD, DIM, DONE, GOOD, STRONG, VALUE, WARN
from tui.console.screens.board import Board

if TYPE_CHECKING:
    from provision.runs.view import RunView


def run_facts(view: "RunView", width: int) -> list[list[Span]]:
    """How far it is, in a line or two."""
    done = sum(row.done for row in view.rows)
    style = GOOD if not view.over else DONE if view.state == "done" else BAD
    words: list[Span] = [(f"{view.state}  ", style), (f"{done} of {len(view.rows)}", STRONG)]
    words.append((" checked, nothing was changed" if view.check else " in order", DIM))
    if view.remaining is not None and not view.over:
        words.append((f"   about {_length(view.remaining)} left", VALUE))
    if view.over:
        words.append((f"   after {_length(view.ended - view.started)}", DIM))
    share = f" {view.share:4.0%}"
    line: list[Span] = [*bar([(view.share, "━", style)], max(10, width - len(share) - 2))]
    lines = [words, [*line, (share, VALUE)]]
    return [*lines, [(view.message, WARN)]] if view.message else lines


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


class RunBoard(Board):
    """`ended` is told the last view."""

    kind = "run-screen"

    def __init__(
        self, desk: Desk, run: str, ended: "Callable[[RunView], None] | None" = None
    ) -> None:
        self.run_pane = RunPane()
        super().__init__([self.run_pane])
        self.run_id = run
        self.view: RunView | None = None
        self._desk = desk
        self._ended = ended

    def preface(self) -> Sequence[Widget]:
        """How far it is."""
        return [Static(id="facts", markup=False)]

    def preface_height(self) -> int:
        """The facts, and the notice."""
        return super().preface_height() + self.query_one("#facts").size.height

    def on_mount(self) -> None:
        """Follow it."""
        super().on_mount()
        self.run_worker(self._follow(), group="run")

    def follow_another(self, run: str) -> None:
        """Show another run from now on: the retry of this one."""
        self.run_id = run
        self.run_worker(self._follow(), group="run", exclusive=True)

    async def _follow(self) -> None:
        try:
            async for now in self._desk.runs.follow(self.run_id):
                self.view = now
                self._show(now)
        except ProvisionError as error:
            self.console_app.say(str(error), "error")
            return
        view = self.view
        if view is not None and self._ended is not None:
            self._ended(view)
        if view is not None and view.playbook == "site" and not view.check:
            self.console_app.find_swarm()

    def _show(self, view: "RunView") -> None:
        self.run_pane.show_run(view)
        text = Text()
        for number, line in enumerate(run_facts(view, self.size.width)):
            text.append("\n" if number else "")
            for part, style in line:
                text.append(safe(part), style)
        self.query_one("#facts", Static).update(text)
        self.fit_panes()
        self.show_footer()

    async def log_lines(self) -> list[list[Span]]:
        """All that Ansible wrote."""
        if self.view is None:
            return []
        path = self.view.log
        try:
            text = await asyncio.to_thread(path.read_text, "utf-8", "replace")
        except OSError as error:
            raise ProvisionError(f"{path} cannot be read ({error.strerror}).") from None
        return [[(safe(line[:2000]), DIM)] for line in text.splitlines()]

    def needs_met(self) -> set[str]:
        """What the actions on runs need."""
        if self.view is None:
            return set()
        over = self.view.over
        return {"run over" if over else "run live"} | (
            {"run failed"} if over and self.view.unfinished else set()
        )
