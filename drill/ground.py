"""Where drills are held: a swarm whose machines can be made to fail."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Protocol

from base.errors import SquarmError


class DrillError(SquarmError):
    """A drill that cannot be held: one sentence, with the way out."""


class Act(StrEnum):
    """What can be done to a machine, to Docker on it, to a job in the swarm, to its collector."""

    POWER_CUT = "power-cut"
    POWER_ON = "power-on"
    REBOOT = "reboot"
    CABLE_OUT = "cable-out"
    CABLE_IN = "cable-in"
    FREEZE = "freeze"
    THAW = "thaw"
    LOSS = "loss"
    CLOCK = "clock"
    FILL_DISK = "fill-disk"
    FREE_DISK = "free-disk"
    RESTART_DOCKER = "restart-docker"
    KILL_DOCKER = "kill-docker"
    KILL_SOLVER = "kill-solver"
    STARVE_SOLVER = "starve-solver"
    ROTATE_LOGS = "rotate-logs"
    DRAIN = "drain"
    ACTIVATE = "activate"
    PROMOTE = "promote"
    DEMOTE = "demote"
    LABEL = "label"
    REMOVE_IMAGE = "remove-image"
    RESTORE_IMAGE = "restore-image"
    REFLASH = "reflash"
    CLONE = "clone"
    REJOIN = "rejoin"
    MDNS_OFF = "mdns-off"
    MDNS_ON = "mdns-on"
    DNS_OFF = "dns-off"
    DNS_ON = "dns-on"
    RENEW_SESSION = "renew-session"
    REGISTRY_ON = "registry-on"
    REGISTRY_OFF = "registry-off"
    FORGE = "forge"
    LONG_LINE = "long-line"
    FLOOD = "flood"
    REMOVE_SERVICE = "remove-service"
    REMOVE_NETWORK = "remove-network"
    MORE_JOBS = "more-jobs"
    MANY_UNITS = "many-units"
    REGISTRY_JOB = "registry-job"
    KILL_COLLECTOR = "kill-collector"
    SECOND_COLLECTOR = "second-collector"
    DAEMON = "daemon"
    KILL_DAEMON = "kill-daemon"
    SLACK = "slack"
    SLACK_HANGS = "slack-hangs"
    SLACK_ON = "slack-on"


REGISTRY_IMAGE = "127.0.0.1:5000/squarm-solver:drill"
"""The solver's image in the registry of REGISTRY_ON."""
OF_THE_DRILL = frozenset(
    (
        *(Act.KILL_COLLECTOR, Act.SECOND_COLLECTOR),
        *(Act.MORE_JOBS, Act.MANY_UNITS, Act.REGISTRY_JOB),
        *(Act.DAEMON, Act.KILL_DAEMON, Act.SLACK, Act.SLACK_HANGS, Act.SLACK_ON),
    )
)
"""What is done to whoever collects, or to the swarm as anyone may."""
GENTLE = OF_THE_DRILL | {Act.DRAIN, Act.ACTIVATE}
"""What can be done to a cluster that somebody uses, and leaves no trace."""


AskTask = Callable[[str, str, str], Awaitable[str]]
"""What a program in Python prints inside a task: on a machine, of a job, the program.

Its arguments are places on their network, HOST:PORT. Raises DrillError.
"""


class Ground(Protocol):
    """The machines of a swarm; every method may raise DrillError."""

    @property
    def manager(self) -> str:
        """The name of the manager that is asked."""
        ...

    @property
    def workers(self) -> Sequence[str]:
        """The names of the others."""
        ...

    @property
    def interface(self) -> str:
        """On which a console would watch them, logged in by squarm's own key; '' for not at all."""
        ...

    @property
    def ask_task(self) -> AskTask | None:
        """How a program is run inside its tasks; None where that is not done."""
        ...

    def can(self, act: Act) -> bool:
        """Whether this can be done here."""
        ...

    async def do(self, act: Act, machine: str, value: float) -> None:
        """Do it; `value`: percent for LOSS, seconds for CLOCK, nothing for the others.

        To a job in the swarm: `machine` is its id.
        """
        ...
