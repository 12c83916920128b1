"""The full-screen console."""

import asyncio
import gc
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import UsageError
from tui import themes
from tui.settings import JOB, TABLES, UserSettings, defaults

if TYPE_CHECKING:
    from results.store import Store
    from swarm.engine import Engine
    from tui.console.app import ConsoleApp


def prepare(settings: UserSettings | None = None) -> None:
    """Set up what must be so before Textual is imported, which reads its environment then.

    Raises UsageError where the terminal has no screen, or a theme of one's own cannot be read.
    """
    # Imported late: not every importer of this package draws.
    from tui.console import actions, tables
    from tui.console.render.palette import Depth, choose, palette
    from tui.console.terminal.capability import depth

    settings = settings or UserSettings(defaults())
    if settings.keys:
        actions.use_keys(settings.keys)
    tables.use(
        {
            name: tables.parse(settings.text("columns", name), settings.text("sort", name))
            for name in TABLES
        }
    )
    os.environ.setdefault("TEXTUAL_FPS", settings.text("console", "frames"))
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    shown = depth(os.environ, settings.text("console", "colours"))
    theme = themes.read(settings.text("console", "theme"))
    colours = palette(shown, theme.base, theme.colours)
    choose(colours)
    if shown is not Depth.NONE:
        os.environ["TEXTUAL_COLOR_SYSTEM"] = shown.value
    # What is imported and built for the first paint stays: looking for garbage in it takes longer
    # than to draw it. The application turns this on again.
    gc.disable()


def run_console(
    settings: UserSettings,
    engine_kind: str | None = None,
    results: Path | None = None,
    image: str | None = None,
    *,
    read_only: bool = False,
    interface: str | None = None,
    user: str = "",
    key: Path | None = None,
) -> int:
    """Take over the terminal until the user leaves; the exit code. Raises UsageError."""
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    if elsewhere := [name for name, stream in streams.items() if not stream.isatty()]:
        one = len(elsewhere) == 1
        raise UsageError(
            f"The console needs a terminal, and standard {' and '.join(elsewhere)} "
            f"{'leads' if one else 'lead'} elsewhere: squarm --help shows what works without."
        )
    prepare(settings)
    from solver import HOW_TO_COMPILE, compiled
    from tui.console.app import ConsoleApp
    from tui.console.pis import make_fleet
    from tui.console.sessions.engine import make_watch

    app = ConsoleApp(
        lambda: _open_engine(engine_kind, image),
        lambda: _open_store(results),
        read_only=read_only,
        solver_note="" if compiled() else HOW_TO_COMPILE,
        make_reporter=partial(make_watch, tend=not read_only),
        make_fleet=partial(make_fleet, user=user, key=key, read_only=read_only),
        interface=interface,
        user=user,
        key=key,
        job={name: settings.text("job", name) for name in JOB},
    )
    app.run(mouse=settings.is_on("console", "mouse"))
    return _report(app)


async def _open_engine(kind: str | None, image: str | None) -> "Engine":
    # Late, for the first paint not to wait for the engines' modules.
    await asyncio.to_thread(import_module, "operations.engines")
    from operations.engines import open_engine

    return await open_engine(kind, image=image)


def _open_store(path: Path | None) -> "Store":
    # Late likewise.
    from results.store import Store

    return Store.open(path)


def _report(app: "ConsoleApp") -> int:
    code = app.return_code or 0
    if app.failure:
        print(f"squarm: {app.failure}", file=sys.stderr)
    elif app.farewell and not code:
        print(app.farewell)
    return code
