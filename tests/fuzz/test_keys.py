"""A few lives under random keys; `python -m tests.fuzz.keys` lives thousands."""

from pathlib import Path

import pytest

from tests.fuzz.keys import WAYS_OUT, live

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(len(WAYS_OUT)))
def test_no_keys_break_the_console(tmp_path: Path, seed: int) -> None:
    assert live(tmp_path, seed) > 0
