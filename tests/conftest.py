"""Fixtures that tests of every room may use, and the order in which tests begin."""

import gc
import os
import signal
from pathlib import Path

import pytest

from tests.chat.fixtures import result, slack
from tests.daemon_fixtures import plain_daemon, shared_daemon, shared_manager, swarm_manager
from tests.examples import register_profiles
from tests.lab.fixtures import fresh_lab, make_lab
from tests.operations.ended_job import ended_job, make_home

__all__ = [
    "ended_job",
    "fresh_lab",
    "make_home",
    "make_lab",
    "plain_daemon",
    "result",
    "shared_daemon",
    "shared_manager",
    "slack",
    "swarm_manager",
]

TAKEN = {
    "drill/test_drill.py": 368,
    "provision/test_provision_on_lab.py": 358,
    "ansible/test_life.py": 323,
    "tui/test_first_evening.py": 291,
    "ansible/test_site.py": 232,
}
"""Seconds that files took in a run of 2026-11-30, two at a time on two cores."""

register_profiles()
# Nothing that is made until the tests begin is garbage: see pytest_collection_finish.
gc.disable()


@pytest.fixture(scope="session", autouse=True)
def _log_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What squarm logs under test is not written into the user's own log."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


def pytest_configure() -> None:
    """Programs under test hear Ctrl-C and a hang-up, also where the tests hear none themselves."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # As under nohup. A handler, unlike SIG_IGN, is not inherited.
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


def pytest_collection_finish() -> None:
    """What is there now stays until the end: it need not be gone through for garbage each time."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files that take longest begin first, so that none is left alone at the end.

    Of those that take less than four minutes the ones whose tests are given most time.
    """
    usual = float(config.getini("timeout"))

    def given(item: pytest.Item) -> float:
        mark = item.get_closest_marker("timeout")
        return float(mark.args[0]) if mark else usual

    longest = {item.path: 0.0 for item in items}
    for item in items:
        longest[item.path] = max(longest[item.path], given(item))
    tests = Path(__file__).parent
    taken = {tests / file: seconds for file, seconds in TAKEN.items()}
    items.sort(key=lambda item: (-taken.get(item.path, 0), -longest[item.path]))
