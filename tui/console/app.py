"""The console's application: owns the model and the sessions behind it, and runs actions."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from base import paths
from base.errors import SquarmError
from results.result import Result
from results.selection import Selection
from swarm.engine import LogLine
from tui.console.actions import ACTIONS, BY_ID
from tui.console.card_session import CardSession
from tui.console.changes import Changes
from tui.console.context import Severity
from tui.console.history import PromptHistory
from tui.console.input.field import TextField
from tui.console.logins import Logins
from tui.console.model import Inbox, Model
from tui.console.pis import MakeFleet, Pis
from tui.console.render.farewell import farewell
from tui.console.render.spans import safe
from tui.console.render.theme import THEME
from tui.console.screens.main import MainScreen
from tui.console.screens.pane_screen import PaneScreen
from tui.console.screens_app import ScreensApp
from tui.console.sessions.alerts import AlertSession
from tui.console.sessions.engine import (
    EngineSession,
    MakeReporter,
    OpenEngine,
    OpenStore,
    make_watch,
)
from tui.console.sessions.images import ImageSession
from tui.console.sessions.provisioning import ProvisioningSession
from tui.console.sessions.slack import SlackSession
from tui.console.terminal.clipboard import TooLong
from tui.console.terminal.pace import FramePace
from tui.console.terminal.suspend import SSH_FAILED, run_in_terminal
from tui.console.terminal.workers import begin
from tui.console.work import Work, cannot_be_used

TICK = 0.25
"""Seconds between checks of the inbox: all that came in between is one repaint."""
RUNS = 2.0
"""Seconds between checks for a provisioning run."""
GALLERY_TICKS = 8
"""The gallery follows more slowly: pictures that change faster than this cannot be seen."""

T = TypeVar("T")


class ConsoleApp(ScreensApp, inherit_bindings=False):
    """The full-screen console."""

    CSS_PATH = "console.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "squarm"
    NOTIFICATION_TIMEOUT = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        # Priority: a key acts before the next one is read, however fast they come.
        Binding(key, f"perform('{action.id}')", action.title, show=False, priority=True)
        for action in ACTIONS
        for key in action.keys
    ]

    def __init__(
        self,
        open_engine: OpenEngine,
        open_store: OpenStore,
        *,
        read_only: bool = False,
        solver_note: str = "",
        now: Callable[[], float] = time.time,
        make_reporter: MakeReporter = make_watch,
        make_fleet: MakeFleet | None = None,
        interface: str | None = None,
        user: str = "",
        key: Path | None = None,
        runs: Path | None = None,
        slack: Path | None = None,
        job: Mapping[str, str] | None = None,
    ) -> None:
        model = Model()
        super().__init__(MainScreen(model.ring, model.choice))
        self.register_theme(THEME)
        self.theme = THEME.name
        self.stylesheet.set_variables(self.get_css_variables())
        self.read_only = read_only
        self.job = job or {}
        self.solver_note = solver_note
        self.now = now
        self.model = model
        self.inbox = Inbox()
        self.session = EngineSession(open_engine, open_store, self.inbox.put, make_reporter)
        self.logins = Logins(user, key)
        self.pis = Pis(make_fleet, self.inbox.put_fleet, interface, self.logins.by_pi, self.say)
        self.provisioning = ProvisioningSession(self.pis, self.logins, runs)
        self.images = ImageSession()
        self.slack = SlackSession(slack)
        self.alerts = AlertSession(self.say, self.slack.alert, read_only=read_only)
        self.history = PromptHistory(paths.state() / "history")
        self.run_under_way = ""
        self.farewell = ""
        self.changes = Changes(self, self)
        self.cards = CardSession(self, self.pis, self.logins, self.changes)
        self._work = Work(self, self, self.show_footer, self.session.nudge)
        self._pace = FramePace(self)
        self._ticks = GALLERY_TICKS
        self._kept = 0
        self._away = False

    # -- what comes in ---------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The first paint waits for nothing; the rest comes from a worker."""
        begin(self, self._begin, "begin")

    async def _begin(self) -> None:
        """Once there is something to see, what shall be seen, and what keys need."""
        await self.painted.wait()
        # What is begun now would keep the thread that writes from its turn.
        await self._pace.written()
        self.garbage.begin()
        self.set_interval(1, self.garbage.look)
        self.set_interval(TICK, self.deliver)
        begin(self, self._serve, "watch")
        await asyncio.to_thread(self.history.load)
        await self.alerts.load()
        begin(self, self.alerts.run, "alerts")
        begin(self, self.pis.run, "pis")
        begin(self, self._follow_runs, "runs")
        await asyncio.to_thread(import_module, "tui.console.handlers")

    async def _serve(self) -> None:
        """Open what is needed, then watch until the end."""
        try:
            kept = await self.session.open()
        except SquarmError as error:
            self.failure = str(error)
            self.exit(return_code=2)
            return
        self.model.add_squares(kept)
        if self.front.is_whole:
            self.front.show_squares()
        await self.session.watch(self.say)

    async def _follow_runs(self) -> None:
        """Know of a run that anybody started, until the end."""
        while True:
            self.run_under_way = await self.provisioning.live()
            await asyncio.sleep(RUNS)

    async def on_unmount(self) -> None:
        """Let go of the engine and the store."""
        self.workers.cancel_all()
        self.garbage.end()
        await asyncio.to_thread(self.history.save)
        await self.images.close()
        await self.slack.close()
        await self.session.close()

    def deliver(self) -> None:
        """Show what came since the last tick, unless the terminal lags behind."""
        front = self.front
        # On a slow machine a tick comes before the screen has its widgets; it fills itself then.
        if self._away or not front.is_whole or not self._pace.is_free(time.monotonic()):
            return
        self._ticks += 1
        snapshot = self.inbox.take_snapshot()
        fleet = self.inbox.take_fleet()
        lines = self.inbox.take_lines()
        news = snapshot is not None or fleet is not None
        if fleet is not None:
            self.model.alerts = self.alerts.take(fleet)
        if news:
            self.model.take(snapshot, fleet)
        if fleet is not None:
            self.cards.take(fleet)
        if snapshot is not None:
            self.pis.set_nodes(snapshot.nodes)
            if self.model.on_swarm:
                self.pis.prepare_for_keys()
        self.model.ring.extend(lines)
        front.show_header()
        if news or lines:
            self._pace.sent(time.monotonic())
        if news:
            front.show_snapshot()
        if lines:
            front.show_lines()
        if self._ticks >= GALLERY_TICKS:
            self._show_found()

    def _show_found(self) -> None:
        """Squares that were found here, and those that other processes keep meanwhile."""
        found = self.inbox.take_found()
        kept = self.model.snapshot.kept if self.model.snapshot else 0
        if found or kept != self._kept:
            self._ticks = 0
            self.model.add_squares(found)
            self.front.show_squares()
        if kept != self._kept and self.session.is_open:
            self._kept = kept
            self.fetch_squares(self._take_newest, Selection())

    def _take_newest(self, results: Sequence[Result]) -> None:
        self.model.add_squares(results)
        if self.front.is_whole:
            self.front.show_squares()

    def notices(self) -> Sequence[str]:
        """Sentences that stand below the header until they no longer hold."""
        problem = self.model.snapshot.problem if self.model.snapshot else ""
        pis = (self.model.fleet.problem if self.model.fleet else "") or self.pis.problem
        solver = f"solver: {self.solver_note}" if self.solver_note else ""
        return [sentence for sentence in (self.session.problem, problem, pis, solver) if sentence]

    @property
    def line_slow(self) -> bool:
        """Whether the terminal took long for a frame of late."""
        return self._pace.is_slow

    # -- what is asked for -----------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys act on screens, not in dialogs or while text is typed, and only where they apply."""
        if action == "perform":
            if parameters[0] == "suspend":
                return True
            acts = isinstance(self.screen, PaneScreen) and not isinstance(self.focused, TextField)
            return acts and BY_ID[str(parameters[0])].applies(self.where)
        return super().check_action(action, parameters)

    async def action_perform(self, action: str) -> None:
        """What every key is bound to."""
        await self.perform(action)

    async def perform(self, action_id: str, argument: str = "") -> None:
        """Run an action: from a key, a command or the palette, all pass here."""
        # Not for the first paint: with all screens they bring, they are imported soon after.
        from tui.console.handlers import HANDLERS

        kind = BY_ID[action_id].change
        try:
            if kind is not None:
                self.changes.door.admit(kind)
            HANDLERS[action_id](self, argument)
        except SquarmError as error:
            self.say(str(error), "warning")
            return
        except OSError as error:
            self.say(cannot_be_used(error), "error")
            return
        # The next key waits until the question that this one asks stands there.
        await self.settle()
        self.show_footer()

    def start(self, work: Callable[[], Awaitable[str | None]], doing: str = "") -> bool:
        """Do something that takes a while; say what it returns, or why it cannot be done.

        `doing` is shown meanwhile, and not begun twice: False where it is under way.
        """
        return self._work.start(work, doing)

    @property
    def under_way(self) -> str:
        """What is being done, '' for nothing."""
        return "" if self.changes.asking else self._work.under_way

    def show_footer(self) -> None:
        """The keys that do something here, and what is being done."""
        # What is over is not shown below a question either; what begins there says so itself.
        if self.screen_stack[-1:] == [self.front] or not self._work.under_way:
            self.front.show_footer()

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """A short note that goes away by itself; never parsed as markup."""
        glyph = {"information": "✓", "warning": "▲", "error": "✗"}[severity]
        timeout = 10 if severity == "error" else None
        self.notify(f"{glyph} {safe(sentence)}", severity=severity, timeout=timeout, markup=False)

    def tell_progress(self, target: str, text: str) -> None:
        """How far a change is, below its row where it has one, else once; '' when it is over."""
        begins = target not in self.model.progress
        self.model.tell_progress(target, text)
        if text and begins and not self.model.has_row(target):
            self.say(f"{target}: {text}")
        if self.front.is_whole:
            self.front.show_snapshot()

    def open_when_made(
        self,
        doing: str,
        make: Callable[[], Awaitable[Screen[T] | None]],
        answered: Callable[[T | None], None] | None = None,
    ) -> None:
        """Open a screen that takes a while to make, unless the user has gone on by then."""
        origin = self.front

        async def work() -> str | None:
            screen = await make()
            if screen is None or self.open_over(origin, screen, answered):
                return None
            return f"{doing}: not opened, for you had gone on."

        self.start(work, doing)

    # -- engine, store, machines -----------------------------------------------------------------

    def read_log(self, job: str) -> AsyncIterator[LogLine]:
        """The lines of a job's log; raises EngineError."""
        return self.session.read_log(job)

    def fetch_squares(
        self,
        take: Callable[[Sequence[Result]], None],
        selection: Selection,
        before: int | None = None,
        after: int | None = None,
    ) -> None:
        """Read squares from the store, then hand them over: a page below an id, or above one."""

        async def fetch() -> None:
            take(await self.session.squares(selection, before, after))

        self.start(fetch)

    def find_swarm(self) -> None:
        """A swarm may have been made: run jobs there from now on, unless one runs here."""
        if self.model.on_swarm:
            return
        if self.session.stopping_jobs:
            self.say(
                "A job runs on this machine: when it is done, start squarm again for the swarm."
            )
        else:
            self.session.change_engine()

    def give_terminal(self, command: Sequence[str], name: str) -> None:
        """A shell on a machine, in place of the screen until it ends."""

        async def visit() -> None:
            self._away = True
            try:
                status = await run_in_terminal(self, command, f"A shell on {safe(name)}")
            finally:
                self._away = False
                self._pace.begin_anew(time.monotonic())
            if status == SSH_FAILED:
                self.say(f"ssh could not reach {name}, or the connection broke.", "warning")

        self.start(visit)

    # -- the terminal, and leaving ---------------------------------------------------------------

    def copy_to_clipboard(self, text: str) -> None:
        """What Textual calls, too, where text was marked by mouse."""
        try:
            self.send_to_clipboard(text)
        except TooLong as error:
            self.say(str(error), "warning")

    def copy(self, text: str) -> None:
        """Copy some text, and say so."""
        self.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.say("Copied." if lines == 1 else f"Copied {lines} lines.")

    def stop_and_leave(self) -> None:
        """Stop the local jobs, then leave."""
        stopping = self.session.stopping_jobs

        async def stop() -> None:
            try:
                await self.session.engine.close()
            except SquarmError:
                self.leaving = False
                raise
            self.leave(stopping)

        self.leaving = True
        self.say("Stopping the jobs on this machine …")
        self.start(stop)

    def leave(self, stopped: Collection[str] = ()) -> None:
        """Leave, and say what was `stopped`, or what goes on without us."""
        # A local job that was listed as running may be ours, and have ended since.
        live = [row.job.id for row in self.model.jobs if row.job.state.live]
        self.farewell = farewell(stopped, live if self.model.on_swarm else ())
        self.exit(0)

    def action_leave_at_once(self) -> None:
        """Leave from a terminal too small to ask anything; not while that would stop something."""
        if self.session.stopping_jobs or self.changes.under_way:
            self.bell()
        else:
            self.leave()
