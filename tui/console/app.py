"""The console's application: owns the model and the engine's worker, and runs actions."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ClassVar, Literal, Protocol, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import AwaitMount

from base.errors import ChatError, EngineError, ProvisionError, StoreError
from results.reports import Event, Result
from results.store import Store
from results.watch import Watch
from swarm.engine import Engine
from tui.console.actions import ACTIONS, BY_ID, refusal
from tui.console.crash import keep
from tui.console.desk import Desk
from tui.console.handlers import HANDLERS
from tui.console.input.field import TextField
from tui.console.input.palette import ActionProvider
from tui.console.model import SQUARES, Inbox, Model
from tui.console.node_row import NodeRow
from tui.console.pis import MakeFleet, Pis
from tui.console.render.describe import running_here
from tui.console.render.spans import safe
from tui.console.render.theme import THEME
from tui.console.screens.board import Board
from tui.console.screens.dialogs import SMALLEST, Confirm, TooSmall
from tui.console.screens.main import MainBoard
from tui.console.slack import Slack
from tui.console.terminal.clipboard import TooLong, copy_sequence
from tui.console.terminal.frames import FrameDiffApp
from tui.console.terminal.pace import FramePace
from tui.console.terminal.suspend import SSH_FAILED, NoShell, run_in_terminal

TICK = 0.25
"""Seconds between looks into the inbox: all that came in between is one repaint."""
RUNS = 2.0
"""Seconds between looks for a provisioning run."""
GALLERY_TICKS = 8
"""The gallery follows more slowly: pictures that change faster than this cannot be seen."""

Answer = TypeVar("Answer")
OpenEngine = Callable[[], Awaitable[Engine]]
OpenStore = Callable[[], Store]


class Watching(Protocol):
    """What reports events: `Watch`, but for tests that say themselves what happens."""

    async def run(self) -> None:
        """Report until cancelled."""
        ...

    def nudge(self) -> None:
        """Look again now."""
        ...


MakeWatch = Callable[[Engine, Store, Callable[[Event], None]], Watching]


class ConsoleApp(FrameDiffApp, inherit_bindings=False):
    """The full-screen console. `failure` is the sentence it ended with where it could not start."""

    CSS_PATH = "console.tcss"
    COMMANDS: ClassVar = {ActionProvider}
    TITLE = "squarm"
    NOTIFICATION_TIMEOUT = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        # Priority: a key acts before the next one is looked at, however fast they come.
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
        make_watch: MakeWatch = Watch,
        make_fleet: MakeFleet | None = None,
        interface: str | None = None,
        user: str = "pi",
        key: Path | None = None,
        runs: Path | None = None,
        slack: Path | None = None,
    ) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.read_only = read_only
        self.solver_note = solver_note
        self.now = now
        self.model = Model()
        self.inbox = Inbox()
        self.pis = Pis(make_fleet, self.inbox.put_fleet, interface)
        self.user = user
        self.slack = Slack(slack)
        self.desk = Desk(self.pis, user, key, runs)
        self.engine: Engine | None = None
        self.store: Store | None = None
        self._watch: Watching | None = None
        self._make_watch = make_watch
        self.job_to_choose = ""
        self.run_under_way = ""
        self.failure = ""
        self.farewell = ""
        self.main = MainBoard(self.model.ring, self.model.choice)
        self._engine_there = asyncio.Event()
        self._change_engine = asyncio.Event()
        self._open_engine = open_engine
        self._open_store = open_store
        self._problem = ""
        self._link = FramePace(self)
        self._opening: AwaitMount | None = None
        self._ticks = GALLERY_TICKS
        self._away = False

    def get_default_screen(self) -> MainBoard:
        """The main screen is at the bottom of them all."""
        return self.main

    def on_mount(self) -> None:
        """The first paint waits for nothing; the rest comes from a worker."""
        self.set_interval(TICK, self.deliver)
        # What start-up made stays; walking it in every full collection would cost keys 40 ms.
        self.set_timer(1, gc.freeze)
        self.run_worker(self._serve(), group="watch")
        self.run_worker(self.pis.run(), group="pis")
        self.run_worker(self._look_for_runs(), group="runs")

    async def _serve(self) -> None:
        """Open what is needed, then watch until the end."""
        try:
            self.store = await asyncio.to_thread(self._open_store)
            self.engine = await self._open_engine()
            kept = await asyncio.to_thread(self.store.results, limit=SQUARES)
        except (EngineError, StoreError) as error:
            self.failure = str(error)
            self.exit(return_code=2)
            return
        self.model.add_squares(kept)
        if self.board.is_whole:
            self.board.show_squares()
        await self._watch_engines(self.store, self.engine)

    async def _watch_engines(self, store: Store, engine: Engine) -> None:
        """Watch this engine, and the one that is found after provisioning made a swarm."""
        while True:
            self._engine_there.set()
            self._watch = self._make_watch(engine, store, self.inbox.put)
            watching = asyncio.create_task(self._watch.run())
            changing = asyncio.create_task(self._change_engine.wait())
            try:
                await asyncio.wait([watching, changing], return_when=asyncio.FIRST_COMPLETED)
                if watching.done():
                    await watching
                    return
                self._change_engine.clear()
                await engine.close()
                self.engine = engine = await self._open_engine()
                self.say(f"Jobs run on the {engine.name} {engine.place} now.")
            except (EngineError, StoreError) as error:
                self._problem = f"{error} Nothing more is collected: quit and start again."
                return
            finally:
                watching.cancel()
                changing.cancel()
                await asyncio.gather(watching, changing, return_exceptions=True)

    def find_swarm(self) -> None:
        """A swarm may have been made: run jobs there from now on, unless one runs here."""
        if self.engine is None or self.engine.name == "swarm":
            return
        if running_here(self.model):
            self.say(
                "A job runs on this machine: when it is done, start squarm again for the swarm."
            )
        else:
            self._change_engine.set()

    async def _look_for_runs(self) -> None:
        """Know of a run that anybody started, until the end."""
        while True:
            self.run_under_way = await self.desk.live()
            await asyncio.sleep(RUNS)

    async def connected(self) -> Engine:
        """The engine, as soon as there is one."""
        await self._engine_there.wait()
        if self.engine is None:
            raise EngineError("There is no engine.")
        return self.engine

    async def on_unmount(self) -> None:
        """Let go of the engine and the store."""
        self.workers.cancel_all()
        await self.slack.close()
        if self.engine is not None:
            await self.engine.close()
        if self.store is not None:
            await asyncio.to_thread(self.store.close)

    def deliver(self) -> None:
        """Show what came since the last tick, unless the terminal lags behind."""
        board = self.board
        # On a slow machine a tick comes before the screen has its widgets; it fills itself then.
        if self._away or not board.is_whole or not self._link.is_free(time.monotonic()):
            return
        self._ticks += 1
        snapshot = self.inbox.take_snapshot()
        fleet = self.inbox.take_fleet()
        lines = self.inbox.take_lines()
        news = snapshot is not None or fleet is not None
        if news:
            self.model.take(snapshot, fleet)
        if snapshot is not None:
            self.pis.set_nodes(snapshot.nodes)
        self.model.ring.extend(lines)
        board.show_header()
        if news or lines:
            self._link.sent(time.monotonic())
        if news:
            board.show_snapshot()
        if lines:
            board.show_lines()
        if self._ticks >= GALLERY_TICKS and (found := self.inbox.take_found()):
            self._ticks = 0
            self.model.add_squares(found)
            board.show_squares()

    @property
    def board(self) -> Board:
        """The board in front, dialogs aside."""
        boards = [screen for screen in self.screen_stack if isinstance(screen, Board)]
        return boards[-1] if boards else self.main

    def notices(self) -> Sequence[str]:
        """Sentences that stand below the header until they no longer hold."""
        problem = self.model.snapshot.problem if self.model.snapshot else ""
        pis = (self.model.fleet.problem if self.model.fleet else "") or self.pis.problem
        solver = f"solver: {self.solver_note}" if self.solver_note else ""
        return [sentence for sentence in (self._problem, problem, pis, solver) if sentence]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys act on boards, not in dialogs or while text is typed, and only where they apply."""
        if action == "perform":
            acts = isinstance(self.screen, Board) and not isinstance(self.focused, TextField)
            return acts and BY_ID[str(parameters[0])].applies(self.board.context)
        if action == "command_palette":
            return isinstance(self.screen, Board)
        return super().check_action(action, parameters)

    async def action_perform(self, action: str) -> None:
        """What every key is bound to."""
        await self.perform(action)

    async def perform(self, action_id: str, argument: str = "") -> None:
        """Run an action: from a key, a command or the palette, all pass here."""
        why_not = refusal(BY_ID[action_id], read_only=self.read_only)
        if why_not:
            self.say(why_not, "warning")
        else:
            HANDLERS[action_id](self, argument)
            opening, self._opening = self._opening, None
            if opening is not None:
                # The next key waits until the screen that this one opened can take it.
                await opening
            self.board.show_footer()

    def say(
        self, sentence: str, severity: Literal["information", "warning", "error"] = "information"
    ) -> None:
        """A short note that goes away by itself; never parsed as markup."""
        glyph = {"information": "✓", "warning": "▲", "error": "✗"}[severity]
        timeout = 10 if severity == "error" else None
        self.notify(f"{glyph} {safe(sentence)}", severity=severity, timeout=timeout, markup=False)

    def ask(self, request: Callable[[], Awaitable[str] | str]) -> None:
        """Let the engine or the fleet do something, then say so, or why not."""

        async def work() -> None:
            try:
                answer = request()
                sentence = answer if isinstance(answer, str) else await answer
            except (ChatError, EngineError, ProvisionError) as error:
                self.say(str(error), "error")
            else:
                if sentence:
                    self.say(sentence)
            if self._watch is not None:
                self._watch.nudge()

        self.run_worker(work(), group="engine")

    def confirm(self, question: Confirm, request: Callable[[], Awaitable[str] | str]) -> None:
        """Ask before what destroys."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.ask(request)

        self.open(question, answered)

    def open(
        self, screen: Screen[Answer], answered: Callable[[Answer | None], None] | None = None
    ) -> None:
        """Put a screen in front."""
        self._opening = self.push_screen(screen, answered)

    def go_main(self, pane: str) -> None:
        """Back to the main screen, to one of its panes."""
        while len(self.screen_stack) > 1 and self.screen is not self.main:
            self.pop_screen()
        self.main.choose(self.main.pane(pane))

    def fetch_squares(
        self, take: Callable[[Sequence[Result]], None], job: str, before: int | None
    ) -> None:
        """Read older squares from the store, then hand them over."""
        store = self.store
        if store is None:
            return

        async def fetch() -> None:
            try:
                found = await asyncio.to_thread(
                    store.results, job=job or None, limit=SQUARES, before=before
                )
            except StoreError as error:
                self.say(str(error), "error")
            else:
                take(found)

        self.run_worker(fetch(), group="store")

    def tell_deed(self, node: str, said: str) -> None:
        """How far a deed is, below its node's row; '' when it is over."""
        self.model.tell_deed(node, said)
        if self.board.is_whole:
            self.board.show_snapshot()

    def open_shell(self, row: NodeRow) -> None:
        """A shell on a Pi, in place of the screen until it ends."""

        async def visit() -> None:
            try:
                command = self.pis.fleet.shell_command(row.key)
                self._away = True
                status = await run_in_terminal(self, command, f"A shell on {safe(row.name)}")
            except (ProvisionError, NoShell) as error:
                self.say(str(error), "error")
            else:
                if status == SSH_FAILED:
                    self.say(f"ssh could not reach {row.name}, or the link broke.", "warning")
            finally:
                self._away = False
                self._link.begin_anew(time.monotonic())

        self.run_worker(visit(), group="shell", exclusive=True)

    def copy_to_clipboard(self, text: str) -> None:
        """By OSC 52, wrapped for tmux, not more than terminals take."""
        try:
            sequence = copy_sequence(text, os.environ)
        except TooLong as error:
            self.say(str(error), "warning")
            return
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(sequence)

    async def stop_and_leave(self) -> str:
        """Stop the local jobs, then leave."""
        if self.engine is not None:
            await self.engine.close()
        stopped = len(running_here(self.model))
        jobs = "1 job" if stopped == 1 else f"{stopped} jobs"
        self.farewell = f"{jobs} stopped; r resumes in the console."
        self.exit(0)
        return ""

    def leave(self) -> None:
        """Leave, and say what goes on without us."""
        going_on = [row.job.id for row in self.model.jobs if row.job.state.live]
        if going_on:
            jobs = "1 job goes" if len(going_on) == 1 else f"{len(going_on)} jobs go"
            self.farewell = f"{jobs} on without the console: {', '.join(going_on[:5])}"
        self.exit(0)

    def action_leave_unasked(self) -> None:
        """Leave from a terminal too small to ask anything; not while that would stop jobs."""
        if running_here(self.model):
            self.bell()
        else:
            self.leave()

    def _fatal_error(self) -> None:
        """Instead of Textual's page of variables, which may hold a password: one sentence."""
        if (error := sys.exception()) is not None:
            self.failure = keep(error)
        self._close_messages_no_wait()

    def on_resize(self, event: events.Resize) -> None:
        """A terminal that is too small says so, on top of everything."""
        too_small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        shown = isinstance(self.screen, TooSmall)
        if too_small and not shown:
            self.push_screen(TooSmall())
        elif shown and not too_small:
            self.pop_screen()
