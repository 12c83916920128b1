"""Jobs as Docker services: what is sent to make one, and what a listing of them means.

A job is one `replicated-job` service: total completions = units, one slot a unit. A unit that is
run again is a service of its own, of one completion, under the same job label. Everything needed
to find and read a job again is in the labels, so that any console can.
"""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from solver import VERSION
from swarm.docker.explain import (
    Requirements,
    explain_failing,
    explain_pending,
    reserved_cpus,
    reserved_memory,
)
from swarm.docker.images import Image, sent
from swarm.docker.objects import (
    CREATED,
    ENFORCED,
    JOB,
    SPEC,
    STOPPED,
    UNIT,
    Json,
    Service,
    Task,
    labels_of,
    read_requirements,
    read_service,
)
from swarm.engine import JobState, JobView, NodeView, TaskState, TaskView
from swarm.job import JobSpec, SpecError

CANCELLED = "cancelled"
KEPT = "kept whole"
"""All units of the job are in a results file: nothing that becomes of its tasks matters."""
AVOIDED = "node.id!="
UNIT_VARIABLE = "SQUARM_UNIT"

GIVE_UP = 6
"""Failures of one unit after which a job with nothing else to do is given up."""
_RETRY_NANOSECONDS = 5 * 10**9
PIDS = 64
_NOBODY = "65532:65532"
_STOP_NANOSECONDS = 5 * 10**9
ONCE: Json = {"ReplicatedJob": {"MaxConcurrent": 100, "TotalCompletions": 1}}
"""The mode of a service that is to run one task to its end.

Far more at once than there are to be: where Swarm comes to have completed more than it was to
(moby#53632), it would take the difference for a huge number (moby#42742) and run the task again and
again; with this mode it sees that there is something wrong, and makes none.
"""
IN_TRANSIT = frozenset({"assigned", "accepted", "preparing", "ready", "starting"})
"""What Docker calls tasks between the scheduler and running."""
_JOB_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,39}")

_STATES = {
    "running": TaskState.RUNNING,
    "complete": TaskState.COMPLETE,
    "failed": TaskState.FAILED,
    "rejected": TaskState.FAILED,
    "shutdown": TaskState.STOPPED,
    "orphaned": TaskState.STOPPED,
    "remove": TaskState.STOPPED,
}
_ENDED = _STATES.keys() - {"running"}
EARLY = _ENDED - {"complete"}
"""States of tasks that ended before their work was done."""
LIVE = (TaskState.PENDING, TaskState.RUNNING)


@dataclass(frozen=True, slots=True)
class SwarmJob:
    """A job's services: the one that runs its units, and those that run one unit again.

    `wanted`: what its tasks ask of a node.
    """

    id: str
    spec: JobSpec
    wanted: Requirements
    main: Service
    again: tuple[Service, ...] = ()

    @property
    def services(self) -> tuple[Service, ...]:
        """All of them."""
        return (self.main, *self.again)

    @property
    def stopped(self) -> str:
        """Why the job was stopped; '' where it was not."""
        return self.main.stopped


def job_service(
    job: str,
    spec: JobSpec,
    image: Image,
    network: str,
    created: float,
    *,
    places: Iterable[str] = (),
) -> Json:
    """The service that runs a new job; `network` is one that leads nowhere.

    `places`: constraints beside those of the image.
    """
    resources = {
        "Limits": {
            "NanoCPUs": _nano(spec.cpus),
            "MemoryBytes": spec.memory,
            "Pids": PIDS,
        },
        # Completed tasks go on counting (moby#52652). Once they have reserved more than a node has,
        # each change of it rejects all that run there; a job's network that comes or goes with a
        # task is a change, so that twenty jobs at 40 MB a task kept a swarm from any work.
        "Reservations": {
            "NanoCPUs": _nano(reserved_cpus(spec)),
            "MemoryBytes": reserved_memory(spec),
        },
    }
    template = {
        "ContainerSpec": {
            **container(image.reference, _arguments(spec), [UNIT_VARIABLE + "={{.Task.Slot}}"]),
            # By which they are known where the service is gone, and they are not.
            "Labels": {JOB: job},
        },
        "Resources": resources,
        # No MaxAttempts: for a job Swarm frees the slot of a unit that has used them up, and then
        # starts it anew at once and for ever. Whoever looks at the job counts the failures.
        "RestartPolicy": {"Condition": "on-failure", "Delay": _RETRY_NANOSECONDS},
        "Placement": {
            "Constraints": [*image.constraints, *places],
            "Platforms": sent(image.platforms),
        },
        "Networks": [{"Target": network}],
        "LogDriver": {"Name": "json-file", "Options": {"max-size": "10m", "max-file": "3"}},
    }
    return {
        "Name": job,
        "Labels": {JOB: job, SPEC: spec.to_json(), CREATED: f"{created:.3f}"},
        "TaskTemplate": template,
        "Mode": _mode(completions=spec.units, at_once=min(spec.replicas, spec.units)),
        # A virtual address would be one of the network's, and nobody asks for it.
        "EndpointSpec": {"Mode": "dnsrr"},
    }


