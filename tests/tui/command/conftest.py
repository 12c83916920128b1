"""What the command line's tests share: a home of their own, and squarm in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.command.running import Squarm


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's data directory."""
    return tmp_path / "data"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    # A daemon that is named is used or refused: here there is none, and none is named.
    inherited = {name: value for name, value in os.environ.items() if "DOCKER" not in name}
    own = {"XDG_DATA_HOME": str(home), "COLUMNS": "80", "DOCKER_CONFIG": str(home)}
    return inherited | own


@pytest.fixture
def squarm(environment: dict[str, str], home: Path) -> Iterator[Squarm]:
    yield Squarm(environment)
    for job in (home / "squarm" / "jobs").glob("mols*"):
        (job / "cancelled").touch()
