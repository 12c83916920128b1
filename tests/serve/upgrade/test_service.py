"""Whether a version that was begun counts as up, from looks at it."""

import os
import pwd
from pathlib import Path

import pytest

from serve.upgrade.service import STEADY, Look, SquarmService, is_up, keeps_ending

HALF = STEADY / 2


@pytest.mark.parametrize(
    ("looks", "before", "up"),
    [
        ([], 0, False),
        ([(0, 7, 0)], 0, False),
        ([(0, 7, 0), (HALF, 7, 0), (STEADY, 7, 0)], 0, True),
        # It was begun anew in the middle.
        ([(0, 7, 0), (HALF, 8, 0), (STEADY, 8, 0)], 0, False),
        # It has a problem that the one before had not; as that one had; and it runs, at least.
        ([(0, 7, 1), (STEADY, 7, 1)], 0, False),
        ([(0, 7, 1), (STEADY, 7, 1)], 1, True),
        ([(0, 7, 1), (STEADY, 7, 1)], 2, True),
        ([(0, 7, 2), (STEADY, 7, 2)], 2, False),
        # A problem that has passed is forgotten after a while.
        ([(0, 7, 1), (HALF, 7, 0), (STEADY, 7, 0)], 0, False),
        ([(0, 7, 1), (HALF, 7, 0), (STEADY + HALF, 7, 0)], 0, True),
        ([(0, 0, 0), (STEADY, 0, 0)], 0, False),
    ],
)
def test_it_is_up_once_it_has_been_well_for_a_while(
    looks: list[tuple[float, int, int]], before: int, up: bool
) -> None:
    seen = [Look(at, process, 0, status) for at, process, status in looks]
    assert is_up(seen, before) is up


def test_one_that_ends_again_and_again_is_not_waited_for() -> None:
    looks = [Look(0, 7, 0, 2), Look(6, 8, 1, 2), Look(12, 0, 2, 2)]
    assert not keeps_ending(looks)
    assert keeps_ending([*looks, Look(18, 9, 3, 2)])


def test_a_version_that_cannot_be_run_at_all_is_not_well(tmp_path: Path) -> None:
    """As a power cut may leave it: else nobody would go back from it."""
    service = SquarmService(pwd.getpwuid(os.getuid()), tmp_path / "bin/squarm")
    status, why = service.health()
    assert status != 0
    assert "cannot be run" in why
