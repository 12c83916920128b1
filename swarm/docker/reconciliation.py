"""What Swarm does not do for a job and squarm must: decisions, from listings and from what is kept.

Swarm neither moves a job's tasks away from a node that is down, nor ever stops restarting tasks
that only fail; it runs units again whose tasks had completed (moby#52652); a task whose node's
Docker is wedged stays where it is for ever; and a leader that led before runs each unit once for
each time, and takes the sum for the number of units that are done (moby#53632).
"""

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from base.text import count_text
from swarm.docker.explain import was_killed
from swarm.docker.objects import Service, Task
from swarm.docker.services import (
    EARLY,
    GIVE_UP,
    IN_TRANSIT,
    LIVE,
    SwarmJob,
    settled,
    slot_failures,
    task_view,
    unit_of,
)
from swarm.engine import JobView, NodeView, TaskState

TOLD_SECONDS = 60.0
"""After so long without a change the user is told where a task hangs."""
_MOVED_SECONDS = 120.0
"""After so long its unit is run on another node."""
_RECENT_SECONDS = 30.0
"""For so long the user is told that a task ended early."""
_NAMED = 4
_KILLED = "killed: for want of memory, or as Docker there restarted"
_PULL_SECONDS = 900.0
"""The same for a task that is being prepared: its node may be fetching the image."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """A task that has been on its way into `state` (Docker's word) for `seconds`."""

    task: str
    service: str
    unit: int
    node: str
    state: str
    seconds: float

    @property
    def given_up(self) -> bool:
        """Whether its unit is to be run elsewhere."""
        patience = _PULL_SECONDS if self.state == "preparing" else _MOVED_SECONDS
        return self.seconds >= patience


class Transit:
    """Since when tasks are where they are, by this machine's own clock: those of nodes may lie."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[str, float]] = {}

    def see(self, tasks: Iterable[Task], now: float) -> None:
        """Take note of all tasks that there are now."""
        since = {}
        for task in tasks:
            if task.state in IN_TRANSIT:
                seen = self._since.get(task.id)
                since[task.id] = seen if seen and seen[0] == task.state else (task.state, now)
        self._since = since

    def hanging(self, service: Service, tasks: Iterable[Task], now: float) -> list[Hanging]:
        """The tasks of a service that have not moved for longer than is usual."""
        found = []
        for task in tasks:
            state, since = self._since.get(task.id, ("", now))
            if state and now - since >= TOLD_SECONDS:
                unit = unit_of(service, task)
                found.append(Hanging(task.id, service.id, unit, task.node, state, now - since))
        return found


class EarlyEnds:
    """Which tasks have ended before their work was done, and when that was first seen."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def see(self, tasks: Iterable[Task], now: float) -> None:
        """Take note of all tasks that there are now, by this machine's own clock."""
        self._seen = {
            task.id: self._seen.get(task.id, now) for task in tasks if task.state in EARLY
        }

    def why(self, view: JobView, now: float) -> str:
        """One sentence on units that run again as their tasks ended just now; '' for none."""
        done = {task.unit for task in view.tasks if task.state is TaskState.COMPLETE}
        ended = [
            task
            for task in view.tasks
            if task.unit not in done and now - self._seen.get(task.id, -inf) < _RECENT_SECONDS
        ]
        if not ended:
            return ""
        last = ended[-1]
        units = sorted({task.unit for task in ended if task.node == last.node})
        where = last.node or "a node"
        error = _KILLED if was_killed(last.error) else last.error
        error = f" ({error})" if error else ""
        if len(units) == 1:
            return f"Unit {units[0]} runs again: its task on {where} ended early{error}."
        few = len(units) <= _NAMED
        named = f"Units {', '.join(map(str, units))}" if few else f"{len(units)} units"
        return f"{named} run again: their tasks on {where} ended early{error}."


def units_to_run(
    view: JobView, finished: Collection[int], hanging: Iterable[Hanging] = ()
) -> dict[int, frozenset[str]]:
    """Units that nothing runs any more, though they are not kept whole, and where not to run them.

    A job's tasks are never moved by Swarm itself: units go down with their node, or hang on one.
    """
    if not view.state.live:
        return {}
    stuck = {hung.task: hung for hung in hanging if hung.given_up}
    well = {
        task.unit
        for task in view.tasks
        if task.state is TaskState.COMPLETE or (task.state in LIVE and task.id not in stuck)
    }
    lost = {task.unit for task in view.tasks if task.state is TaskState.STOPPED}
    avoided: dict[int, frozenset[str]] = {
        unit: frozenset() for unit in sorted(lost - well - set(finished))
    }
    for hung in stuck.values():
        if hung.unit not in well and hung.unit not in finished:
            avoided[hung.unit] = avoided.get(hung.unit, frozenset()) | {hung.node}
    return avoided


def beginning(job: SwarmJob, tasks: Mapping[str, Sequence[Task]]) -> frozenset[int]:
    """Units that are to run again, for which Swarm has made no task yet."""
    return frozenset(
        service.unit
        for service in job.again
        if service.unit is not None and not service.stopped and not tasks[service.id]
    )


def units_held_up(
    job: SwarmJob,
    view: JobView,
    tasks: Mapping[str, Sequence[Task]],
    nodes: Mapping[str, NodeView],
    finished: Collection[int],
    hanging: Iterable[Hanging] = (),
) -> list[int]:
    """Units that no task has been made for and that may wait in vain: to be run as well.

    To Swarm a task on a dead node goes on running, for a day, and takes up one of those that the
    job may have at a time. From the last unit down: Swarm itself begins with the first.
    """
    if not view.state.live:
        return []
    stuck = {hung.task for hung in hanging if hung.given_up}
    held = 0
    for task in tasks[job.main.id]:
        live = task.state in (*IN_TRANSIT, "running")
        dead = task_view(job.main, task, nodes).state is TaskState.STOPPED
        held += live and (dead or task.id in stuck)
    at_work = sum(not settled(service, tasks[service.id]) for service in job.again)
    begun = {task.unit for task in view.tasks} | set(finished)
    waiting = [unit for unit in reversed(range(job.spec.units)) if unit not in begun]
    return waiting[: max(0, held - at_work)]


def overcounted(job: SwarmJob, tasks: Sequence[Task]) -> bool:
    """Whether Swarm has completed as much of a job as it was to, some units more than once."""
    if job.main.stopped:
        return False
    done = [unit_of(job.main, task) for task in tasks if task.state == "complete"]
    return len(done) >= job.spec.units and len(done) > len(set(done))


def units_left_out(
    job: SwarmJob, tasks: Mapping[str, Sequence[Task]], finished: Collection[int]
) -> list[int]:
    """Units that Swarm will not run any more where it has `overcounted`: to be run as well.

    As many as the job may have at a time, those that are run again already included. What has
    failed is among them: Swarm gives up all else of a job that it has counted too much of.
    """
    if not overcounted(job, tasks[job.main.id]):
        return []
    main = tasks[job.main.id]
    begun = {unit_of(job.main, task) for task in main if task.state not in EARLY}
    begun |= {service.unit for service in job.again if service.unit is not None} | set(finished)
    at_work = sum(not settled(service, tasks[service.id]) for service in job.again)
    left = [unit for unit in range(job.spec.units) if unit not in begun]
    return left[: max(0, job.spec.replicas - at_work)]


def hopeless(service: Service, tasks: Iterable[Task], finished: Collection[int] = ()) -> bool:
    """True for a service of which all that is left keeps failing; Swarm would try for ever."""
    if service.stopped:
        return False
    left = [
        failures
        for unit, failures in slot_failures(service, tasks).items()
        if failures is not None and unit not in finished
    ]
    return bool(left) and all(failures >= GIVE_UP for failures in left)


def kept_whole(view: JobView, finished: Collection[int]) -> bool:
    """Whether nothing of a job is left to run, whatever Docker says of its tasks."""
    return len(finished) >= view.spec.units


def why_hanging(hanging: Sequence[Hanging], names: Mapping[str, str]) -> str:
    """One sentence on the tasks that hang, with the way out; '' for none."""
    if not hanging:
        return ""
    first = max(hanging, key=lambda hung: hung.seconds)
    node = names.get(first.node, first.node)
    # Whole minutes: a sentence that changes each second is said anew each second.
    since = count_text(int(first.seconds // 60), "minute")
    more = f" (and {len(hanging) - 1} more)" if len(hanging) > 1 else ""
    if first.state == "preparing":
        what = "its node may still be fetching the image"
    else:
        what = f"Docker there may be stuck: reboot it (squarm node reboot {shlex.quote(node)})"
    return (
        f"Unit {first.unit}{more} has been {first.state} on {node or 'no node'} for more than "
        f"{since}: {what}."
    )
