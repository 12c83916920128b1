"""The faults there are: what each does, step by step, and what one ought to see of it."""

from dataclasses import dataclass
from enum import StrEnum

from base.text import clean_text, nearest
from drill.ground import GENTLE, OF_THE_DRILL, Act, DrillError, Ground


class Where(StrEnum):
    """Whom a step is done to; `WORKER` is the first of them, `LAST_WORKER` the last."""

    MANAGER = "manager"
    WORKER = "worker"
    LAST_WORKER = "last worker"
    WORKERS = "workers"
    COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class FaultStep:
    """One step, `after` so many seconds."""

    act: Act
    where: Where
    value: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault by its `name`; `shown`: whether the screen must say something of it.

    `before`: what is done first, and is no part of it: who collects then shows what was found.
    `by_tasks`: it shows by nothing but tasks that end with it, as they do with some versions of
    Docker; where none does there is nothing to say. `loses_job`: the job itself goes, so that what
    it has not found is not missed. `patience`: how many seconds its jobs may take. `alerts`: how
    many Slack must be told, each once.
    """

    name: str
    what: str
    steps: tuple[FaultStep, ...]
    before: tuple[FaultStep, ...] = ()
    shown: bool = True
    by_tasks: bool = False
    loses_job: bool = False
    patience: float = 420.0
    alerts: int = 0

    @property
    def gentle(self) -> bool:
        """Whether it can be done to a cluster that somebody uses."""
        return all(step.act in GENTLE for step in (*self.before, *self.steps))


_M, _W, _C = Where.MANAGER, Where.WORKER, Where.COLLECTOR
_ALL = (Where.MANAGER, Where.WORKERS)


def _flapping(off: Act, on: Act) -> tuple[FaultStep, ...]:
    """Three times off and on again, everywhere."""
    once = (
        *(FaultStep(off, where) for where in _ALL),
        FaultStep(on, _M, after=5),
        FaultStep(on, Where.WORKERS),
    )
    return (*once, *once, *once)


def _there_and_back(act: Act, where: Where, back: Act, seconds: float) -> tuple[FaultStep, ...]:
    return FaultStep(act, where), FaultStep(back, where, after=seconds)


FAULTS = (
    Fault(
        "worker-power-cut",
        "a worker's power is cut for 40 s",
        _there_and_back(Act.POWER_CUT, _W, Act.POWER_ON, 40),
    ),
    Fault(
        "manager-power-cut",
        "the only manager's power is cut for 20 s",
        _there_and_back(Act.POWER_CUT, _M, Act.POWER_ON, 20),
    ),
    Fault(
        "manager-of-three-cut",
        "the power of one of three managers is cut for 20 s",
        (
            FaultStep(Act.PROMOTE, Where.WORKERS),
            *_there_and_back(Act.POWER_CUT, _W, Act.POWER_ON, 20),
            FaultStep(Act.DEMOTE, Where.WORKERS, after=20),
        ),
    ),
    Fault("worker-reboot", "a worker is rebooted", (FaultStep(Act.REBOOT, _W),)),
    Fault("manager-reboot", "the manager is rebooted", (FaultStep(Act.REBOOT, _M),)),
    Fault(
        "worker-docker-restart", "Docker on a worker restarts", (FaultStep(Act.RESTART_DOCKER, _W),)
    ),
    Fault(
        "manager-docker-restart",
        "Docker on the manager restarts",
        (FaultStep(Act.RESTART_DOCKER, _M),),
    ),
    Fault(
        "worker-docker-kill",
        "Docker on a worker is killed",
        (FaultStep(Act.KILL_DOCKER, _W),),
        by_tasks=True,
    ),
    Fault(
        "manager-docker-kill", "Docker on the manager is killed", (FaultStep(Act.KILL_DOCKER, _M),)
    ),
    Fault(
        "worker-cable-short",
        "a worker's cable is out for 5 s",
        _there_and_back(Act.CABLE_OUT, _W, Act.CABLE_IN, 5),
        shown=False,
    ),
    Fault(
        "worker-cable-long",
        "a worker's cable is out for two minutes",
        _there_and_back(Act.CABLE_OUT, _W, Act.CABLE_IN, 120),
    ),
    Fault(
        "worker-packet-loss",
        "a worker loses 30 % of its packets for 20 s",
        (FaultStep(Act.LOSS, _W, 30), FaultStep(Act.LOSS, _W, 0, after=20)),
        shown=False,
    ),
    Fault(
        "worker-frozen",
        "a worker hangs for 30 s",
        _there_and_back(Act.FREEZE, _W, Act.THAW, 30),
    ),
    Fault(
        "solver-killed",
        "a solver on a worker is killed",
        (FaultStep(Act.KILL_SOLVER, _W),),
        shown=False,
    ),
    Fault(
        "solver-out-of-memory",
        "a solver on a worker has no memory left: the kernel kills it",
        (FaultStep(Act.STARVE_SOLVER, _W),),
    ),
    Fault(
        "worker-logs-rotated",
        "a worker's logs rotate faster than they are read: all lines up to now are gone",
        (FaultStep(Act.KILL_COLLECTOR, _C), FaultStep(Act.ROTATE_LOGS, _W)),
        shown=False,
    ),
    Fault(
        "manager-disk-full",
        "the manager's disk is full for 20 s",
        _there_and_back(Act.FILL_DISK, _M, Act.FREE_DISK, 20),
        shown=False,
    ),
    Fault(
        "worker-disk-full",
        "a worker's disk is full for 20 s",
        _there_and_back(Act.FILL_DISK, _W, Act.FREE_DISK, 20),
        shown=False,
    ),
    Fault(
        "clock-ahead",
        "a worker's clock is an hour ahead",
        (FaultStep(Act.CLOCK, _W, 3600), FaultStep(Act.CLOCK, _W, 0, after=20)),
        shown=False,
    ),
    Fault(
        "clock-behind",
        "a worker's clock is an hour behind",
        (FaultStep(Act.CLOCK, _W, -3600), FaultStep(Act.CLOCK, _W, 0, after=20)),
        shown=False,
    ),
    Fault(
        "manager-clock-ahead",
        "the manager's clock is an hour ahead",
        (FaultStep(Act.CLOCK, _M, 3600), FaultStep(Act.CLOCK, _M, 0, after=20)),
        shown=False,
    ),
    Fault(
        "manager-clock-behind",
        "the manager's clock is an hour behind",
        (FaultStep(Act.CLOCK, _M, -3600), FaultStep(Act.CLOCK, _M, 0, after=20)),
        shown=False,
    ),
    Fault(
        "node-drained",
        "a worker is drained in the middle, for 20 s",
        _there_and_back(Act.DRAIN, _W, Act.ACTIVATE, 20),
    ),
    Fault(
        "node-label",
        "a label of each node changes",
        (FaultStep(Act.LABEL, _W), FaultStep(Act.LABEL, _M)),
        shown=False,
    ),
    Fault(
        "service-removed",
        "the job's service is removed behind squarm's back",
        (FaultStep(Act.REMOVE_SERVICE, _M),),
        loses_job=True,
    ),
    Fault(
        "image-removed",
        "the solver's image is gone from a worker for 40 s",
        _there_and_back(Act.REMOVE_IMAGE, _W, Act.RESTORE_IMAGE, 40),
        shown=False,
    ),
    Fault(
        "network-removed",
        "the job's network is removed behind squarm's back",
        (FaultStep(Act.REMOVE_NETWORK, _M),),
        shown=False,
    ),
    Fault(
        "worker-reflashed",
        "a worker's card is written anew; after 30 s it joins again",
        (
            FaultStep(Act.REFLASH, _W),
            FaultStep(Act.REJOIN, _W, after=30),
        ),
    ),
    Fault(
        "worker-cloned",
        "a worker gets a copy of another's card, and after 40 s one of its own again",
        (
            FaultStep(Act.CLONE, Where.LAST_WORKER),
            FaultStep(Act.REFLASH, Where.LAST_WORKER, after=40),
            FaultStep(Act.REJOIN, Where.LAST_WORKER),
        ),
    ),
    Fault(
        "log-stream-deaf",
        "a worker's session with the manager is renewed: logs that are followed fall silent",
        (FaultStep(Act.RENEW_SESSION, _W),),
        shown=False,
    ),
    Fault(
        "mdns-flapping",
        "no machine announces itself, three times for 5 s",
        _flapping(Act.MDNS_OFF, Act.MDNS_ON),
        shown=False,
    ),
    Fault(
        "dns-flapping",
        "no machine finds a name server, three times for 5 s",
        _flapping(Act.DNS_OFF, Act.DNS_ON),
        shown=False,
    ),
    Fault(
        "registry-down",
        "the registry of two more jobs' image is gone: one has begun, one starts then",
        (
            FaultStep(Act.REGISTRY_ON, _M),
            FaultStep(Act.REGISTRY_JOB, _C, 1),
            FaultStep(Act.REGISTRY_OFF, _M, after=3),
            FaultStep(Act.REGISTRY_JOB, _C, 1),
        ),
        shown=False,
    ),
    Fault(
        "hostile-records",
        "a task of a worker writes forged records of every kind, and escapes",
        (FaultStep(Act.FORGE, _W), FaultStep(Act.FORGE, Where.LAST_WORKER)),
    ),
    Fault(
        "hostile-line",
        "a task of a worker writes a line of 100 MB",
        (FaultStep(Act.LONG_LINE, _W),),
        shown=False,
    ),
    Fault(
        "hostile-flood",
        "a task of a worker writes half a million lines, as fast as Docker takes them",
        (FaultStep(Act.FLOOD, _W),),
        shown=False,
    ),
    Fault(
        "thousand-units",
        "a job of 1,000 units starts beside it",
        (FaultStep(Act.MANY_UNITS, _C, 1000),),
        shown=False,
        patience=2400.0,
    ),
    Fault(
        "twenty-jobs",
        "nineteen more jobs start at once",
        (FaultStep(Act.MORE_JOBS, _C, 19),),
        shown=False,
    ),
    Fault(
        "collector-killed",
        "who collects is killed, and another starts",
        (FaultStep(Act.KILL_COLLECTOR, _C), FaultStep(Act.KILL_COLLECTOR, _C, after=3)),
        shown=False,
    ),
    Fault(
        "daemon-killed",
        "squarm serve collects in its place, and is killed twice",
        (
            FaultStep(Act.KILL_DAEMON, _C),
            FaultStep(Act.KILL_DAEMON, _C, after=4),
            FaultStep(Act.SECOND_COLLECTOR, _C, after=6),
        ),
        before=(FaultStep(Act.DAEMON, _C),),
        shown=False,
    ),
    Fault(
        "slack-down",
        "Slack hangs, under squarm serve, while a worker's power is cut for 50 s",
        (
            FaultStep(Act.SLACK_HANGS, _C),
            *_there_and_back(Act.POWER_CUT, _W, Act.POWER_ON, 50),
            FaultStep(Act.SLACK_ON, _C, after=20),
            FaultStep(Act.SECOND_COLLECTOR, _C),
        ),
        before=(FaultStep(Act.SLACK, _C), FaultStep(Act.DAEMON, _C)),
        alerts=2,
    ),
    Fault(
        "two-collectors",
        "two collect the same job into one file",
        (FaultStep(Act.SECOND_COLLECTOR, _C),),
        shown=False,
    ),
)
"""In the order in which `all` runs them."""


def refuse_unknown(names: list[str]) -> None:
    """Raises DrillError where there is no fault of one of these names."""
    known = [fault.name for fault in FAULTS]
    for name in names:
        if name not in known and names != ["all"]:
            shown = clean_text(name, 40)
            there = nearest(name, known, f": there are {', '.join(known)}.")
            raise DrillError(f"There is no fault {shown!r}{there}")


def chosen(names: list[str], ground: Ground) -> list[Fault]:
    """The faults of these names that can be done there; `all` for every one. Raises DrillError."""
    refuse_unknown(names)
    able = [
        fault
        for fault in FAULTS
        if all(
            step.act in OF_THE_DRILL or ground.can(step.act)
            for step in (*fault.before, *fault.steps)
        )
    ]
    if names == ["all"]:
        return able
    named = [next(fault for fault in FAULTS if fault.name == name) for name in names]
    for fault in named:
        if fault not in able:
            raise DrillError(f"{fault.name} cannot be done here, only on the lab (--lab NUMBER).")
    return named
