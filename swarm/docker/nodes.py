"""The swarm's nodes as squarm shows them; with its load, the one that squarm itself runs on."""

import platform
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import psutil

from base.text import clean_text
from swarm.docker.membership import Manager
from swarm.docker.objects import Task
from swarm.docker.refusals import plain
from swarm.docker.services import EARLY
from swarm.engine import NodeView
from swarm.platforms import machine_platform

_REFUSALS = 3
"""Tasks rejected one after the other, after which a node is said to run none."""
_AT_ONCE = 0.5
"""Seconds between two tasks for one place that no failure has come between."""
_TWICE = (
    "Docker there leads the swarm for a second time, and has each unit run twice (moby#53632): "
    "start Docker there anew, or reboot it (squarm node reboot {name})."
)
_MOST_LABELS = 32
_TELLING = ("rejected", "running", "complete", "failed")
"""States that tell whether a node runs tasks."""


@dataclass(frozen=True, slots=True)
class HostLoad:
    """What the node `node` has in use now: `cpu` from 0 to 1, `memory` in bytes."""

    node: str
    cpu: float
    memory: int


def load_of_this_host(manager: Manager) -> HostLoad | None:
    """The manager's load, if it is this host: a socket may be forwarded from elsewhere."""
    memory = psutil.virtual_memory()
    if manager.name != platform.node() or abs(manager.memory - memory.total) > memory.total // 100:
        return None
    used = memory.total - memory.available
    return HostLoad(manager.node, psutil.cpu_percent(interval=None) / 100, used)


def node_view(node: dict[str, Any], load: HostLoad | None) -> NodeView:
    """One node from Docker's listing."""
    description = node.get("Description") or {}
    host = description.get("Platform") or {}
    resources = description.get("Resources") or {}
    status = node.get("Status") or {}
    engine = description.get("Engine") or {}
    managing = node.get("ManagerStatus") or {}
    leads = managing.get("Leader", False)
    here = load if load is not None and load.node == node["ID"] else None
    return NodeView(
        id=node["ID"],
        name=clean_text(description.get("Hostname", ""), 64) or node["ID"],
        address=clean_text(status.get("Addr", ""), 64),
        role="leader" if leads else clean_text(node["Spec"].get("Role", ""), 32),
        availability=clean_text(node["Spec"].get("Availability", ""), 32),
        state=clean_text(status.get("State", "unknown"), 32),
        platform=clean_text(machine_platform(host.get("OS", ""), host.get("Architecture", "")), 40),
        cpus=int(resources.get("NanoCPUs", 0)) // 10**9,
        memory=int(resources.get("MemoryBytes", 0)),
        cpu_used=here.cpu if here else None,
        memory_used=here.memory if here else None,
        here=here is not None,
        reachability=clean_text(managing.get("Reachability", ""), 32),
        labels=_labels(node["Spec"].get("Labels") or {}),
        docker=clean_text(engine.get("EngineVersion", ""), 40),
    )


def _labels(given: Mapping[str, str]) -> dict[str, str]:
    some = sorted(given.items())[:_MOST_LABELS]
    return {clean_text(name, 64): clean_text(value, 64) for name, value in some}


def refusing_nodes(tasks: Iterable[Task]) -> dict[str, str]:
    """Nodes whose last few tasks were all rejected there, by id, with what Docker said last."""
    by_node: defaultdict[str, list[tuple[float, str, str]]] = defaultdict(list)
    for task in tasks:
        if task.node and task.state in _TELLING:
            by_node[task.node].append((task.created, task.state, task.error))
    found = {}
    for node, seen in by_node.items():
        last = sorted(seen)[-_REFUSALS:]
        if len(last) == _REFUSALS and all(state == "rejected" for _, state, _ in last):
            found[node] = last[-1][2]
    return found


def made_twice(tasks: Iterable[Task]) -> bool:
    """Whether Swarm makes two of a job's tasks at once where one is due.

    A leader that led before does so until Docker there is started anew (moby#53632).
    """
    by_slot: defaultdict[int, list[float]] = defaultdict(list)
    for task in tasks:
        if task.state not in EARLY:
            by_slot[task.slot].append(task.created)
    pairs = (pair for times in by_slot.values() for pair in pairwise(sorted(times)))
    return any(later - earlier < _AT_ONCE for earlier, later in pairs)


def with_problems(
    nodes: Iterable[NodeView], refusing: Mapping[str, str], *, twice: bool = False
) -> list[NodeView]:
    """The nodes; those that take tasks and run none say so; `twice`: so does the leader."""
    found = []
    for node in nodes:
        problem = node.problem
        if node.id in refusing and node.takes_tasks:
            problem = _refusing(node, refusing[node.id])
        elif twice and node.role == "leader":
            problem = _TWICE.format(name=shlex.quote(node.name))
        found.append(replace(node, problem=problem))
    return found


def _refusing(node: NodeView, said: str) -> str:
    # One whose name is not its alone has a part of its id behind a space.
    way_out = f"reboot it (squarm node reboot {shlex.quote(node.name)})"
    if "no such image" in said.lower():
        way_out = "bring the image back (squarm provision)"
    elif "no space left" in said.lower():
        return "Its card is full, and no task can start: make room there, or drain it."
    return f"Docker there rejects every task ({plain(said)}): {way_out}, or drain it."


def told_apart(nodes: Sequence[NodeView]) -> tuple[NodeView, ...]:
    """The nodes, with the beginning of its id in the name of each whose name is not its alone."""
    names = Counter(node.name for node in nodes)
    return tuple(
        node if names[node.name] == 1 else replace(node, name=f"{node.name} {node.id[:5]}")
        for node in nodes
    )
