"""A machine's state, for whoever shows it."""

from enum import StrEnum


class PiState(StrEnum):
    """A machine's state, as shown to the user."""

    SEEN = "seen"
    REACHABLE = "reachable"
    KNOWN = "known"
    IN_SWARM = "in swarm"
    LOST = "lost"
