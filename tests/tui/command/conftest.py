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
    gone = {"DOCKER_HOST": f"unix://{home}/no-docker.sock", "DOCKER_CONFIG": str(home)}
    return {**os.environ, "XDG_DATA_HOME": str(home), "COLUMNS": "80", **gone}


@pytest.fixture
def squarm(environment: dict[str, str], home: Path) -> Iterator[Squarm]:
    yield Squarm(environment)
    for job in (home / "squarm" / "jobs").glob("mols*"):
        (job / "cancelled").touch()
