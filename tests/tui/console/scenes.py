"""Every screen of the console on made-up machines and jobs, drawn as SVG by one console.

`python -m tests.tui.console.scenes COLOURS WIDTHxHEIGHT FOLDER [SCENE...]`: in a process of its
own, for the colours are chosen before the first module that draws is imported.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.waiting import until
from tui.console import prepare
from tui.settings import UserSettings, defaults

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.console.running import RunningConsole
    from tui.console.app import ConsoleApp

SCENES: dict[str, Sequence[str]] = {
    "main": (),
    "nodes": ("1",),
    "squares": ("3", "right"),
    "log": ("4", "k", "k"),
    "job": ("enter",),
    "square": ("3", "enter"),
    "new_job": ("n", "ctrl+u", "1", "2", "9", "enter"),
    "confirm": ("x",),
    "help": ("question_mark",),
    "describe": ("d",),
    "command": ("colon", "c", "a", "n", "tab"),
    "filter": ("slash", "p", "e", "n", "d"),
    "pis": ("N",),
    "map": ("N", "2", "right"),
    "node": ("1", "down", "enter"),
    "login": ("1", "down", "down", "down", "down", "L"),
    "card": ("colon", *"card", "space", "slash", *"media", "slash", *"bootfs", "enter"),
    "new_key": ("1", *["down"] * 6, "a"),
    "palette": ("ctrl+p", "s", "q"),
    "gallery": ("colon", *"squares", "space", "1", "0", "enter"),
    "compare": ("3", "right", "=", "right", "="),
    "triples": ("colon", *"triples", "enter"),
    "pulse": ("T",),
    "plan": ("1", *["down"] * 4, "p"),
    "run": ("P",),
    "image": ("I",),
    "outbox": ("colon", *"outbox", "enter"),
    "share": ("3", "S"),
}
"""Each screen, and the keys that lead there from the main one."""
_LATE = {
    "gallery": "#5 pi-02",
    "triples": "#6",
    "pulse": "5.0/min",
    "plan": "Enter begins",
    "run": "2 of 3 in order",
    "image": "canary",
    "outbox": "sent",
    "share": "Share on Slack",
}
"""What is there on those that read it first."""
_BACK = 6
"""As deep as no scene is."""


async def draw(
    app: "ConsoleApp", size: tuple[int, int], folder: Path, scenes: Sequence[str]
) -> None:
    """Go from scene to scene by keys, as one who uses it; each is a file of its name."""
    # Imported late, as the console itself is.
    from tests.tui.console.running import RunningConsole

    async with app.run_test(size=size) as pilot:
        running = RunningConsole(app, pilot)
        await until(all_is_shown(app, pilot))
        for scene in scenes:
            await _go_back(running)
            await running.press(*SCENES[scene])
            await running.until(partial(_says, running, _LATE.get(scene, "")))
            drawing = app.record().export_svg(title=app.title)
            (folder / f"{scene}.svg").write_text(drawing, "utf-8")


def all_is_shown(app: "ConsoleApp", pilot: "Pilot[int]") -> Callable[[], Awaitable[bool]]:
    """True once everything is on the screen."""

    async def shown() -> bool:
        # What is delivered before the screen has its widgets waits for the next tick: lines
        # that come once keys have held the log are told of in its border.
        app._ticks = 100
        app.deliver()
        await pilot.pause()
        return app.session.is_open and app.model.snapshot is not None

    return shown


def _says(running: "RunningConsole", words: str) -> bool:
    return words in running.screen()


async def _go_back(running: "RunningConsole") -> None:
    """As after the start: every pane at its beginning, the log followed, the jobs chosen."""
    app = running.app
    for _ in range(_BACK):
        main = app.main
        if app.screen is main and app.focused is main.chosen and not main.chosen.narrowed:
            break
        await running.press("escape")
    await running.press("1", "g", "3", "g", "4", "G", "2", "g")
    app.clear_notifications()
    await running.pause()


def main(colours: str, size: str, folder: str, *scenes: str) -> None:
    """Draw these scenes, or all."""
    prepare(UserSettings({**defaults(), ("console", "colours"): colours}))
    # Imported late, as the console itself is.
    from tests.tui.console.scripted.cluster import ScriptedProvisioning, ended_run, foreseen
    from tests.tui.console.scripted.console import busy_events, scripted_app
    from tests.tui.console.scripted.images import ScriptedImages, under_way
    from tests.tui.console.scripted.pis import ScriptedFleet, some_pis
    from tests.tui.console.scripted.results import keep_some
    from tests.tui.console.scripted.slack import ScriptedSlack

    width, height = size.split("x")
    keep_some(Path(folder))
    app = scripted_app(Path(folder), None, *busy_events(), make_fleet=ScriptedFleet().make)
    app.inbox.put_fleet(some_pis())
    ended_run(app.provisioning.runs.path)
    app.provisioning = ScriptedProvisioning(app, foreseen)
    app.images = ScriptedImages(under_way())
    app.slack = ScriptedSlack(Path(folder))
    asyncio.run(draw(app, (int(width), int(height)), Path(folder), scenes or list(SCENES)))


if __name__ == "__main__":
    main(*sys.argv[1:])
