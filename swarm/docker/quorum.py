"""Whether a swarm keeps a majority of its managers through a change. Pure.

A swarm of N managers can be managed while more than half of the N can be reached. One more than an
odd number makes it no stronger, and one that is down counts among the N until it is demoted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from swarm.engine import NodeView


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many managers a swarm has, and how many of them can be reached."""

    managers: int
    reachable: int

    @property
    def holds(self) -> bool:
        """Whether it can be managed."""
        return self.reachable * 2 > self.managers


def quorum(nodes: Iterable[NodeView]) -> Quorum:
    """The quorum of a swarm."""
    managers = [node for node in nodes if is_manager(node)]
    return Quorum(len(managers), sum(map(_reachable, managers)))


def is_manager(node: NodeView) -> bool:
    """Whether it is one of the managers."""
    return node.role in ("leader", "manager")


def why_not_demote(nodes: Iterable[NodeView], node: NodeView) -> str:
    """Why a manager must stay one, in one sentence; '' where it may become a worker."""
    listed = tuple(nodes)
    before = quorum(listed)
    if not is_manager(node):
        return f"{node.name} is a worker already."
    if before.managers == 1:
        return f"{node.name} is the only manager: promote another node first."
    if not before.holds:
        return _lost(before)
    after = Quorum(before.managers - 1, before.reachable - _reachable(node))
    if after.holds:
        return ""
    return (
        f"without {node.name} the swarm would have {after.reachable} of {after.managers} managers, "
        "which is no majority, and could not be managed any more: bring the lost manager back, or "
        "demote it, first."
    )


def why_not_promote(nodes: Iterable[NodeView], node: NodeView) -> str:
    """Why a worker must not become a manager, in one sentence; '' where it may."""
    before = quorum(nodes)
    if is_manager(node):
        return f"{node.name} is a manager already."
    if not before.holds:
        return _lost(before)
    if node.state != "ready":
        return f"{node.name} is {node.state}: a manager that is not there weakens the swarm."
    return ""


def advice(after: Quorum) -> str:
    """What to say about a number of managers, in one sentence; '' where it is a good one."""
    if after.managers > 1 and after.managers % 2 == 0:
        return (
            f"{after.managers} managers stand the loss of no more than {after.managers - 1} would: "
            "make it an odd number."
        )
    if after.managers > 7:
        return f"{after.managers} managers slow one another down: 3 or 5 are enough."
    return ""


def _reachable(node: NodeView) -> bool:
    return node.reachability == "reachable"


def _lost(now: Quorum) -> str:
    return (
        f"only {now.reachable} of {now.managers} managers can be reached, which is no majority: "
        "bring one back first."
    )
