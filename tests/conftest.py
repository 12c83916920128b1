"""Fixtures that tests of every room may use."""

from tests.dockerd import plain_daemon, swarm_manager

__all__ = ["plain_daemon", "swarm_manager"]
