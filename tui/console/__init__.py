"""The full-screen console."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swarm.engine import Engine
    from tui.console.app import ConsoleApp

FRAMES = "60"
"""A second, at most and only when something changed: at 30 a key waits twice as long."""


def run_console(
    engine_kind: str | None = None,
    results: Path | None = None,
    image: str | None = None,
    *,
    read_only: bool = False,
    interface: str | None = None,
    user: str = "pi",
    key: Path | None = None,
) -> int:
    """Take over the terminal until the user leaves; the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(
            "squarm: the console needs a terminal; squarm --help shows the rest.", file=sys.stderr
        )
        return 2
    os.environ.setdefault("TEXTUAL_FPS", FRAMES)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    # Textual reads its environment when first imported.
    from results.store import Store
    from results.watch import Watch
    from solver import HOW_TO_COMPILE, compiled
    from tui.console.app import ConsoleApp
    from tui.console.pis import make_fleet

    app = ConsoleApp(
        lambda: _open_engine(engine_kind, image),
        lambda: Store.open(results),
        read_only=read_only,
        solver_note="" if compiled() else HOW_TO_COMPILE,
        make_reporter=partial(Watch, tend=not read_only),
        make_fleet=partial(make_fleet, user=user, key=key, read_only=read_only),
        interface=interface,
        user=user,
        key=key,
    )
    app.run()
    return _report(app)


async def _open_engine(kind: str | None, image: str | None) -> "Engine":
    # Late, for the first paint not to wait for the engines' modules.
    from swarm.choose import choose_engine

    return await choose_engine(kind, image=image)


def _report(app: "ConsoleApp") -> int:
    if app.failure:
        print(f"squarm: {app.failure}", file=sys.stderr)
    elif app.farewell:
        print(app.farewell)
    return app.return_code or 0
