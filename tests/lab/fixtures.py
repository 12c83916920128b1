"""Pytest fixtures: labs of the test run's own, gone when it ends, also when it is killed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from lab.host import refusal
from lab.lab import Lab, temporary
from tests.needs import need

MakeLab = Callable[..., AbstractContextManager[Lab]]


def need_lab() -> None:
    """Skips the calling test where no lab can run; fails it instead in CI."""
    need(refusal())


@pytest.fixture(scope="session")
def make_lab() -> MakeLab:
    """What brings up a lab for a `with` block: `make_lab([PiPlan(), ...], master=False)`."""
    need_lab()
    return temporary


@pytest.fixture(scope="module")
def fresh_lab(make_lab: MakeLab) -> Iterator[Lab]:
    """Three fresh Pis, all called raspberrypi, shared by the tests of a module."""
    with make_lab(3) as lab:
        yield lab
