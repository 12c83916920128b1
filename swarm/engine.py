"""What an engine is: the one protocol behind local processes and a Docker Swarm.

Everything an engine reports is an immutable snapshot. Text in it comes from hosts, tasks and
daemons: engines clean it with `base.text.clean_text` before it enters a snapshot.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # What shows jobs need not import the solver.
    from swarm.job import JobSpec


class JobState(StrEnum):
    """A job's state, as shown to the user."""

    PENDING = "pending"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    FAILED = "failed"
    COMPLETE = "complete"

    @property
    def live(self) -> bool:
        """True while the engine may still produce output."""
        return self in (JobState.PENDING, JobState.RUNNING)


class TaskState(StrEnum):
    """A task's state: Docker's many, folded into what a user tells apart."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class NodeView:
    """One machine that runs tasks; `cpu` (0..1) and memory in use are None where unknown.

    `reachability`: a manager's, as the others see it (`reachable`), '' for who is none yet.
    `problem`: why it runs no task although it is ready, in one sentence, '' where it does.
    `labels`: those of the node, which rules such as `arch=aarch64` choose by.
    `docker`: the version of its Docker, '' where that is not known.
    """

    id: str
    name: str
    address: str
    role: str
    availability: str
    state: str
    platform: str
    cpus: int
    memory: int
    cpu_used: float | None = None
    memory_used: int | None = None
    here: bool = False
    reachability: str = ""
    problem: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    docker: str = ""

    @property
    def takes_tasks(self) -> bool:
        """Whether tasks are given to it."""
        return self.availability == "active" and self.state == "ready"


@dataclass(frozen=True, slots=True)
class TaskView:
    """One attempt at one unit; `unreadable`: what it wrote is there, and cannot be read now."""

    id: str
    unit: int
    node: str
    state: TaskState
    error: str = ""
    started: float = 0.0
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class JobView:
    """One job as its engine sees it; `why`, in one sentence: what of it does not go on, and why.

    `unknown`: what was asked for cannot be read any more, and `spec` only stands in its place.
    """

    id: str
    spec: "JobSpec"
    state: JobState
    created: float
    units_done: int
    tasks: tuple[TaskView, ...] = field(default=())
    why: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line a task wrote: `time` is the RFC 3339 timestamp its log gave it ('' for none).

    `generation` rises where another version of the solver has begun the unit anew: it need not find
    what the one before found. A unit's generations come in their order.
    """

    job: str
    unit: int
    task: str
    node: str
    time: str
    text: str
    stderr: bool = False
    generation: int = 0


class KeptUnits(Protocol):
    """What is kept of jobs' units: the truth about a unit, whatever becomes of its task.

    Both block, and may raise StoreError.
    """

    def finished_units(self, job: str) -> Collection[int]:
        """The units that are kept whole."""
        ...

    def reached(self, job: str, unit: int) -> str:
        """The last checkpoint up to which a unit's squares are kept; '' for none."""
        ...


class Engine(Protocol):
    """Runs jobs. Every method may raise EngineError; none blocks the event loop."""

    @property
    def name(self) -> str:
        """`local` or `swarm`."""
        ...

    @property
    def place(self) -> str:
        """Where it runs, for the header: a host name, a swarm's manager address."""
        ...

    @property
    def own_jobs(self) -> tuple[str, ...]:
        """The jobs that stop when this engine is closed: nobody else runs them."""
        ...

    async def nodes(self) -> tuple[NodeView, ...]:
        """The machines that run tasks."""
        ...

    async def jobs(self) -> tuple[JobView, ...]:
        """Every squarm job the engine knows, newest first, whoever started it."""
        ...

    async def tend(self, kept: KeptUnits) -> None:
        """Do for the jobs what the cluster itself does not; for whoever watches, again and again.

        A job that is kept whole is over. Units lost with their node are run again from where they
        had come, jobs that only fail are given up.
        """
        ...

    async def submit(self, spec: "JobSpec") -> str:
        """Start a job and return its id."""
        ...

    async def cancel(self, job: str) -> None:
        """Stop a job's tasks; its record and logs stay until `remove`. Harmless when ended."""
        ...

    async def resume(self, job: str) -> None:
        """Run the unfinished units of an interrupted job; EngineError where that has no meaning."""
        ...

    async def remove(self, job: str) -> None:
        """Forget an ended job and its logs (never its results)."""
        ...

    def follow(self, job: str) -> AsyncIterator[LogLine]:
        """Every line of the job from its beginning, then new ones until it has ended.

        Lines may repeat after a reconnection and differ in order between units; closing the
        iterator (or cancelling the task that reads it) ends it at once.
        """
        ...

    def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        """What the log holds of one unit now, read anew and not followed."""
        ...

    async def rerun(self, job: str, unit: int) -> None:
        """Run one unit again because its log is lost; its lines join `follow`."""
        ...

    async def close(self) -> None:
        """Let go of connections, and of local processes."""
        ...
