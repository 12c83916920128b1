"""Fixtures that tests of every room may use."""

from tests.chat.fixtures import result, slack
from tests.dockerd import plain_daemon, swarm_manager
from tests.lab.fixtures import fresh_lab, make_lab

__all__ = ["fresh_lab", "make_lab", "plain_daemon", "result", "slack", "swarm_manager"]
