"""A running console under test: keys in, text out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from fleet.snapshot import FleetSnapshot
from results.reports import Event
from tests.tui.console.scripted import ScriptedEngine, busy_events, scripted_app
from tests.tui.console.scripted_pis import ScriptedFleet
from tests.waiting import until
from tui.console.app import ConsoleApp
from tui.console.panes.pane import Pane

HOSTILE = "[/red] [bold]x[/] [@click=app.quit]q[/] \x1b[31mred\x1b]52;c;eA==\x07 \u202eevil"


class RunningConsole:
    """A running console under test."""

    def __init__(
        self,
        app: ConsoleApp,
        engine: ScriptedEngine,
        pilot: Pilot[int],
        fleet: ScriptedFleet | None = None,
    ) -> None:
        self.app = app
        self.engine = engine
        self.fleet = fleet or ScriptedFleet()
        self.pilot = pilot

    async def put(self, *events: Event | FleetSnapshot) -> None:
        for event in events:
            if isinstance(event, FleetSnapshot):
                self.app.inbox.put_fleet(event)
            else:
                self.app.inbox.put(event)
        self.app._ticks = 100
        self.app.deliver()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def at_once(self, *keys: str) -> None:
        """Keys that come faster than they can be answered, as over a slow line."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    async def type(self, text: str) -> None:
        await self.press(*("space" if char == " " else char for char in text))

    async def until(self, holds: Callable[[], bool]) -> None:
        async def it_holds() -> bool:
            await self.pilot.pause()
            return holds()

        if not holds():
            await until(it_holds)

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
        return [notification.message for notification in self.app._notifications]


@asynccontextmanager
async def console(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    *events: Event | FleetSnapshot,
    **options: bool | str,
) -> AsyncIterator[RunningConsole]:
    local = options.pop("engine", "swarm") == "local"
    engine = ScriptedEngine("local", "pc") if local else ScriptedEngine()
    fleet = ScriptedFleet()
    app = scripted_app(folder, engine, make_fleet=fleet.make, **options)
    async with app.run_test(size=size) as pilot:
        running = RunningConsole(app, engine, pilot, fleet)
        await running.until(lambda: app.session.is_open)
        await running.until(lambda: app.main.is_mounted)
        await running.put(*(events or busy_events()))
        yield running
