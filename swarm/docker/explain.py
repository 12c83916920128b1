"""Why a job on the swarm does not go on: one sentence, with a way out, from what Docker says.

Docker says it in the error texts of tasks: `no suitable node (insufficient resources on 3 nodes;
unsupported platform on 1 node)` while one is pending, the failure itself once one was rejected.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from base.text import clean_text, shorten, size_text
from solver import VERSION
from swarm.docker.images import LOADED_MARK, MARK
from swarm.engine import NodeView
from swarm.job import USUAL_MEMORY, JobSpec

_QUOTE = 320
_NO_IMAGE = ("no such image", "pull access denied", "manifest unknown", "repository does not exist")
_WRONG_PLATFORM = ("exec format error", "no matching manifest")
_KILLED = ("non-zero exit (137)", "oom", "out of memory")
_REFUSED = "non-zero exit (2)"
_CONSTRAINT = "scheduling constraints not satisfied"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What each task of a job asks of a node: `cpus` and `memory` (bytes) are its reservation.

    `where`: the job's own rules on nodes, part of the `constraints`; '' for none.
    """

    image: str
    cpus: float
    memory: int
    constraints: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    where: str = ""

    @property
    def pinned(self) -> bool:
        """True where one node alone is meant."""
        return any(rule.startswith("node.id==") for rule in self.constraints)


def reserved_cpus(spec: JobSpec) -> float:
    """The cores that a task of `spec` must find free: several in full, and nothing of a single one.

    A core can be shared; but a limit above a node's own cores is refused by Docker there and then.
    """
    return spec.cpus if spec.cpus > 1 else 0.0


def reserved_memory(spec: JobSpec) -> int:
    """The bytes that a task of `spec` must find free: none where it asks for what is usual."""
    return spec.memory if spec.memory > USUAL_MEMORY else 0


def explain_pending(error: str, wanted: Requirements, nodes: Sequence[NodeView]) -> str:
    """Why the scheduler finds no node, from the error of a pending task; '' where it says none."""
    if not error.startswith("no suitable node"):
        return ""
    active = [node for node in nodes if node.takes_tasks]
    if not active:
        return (
            "No node is ready to take tasks: all are down, paused or drained; start one, or set "
            "one active (docker node update --availability active NODE)."
        )
    reasons = {words: say for words, say in _FILTERS.items() if words in error}
    if len(reasons) > 1 and wanted.pinned:
        # The other nodes were never meant: what counts is what the one lacks.
        reasons.pop(_CONSTRAINT, None)
    if len(reasons) == 1:
        return next(iter(reasons.values()))(wanted, active)
    summary = re.sub(r"^no suitable node \((.*)\)$", r"\1", _quoted(error))
    return f"No node takes the job ({summary}): add a node that fits, or start a smaller job."


def explain_failing(error: str, wanted: Requirements) -> str:
    """Why tasks are rejected or fail, from the error of one that did; '' where it says none."""
    image = wanted.image
    said = error.lower()
    if any(words in said for words in _NO_IMAGE):
        return (
            f"The image {image} is not on the node and cannot be pulled there: push it to a "
            "registry that every node reaches, or load it on each (docker load)."
        )
    if any(words in said for words in _WRONG_PLATFORM):
        return (
            f"The image {image} is not made for the node's processor: build it for that platform "
            "(docker build --platform)."
        )
    if "range of cpus is from" in said:
        return f"A node has fewer than the {wanted.cpus:g} cores asked for: ask for fewer."
    if _REFUSED in said:
        return (
            f"The solver in the image {image} does not take the job: it is another version than "
            f"squarm's own ({VERSION}). Bring that one to the nodes (squarm image roll, or squarm "
            "provision), then start the job anew."
        )
    if was_killed(error):
        return (
            f"The solver was killed, most likely for want of memory ({size_text(wanted.memory)} "
            "allowed): start the job with more."
        )
    return f"Its tasks fail: {_quoted(error)}." if error else ""


def was_killed(error: str) -> bool:
    """Whether Docker says of a task that its solver was killed."""
    return any(words in error.lower() for words in _KILLED)


def _resources(wanted: Requirements, active: Sequence[NodeView]) -> str:
    most_memory = max(node.memory for node in active)
    most_cpus = max(node.cpus for node in active)
    if wanted.memory > most_memory:
        return (
            f"No node has {size_text(wanted.memory)} of memory (the largest has "
            f"{size_text(most_memory)}): start the job with less."
        )
    if wanted.cpus > most_cpus:
        return (
            f"No node has {wanted.cpus:g} cores (the largest has {most_cpus}): start the job "
            "with fewer."
        )
    cores = f" and {wanted.cpus:g} cores" if wanted.cpus else ""
    return (
        f"No node has {size_text(wanted.memory)} of memory{cores} free: "
        "wait for other jobs to end, cancel one, or ask for less."
    )


def _platform(wanted: Requirements, active: Sequence[NodeView]) -> str:
    have = ", ".join(sorted({node.platform for node in active}))
    made_for = ", ".join(wanted.platforms) or "another platform"
    return (
        f"The image {wanted.image} is made for {made_for}, the nodes are {have}: build it for "
        "theirs (docker build --platform)."
    )


def _constraint(wanted: Requirements, _active: Sequence[NodeView]) -> str:
    rules = ", ".join(wanted.constraints)
    if wanted.where:
        return (
            f"No node that has the image and takes tasks now is one of those asked for "
            f"({wanted.where}): set one active, or start the job anew with other rules."
        )
    if wanted.pinned:
        return (
            f"The image {wanted.image} was only on the node the job was started on, and that node "
            "takes no tasks now: set it active, or push the image to a registry and start anew."
        )
    if f"node.labels.{MARK}==" in rules:
        return (
            f"No node that has the image {wanted.image} takes tasks now: set one active, or carry "
            "the image to others (squarm provision)."
        )
    if f"node.labels.{LOADED_MARK}" in rules:
        return (
            f"No node that has the image {wanted.image} takes tasks now: set one active, or bring "
            "the image to others (squarm image load)."
        )
    return f"No node meets the job's constraint ({rules}): give one the label it asks for."


_FILTERS: dict[str, Callable[[Requirements, Sequence[NodeView]], str]] = {
    "insufficient resources": _resources,
    "unsupported platform": _platform,
    _CONSTRAINT: _constraint,
}
"""The words of Docker's scheduler, and what they mean."""


def _quoted(error: str) -> str:
    return shorten(clean_text(error), _QUOTE).strip().rstrip(".")
