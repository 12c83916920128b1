"""The screens, to the pixel: `pytest --snapshot-update` accepts what has changed on purpose."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.console.scripted import busy_events, scripted_app, swarm_snapshot
from tests.tui.console.scripted_pis import ScriptedFleet, some_pis
from tui.console.app import ConsoleApp

Compare = Callable[..., bool]
SIZES = [(80, 24), (160, 48)]
WIDE = ("main", "job", "square", "new_job", "log", "pis", "node")
"""Scenes that look different, not merely larger, on a large screen."""
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
    "new_key": ("1", *["down"] * 6, "a"),
}


def _settle(*keys: str) -> Callable[[Pilot[int]], object]:
    async def run(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, ConsoleApp)
        while not app.session.is_open:
            await pilot.pause(0.01)
        app._ticks = 100
        app.deliver()
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()

    return run


@pytest.mark.parametrize(
    ("scene", "size"),
    [(scene, size) for scene in SCENES for size in SIZES if size[0] == 80 or scene in WIDE],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
def test_scene(snap_compare: Compare, tmp_path: Path, scene: str, size: tuple[int, int]) -> None:
    app = scripted_app(tmp_path, None, *busy_events(), make_fleet=ScriptedFleet().make)
    app.inbox.put_fleet(some_pis())
    assert snap_compare(app, terminal_size=size, run_before=_settle(*SCENES[scene]))


def test_empty(snap_compare: Compare, tmp_path: Path) -> None:
    note = "interpreted, some 100 times slower; install gcc and python3-dev, then make setup"
    app = scripted_app(tmp_path, None, swarm_snapshot(kept=0), solver_note=note)
    assert snap_compare(app, run_before=_settle())
