"""An engine and a results file of a test's own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from results.store import Store
from swarm.local.engine import LocalEngine


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(tmp_path, workers=2)
    yield engine
    await engine.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "r.sqlite3") as opened:
        yield opened
