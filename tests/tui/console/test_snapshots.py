"""The screens, to the pixel: `pytest --snapshot-update` accepts what has changed on purpose."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.tui.console.scenes import SCENES, all_is_shown
from tests.tui.console.scripted.console import scripted_app, swarm_snapshot
from tests.waiting import until
from tui.console.app import ConsoleApp

Compare = Callable[..., bool]
ROOT = Path(__file__).parents[3]

# Minutes in one file, of waiting above all: it begins with the first.
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("size", ["80x24", pytest.param("160x48", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "colours",
    ["true", *(pytest.param(few, marks=pytest.mark.slow) for few in ("256", "16", "none"))],
)
def test_scenes(snapshot: SnapshotAssertion, tmp_path: Path, colours: str, size: str) -> None:
    """One console draws all: to start one takes as long as to go through three of them."""
    drawing = [sys.executable, "-m", "tests.tui.console.scenes", colours, size, str(tmp_path)]
    terminal = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    terminal |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    subprocess.run(drawing, check=True, cwd=ROOT, env=terminal)
    accepted = snapshot.use_extension(SVGImageExtension)
    drawn = {scene: (tmp_path / f"{scene}.svg").read_text("utf-8") for scene in SCENES}
    different = [scene for scene, svg in drawn.items() if accepted(name=scene) != svg]
    assert not different, f"{', '.join(different)}: as drawn now in {tmp_path}"


def test_empty(snap_compare: Compare, tmp_path: Path) -> None:
    note = "interpreted, some 300 times slower; install gcc and python3-dev, then make setup"
    app = scripted_app(tmp_path, None, swarm_snapshot(kept=0), solver_note=note)

    async def settle(pilot: Pilot[int]) -> None:
        assert isinstance(pilot.app, ConsoleApp)
        await until(all_is_shown(pilot.app, pilot))

    assert snap_compare(app, run_before=settle)