def _arguments(spec: JobSpec) -> list[str]:
    """The solver's; into which parts a count is cut is a matter of its version."""
    expected = ["--expect", VERSION] if spec.question.count_mates else []
    return [*spec.arguments, *expected]


def container(image: str, arguments: Sequence[str], environment: Sequence[str]) -> Json:
    """A container that may do nothing but compute, and write to its output."""
    return {
        "Image": image,
        "Args": list(arguments),
        "Env": list(environment),
        "User": _NOBODY,
        "ReadOnly": True,
        "CapabilityDrop": ["ALL"],
        # Daemons before Docker 25 do not know this one, and ignore it.
        "Privileges": {"NoNewPrivileges": True},
        # Docker's own resolver would ask the host's for any name (CVE-2024-29018): it asks nobody.
        "DNSConfig": {"Nameservers": ["127.0.0.1"]},
        "StopGracePeriod": _STOP_NANOSECONDS,
    }


def again_service(
    job: SwarmJob, main: Json, unit: int, checkpoint: str = "", avoided: Iterable[str] = ()
) -> Json:
    """The service that runs one unit of a job again, from the very image that ran it before.

    `main`: all that Docker tells of the job's own service. With a `checkpoint` the new one gives
    only what is left of the unit. `avoided`: ids of nodes that are not to run it. Its name numbers
    the times: of two consoles that make it at once, one is refused.
    """
    times = sum(service.unit == unit for service in job.again)
    template = copy.deepcopy(main["Spec"]["TaskTemplate"])
    template["ContainerSpec"]["Env"] = [f"{UNIT_VARIABLE}={unit}"]
    if checkpoint:
        template["ContainerSpec"]["Args"] += ["--checkpoint", checkpoint]
    template["ForceUpdate"] = 0
    template["Placement"]["Constraints"] = [
        *(template["Placement"].get("Constraints") or ()),
        *(f"{AVOIDED}{node}" for node in sorted(avoided)),
    ]
    return {
        "Name": f"{job.id}-u{unit}-{times + 1}",
        "Labels": {JOB: job.id, UNIT: str(unit)},
        "TaskTemplate": template,
        "Mode": ONCE,
        "EndpointSpec": {"Mode": "dnsrr"},
    }


def held_service(service: Json) -> Json:
    """The update by which Swarm makes no more tasks for a service; what it has made goes on."""
    spec: Json = copy.deepcopy(service["Spec"])
    spec["Mode"]["ReplicatedJob"]["MaxConcurrent"] = 0
    return spec


def stopped_service(service: Json, why: str) -> Json:
    """The update that stops a service's tasks: nothing left to complete.

    Swarm removes the tasks that were running, and their logs; ended ones and their logs stay.
    """
    spec: Json = copy.deepcopy(service["Spec"])
    spec["Labels"] = {**spec.get("Labels", {}), STOPPED: why}
    spec["Mode"] = _mode(completions=0, at_once=0)
    return spec


def find_jobs(services: Iterable[Json]) -> tuple[SwarmJob, ...]:
    """The squarm jobs among services; what bears our label but is no job of ours is left out."""
    found: dict[str, SwarmJob] = {}
    again: dict[str, list[Service]] = {}
    for service in services:
        labels = labels_of(service)
        job = labels.get(JOB, "")
        if not _JOB_ID.fullmatch(job) or "ReplicatedJob" not in service["Spec"].get("Mode", {}):
            continue
        if UNIT in labels:
            if labels[UNIT].isascii() and labels[UNIT].isdigit():
                again.setdefault(job, []).append(read_service(service))
            continue
        try:
            spec = JobSpec.from_json(labels.get(SPEC, ""))
        except SpecError:
            continue
        found[job] = SwarmJob(job, spec, read_requirements(service, spec), read_service(service))
    return tuple(
        replace(job, again=tuple(again[job.id])) if job.id in again else job
        for job in found.values()
    )


