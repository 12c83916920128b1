"""Fixtures that tests of every room may use."""

from tests.chat.fixtures import result, slack
from tests.dockerd import plain_daemon, swarm_manager
from tests.lab.fixtures import fresh_lab, make_lab
from tests.operations.ended_job import ended_job, make_home

__all__ = [
    "ended_job",
    "fresh_lab",
    "make_home",
    "make_lab",
    "plain_daemon",
    "result",
    "slack",
    "swarm_manager",
]
