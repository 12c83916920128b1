"""Docker's services and tasks, as much of them as squarm reads.

A swarm forgets no job by itself, and a listing that is kept holds all there are: what is made of
Docker's own answer takes ten times as much.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from base.text import clean_text, shorten
from base.times import bounded_time
from swarm.docker.explain import Requirements, reserved_cpus
from swarm.job import JobSpec

Json: TypeAlias = dict[str, Any]
"""An object of Docker's API, as docker-py gives and takes it."""

JOB = "squarm.job"
SPEC = "squarm.spec"
CREATED = "squarm.created"
UNIT = "squarm.unit"
SERVICE = "com.docker.swarm.service.id"
"""The label of containers by which their service is known."""
STOPPED = "squarm.stopped"
"""On a job that was stopped: `CANCELLED`, `KEPT`, or the sentence why it was given up."""
ENFORCED = "assigned node no longer meets constraints"
"""What is said of a task, be it one that has completed, that a node's change rejects."""
_ERROR = 500
"""Characters of what Docker says of a failure."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a job; `unit`: the one that it runs again, None where it runs all.

    `created`: seconds since the epoch. `stopped`: why it was told to complete nothing more, ''
    where it was not. It runs `completions` tasks to their end, `at_once` of them at a time.
    """

    id: str
    version: int
    unit: int | None
    created: float
    stopped: str
    completions: int
    at_once: int

    @property
    def held(self) -> bool:
        """Whether it makes no more tasks."""
        return not self.at_once


@dataclass(frozen=True, slots=True)
class Task:
    """A task; `node` is an id, '' for none yet, `state` Docker's word, `created` as of a service.

    `exited_well`: whether its container had ended by itself, with success.
    """

    id: str
    slot: int
    node: str
    created: float
    state: str
    error: str
    exited_well: bool


def read_service(service: Json) -> Service:
    """A service of a listing, one that runs jobs."""
    labels = labels_of(service)
    mode = service["Spec"]["Mode"]["ReplicatedJob"]
    return Service(
        id=service["ID"],
        version=service["Version"]["Index"],
        unit=int(labels[UNIT]) if UNIT in labels else None,
        created=_created(service),
        stopped=clean_text(labels.get(STOPPED, ""), 400),
        completions=mode.get("TotalCompletions", 0),
        at_once=mode.get("MaxConcurrent", 0),
    )


def read_task(task: Json) -> Task:
    """A task of a listing."""
    status = task["Status"]
    return Task(
        id=task["ID"],
        # Slots of a job start at 0, and Docker leaves out a slot of 0.
        slot=int(task.get("Slot", 0)),
        node=sys.intern(task.get("NodeID", "")),
        created=seconds(task["CreatedAt"]),
        state=sys.intern(status["State"]),
        error=shorten(clean_text(status.get("Err", "")), _ERROR),
        exited_well=_exited_well(status),
    )


def read_requirements(service: Json, spec: JobSpec) -> Requirements:
    """What the tasks of a job's service ask of a node."""
    template = service["Spec"].get("TaskTemplate") or {}
    placement = template.get("Placement") or {}
    platforms = placement.get("Platforms") or ()
    # What bears our labels need not be made of a container.
    image = (template.get("ContainerSpec") or {}).get("Image", "")
    return Requirements(
        image=clean_text(image.partition("@")[0], 120),
        cpus=reserved_cpus(spec),
        memory=spec.memory,
        where=clean_text(spec.where, 120),
        constraints=tuple(clean_text(rule, 120) for rule in placement.get("Constraints") or ()),
        platforms=tuple(
            clean_text(f"{platform.get('OS', '')}/{platform.get('Architecture', '')}", 40)
            for platform in platforms
        ),
    )


def labels_of(service: Json) -> Mapping[str, str]:
    """The labels of a service."""
    return service["Spec"].get("Labels") or {}


def seconds(stamp: str) -> float:
    """Seconds since the epoch of one of Docker's RFC 3339 times; 0 for what is none."""
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return 0.0


def _created(service: Json) -> float:
    """When it was started, by the clock of who started it; by Docker's where that is no time."""
    told = None
    with suppress(ValueError):
        told = bounded_time(float(labels_of(service).get(CREATED, "")))
    return seconds(service["CreatedAt"]) if told is None else told


def _exited_well(status: Json) -> bool:
    container = status.get("ContainerStatus") or {}
    ended = bool(container.get("ContainerID")) and not container.get("PID")
    return ended and container.get("ExitCode", 0) == 0