def unit_of(service: Service, task: Task) -> int:
    """The unit a task runs: its slot, or that of a service of one unit."""
    return task.slot if service.unit is None else service.unit


def task_view(service: Service, task: Task, nodes: Mapping[str, NodeView]) -> TaskView:
    """A task as squarm shows it."""
    state = _STATES.get(task.state, TaskState.PENDING)
    if task.error == ENFORCED and task.exited_well:
        # It is the node that changed: the task had done its work.
        state = TaskState.COMPLETE
    node = nodes.get(task.node)
    if state in LIVE and task.node and (node is None or node.state == "down"):
        # Docker goes on calling it what it was when its node was last heard of.
        state = TaskState.STOPPED
    away = bool(task.node) and (node is None or node.state != "ready")
    return TaskView(
        id=task.id,
        unit=unit_of(service, task),
        node=node.name if node else "",
        state=state,
        error=task.error,
        started=task.created,
        # What was rejected has written nothing.
        unreadable=away and state not in LIVE and task.state != "rejected",
    )


def job_view(
    job: SwarmJob, tasks: Mapping[str, Sequence[Task]], nodes: Mapping[str, NodeView]
) -> JobView:
    """A job as squarm shows it, from its services' tasks (by service id) and the swarm's nodes."""
    views: list[TaskView] = []
    starting = again = False
    for service in job.services:
        found = tasks.get(service.id, ())
        ours = [task_view(service, task, nodes) for task in found]
        views += ours
        starting = starting or any(task.state in IN_TRANSIT for task in found)
        if service is not job.main and not service.stopped:
            done_again = any(view.state is TaskState.COMPLETE for view in ours)
            at_work = not found or any(view.state in LIVE for view in ours)
            again = again or (at_work and not done_again)
    views.sort(key=lambda view: view.started)
    done = {view.unit for view in views if view.state is TaskState.COMPLETE}
    whole = len(done) >= job.spec.units
    running = any(view.state is TaskState.RUNNING for view in views) or (starting and bool(done))
    state, why = JobState.PENDING, ""
    units_done = job.spec.units if job.stopped == KEPT else len(done)
    if job.stopped == KEPT or (whole and not again):
        state = JobState.COMPLETE
    elif job.stopped:
        state = JobState.CANCELLED if job.stopped == CANCELLED else JobState.FAILED
        why = "" if job.stopped == CANCELLED else job.stopped
    elif running or whole:
        state = JobState.RUNNING
    else:
        why = explain(job, views, tuple(nodes.values()))
    return JobView(job.id, job.spec, state, job.main.created, units_done, tuple(views), why)


def explain(job: SwarmJob, views: Sequence[TaskView], nodes: Sequence[NodeView]) -> str:
    """Why a job of which nothing runs does not go on; '' where Docker says nothing (yet)."""
    for view in reversed(views):
        if view.state is TaskState.PENDING and (
            why := explain_pending(view.error, job.wanted, nodes)
        ):
            return why
    for view in reversed(views):
        if view.state is TaskState.FAILED and (why := explain_failing(view.error, job.wanted)):
            return why
    return ""


def settled(service: Service, tasks: Sequence[Task]) -> bool:
    """True once nothing can change any more for a service and its tasks."""
    states = [task.state for task in tasks]
    return states.count("complete") >= service.completions and all(
        state in _ENDED for state in states
    )


def slot_failures(service: Service, tasks: Iterable[Task]) -> dict[int, int | None]:
    """How often each unit of a service has failed; None for one that has completed.

    That a node's change has rejected a task is no failure of its unit: Swarm counts what completed
    jobs reserved, and so rejects a node's tasks, again and again, where many jobs are begun.
    """
    failures: dict[int, int | None] = {}
    for task in tasks:
        unit = unit_of(service, task)
        before = failures.get(unit, 0)
        if task.state == "complete" or before is None:
            failures[unit] = None
        else:
            failed = _STATES.get(task.state) is TaskState.FAILED
            failures[unit] = before + (failed and task.error != ENFORCED)
    return failures


def _mode(completions: int, at_once: int) -> Json:
    return {"ReplicatedJob": {"MaxConcurrent": at_once, "TotalCompletions": completions}}


def _nano(cpus: float) -> int:
    return round(cpus * 10**9)
