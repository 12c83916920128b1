"""A running console under test: keys in, text out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, key_to_character
from textual.notifications import Notification, Notifications
from textual.pilot import Pilot

from fleet.snapshot import FleetSnapshot
from results.reports import Event
from tests.tui.console.answered import Threads, answered
from tests.tui.console.scripted.console import ScriptedEngine, busy_events, scripted_app
from tests.tui.console.scripted.pis import ScriptedFleet
from tests.waiting import until
from tui.console.app import ConsoleApp
from tui.console.panes.pane import Pane

HOSTILE = "[/red] [bold]x[/] [@click=app.quit]q[/] \x1b[31mred\x1b]52;c;eA==\x07 \u202eevil"


class Toasts(Notifications):
    """All that was said: on a slow machine a toast has gone before a test sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def add(self, notification: Notification) -> Self:
        self.said.append(notification.message)
        return super().add(notification)


class RunningConsole:
    """A running console under test."""

    def __init__(
        self,
        app: ConsoleApp,
        pilot: Pilot[int],
        engine: ScriptedEngine | None = None,
        fleet: ScriptedFleet | None = None,
    ) -> None:
        self.app = app
        self.engine = engine or ScriptedEngine()
        self.fleet = fleet or ScriptedFleet()
        self.pilot = pilot
        self._threads = Threads()
        asyncio.get_running_loop().set_default_executor(self._threads)
        self._toasts = app._notifications = Toasts()

    async def put(self, *events: Event | FleetSnapshot) -> None:
        for event in events:
            if isinstance(event, FleetSnapshot):
                self.app.inbox.put_fleet(event)
            else:
                self.app.inbox.put(event)
        self.app._ticks = 100
        self.app.deliver()
        await self.pause()

    async def pause(self) -> None:
        """Wait until what was begun is done and shown, but for what takes time."""
        await answered(self.app, self._threads)

    async def press(self, *keys: str) -> None:
        """Each key when what the one before it changed is shown."""
        for key in keys:
            self.at_once(key)
            await self.pause()

    def at_once(self, *keys: str) -> None:
        """Keys that come faster than they can be answered, as over a slow line."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 else key
            character = key_to_character(REPLACED_KEYS.get(name, name))
            self.app.post_message(events.Key(name, character))

    async def type(self, text: str) -> None:
        """As fast as a terminal delivers it: no letter waits until the one before it is shown."""
        for char in text:
            self.app.post_message(events.Key(_character_to_key(char), char))
        await self.pause()

    async def until(self, holds: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait until it holds of what is shown; it does not of a line that is not there yet."""

        def now() -> bool:
            with suppress(IndexError):
                return holds()
            return False

        async def it_holds() -> bool:
            await self.pause()
            return now()

        if not now():
            await until(it_holds, seconds, lambda: f"{self.toasts}\n{self.screen()}")

    def has_started(self) -> bool:
        """Whether all is there that a start brings: keys, history, machines."""
        beginning = any(worker.group == "begin" for worker in self.app.workers)
        watching = self.fleet.running or self.app.pis.problem != ""
        return self.app.session.is_open and self.app.main.is_mounted and not beginning and watching

    def at_main(self) -> bool:
        return self.app.screen is self.app.main

    def following(self) -> bool:
        return self.app.main.log_pane.following

    def text(self, pane: Pane | None = None) -> str:
        """What a pane shows."""
        return "\n".join(strip.text for strip in (pane or self.app.front.chosen)._drawn)

    def screen(self) -> str:
        """What the whole screen shows."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    @property
    def toasts(self) -> list[str]:
        """What was said, the newest last."""
        return self._toasts.said


@asynccontextmanager
async def console(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    *events: Event | FleetSnapshot,
    **options: bool | str,
) -> AsyncIterator[RunningConsole]:
    local = options.pop("engine", "swarm") == "local"
    notes = bool(options.pop("notes", False))
    engine = ScriptedEngine("local", "pc") if local else ScriptedEngine()
    fleet = ScriptedFleet()
    app = scripted_app(folder, engine, make_fleet=fleet.make, **options)
    async with app.run_test(size=size, notifications=notes) as pilot:
        running = RunningConsole(app, pilot, engine, fleet)
        await running.until(running.has_started)
        await running.put(*(events or busy_events()))
        yield running
