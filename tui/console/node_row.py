"""A machine as the nodes screen shows it: Pi on the network and node of the swarm, joined."""

import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from fleet.pi_state import PiState
from results.reports import Snapshot
from swarm.engine import NodeView, TaskState

if TYPE_CHECKING:
    from fleet.alert_log import Alert

    # Imported in earnest, they would bring asyncssh before the first paint.
    from fleet.metrics.samples import Sample
    from fleet.snapshot import FleetSnapshot, PiView

HUES = 12
"""Job colours that can be told apart."""


@dataclass(frozen=True, slots=True)
class TaskOn:
    """A task that runs on a machine."""

    job: str
    unit: int

    @property
    def hue(self) -> int:
        """Which of HUES colours its job has, on every screen and in every run."""
        return zlib.crc32(self.job.encode()) % HUES


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """Alerts that hold, and those that have ended, each with when that was."""

    holding: "tuple[Alert, ...]" = ()
    ended: "tuple[tuple[Alert, float], ...]" = ()

    def of(self, ids: frozenset[str]) -> "AlertHistory":
        """Those of one machine, by all the ids that it has."""
        if not self.holding and not self.ended:
            return self
        return AlertHistory(
            tuple(alert for alert in self.holding if alert.machine in ids),
            tuple((alert, at) for alert, at in self.ended if alert.machine in ids),
        )


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A Pi, a node, or both; `found_at` orders rows as they came; `age`: of the data, in seconds.

    `rate`: squares a minute. `progress`: how far what is being done to it is, '' for nothing.
    `sample` is None where nothing is measured, or no more.
    """

    key: str
    name: str
    address: str
    role: str
    pi: "PiView | None" = None
    node: NodeView | None = None
    tasks: tuple[TaskOn, ...] = ()
    rate: float = 0.0
    age: float | None = None
    place: int = 0
    marked: bool = False
    progress: str = ""
    alerts: AlertHistory = AlertHistory()

    @property
    def ids(self) -> frozenset[str]:
        """All that it is known by: as a machine of the network, and as a node of the swarm."""
        node = (self.node.id,) if self.node else ()
        return frozenset({self.key, *node})

    @property
    def sample(self) -> "Sample | None":
        """The newest measurement, while the Pi still answers."""
        return self.pi.sample if self.pi and self.pi.state is not PiState.LOST else None

    @property
    def cpu(self) -> float | None:
        """Busy share of the processor, from 0 to 1."""
        if self.sample:
            return self.sample.cpu
        return self.node.cpu_used if self.node else None

    @property
    def memory(self) -> int:
        """Bytes there are; 0 where unknown."""
        if self.sample and self.sample.memory:
            return self.sample.memory
        return self.node.memory if self.node else 0

    @property
    def memory_used(self) -> int | None:
        """Bytes in use."""
        if self.sample:
            return self.sample.memory_used
        return self.node.memory_used if self.node else None

    @property
    def temperature(self) -> float | None:
        """Degrees Celsius."""
        return self.sample.temperature if self.sample else None

    @property
    def stale(self) -> bool:
        """Whether what is shown is old."""
        return self.pi is not None and (self.pi.stale or self.pi.state is PiState.LOST)

    @property
    def waits_for_login(self) -> bool:
        """Whether it answers, and only a login is missing to see how it is."""
        pi = self.pi
        return bool(pi and pi.recognised and pi.state is PiState.REACHABLE and not pi.key_changed)


def place_of(key: object, rows: Sequence[NodeRow]) -> int | None:
    """Where the machine that had this key is: a node gets another when it is found as a Pi."""
    by_id = None
    for place, row in enumerate(rows):
        if row.key == key:
            return place
        if by_id is None and key in row.ids:
            by_id = place
    return by_id


def keys_of_today(keys: Collection[str], rows: Sequence[NodeRow]) -> frozenset[str]:
    """The keys that the machines which had these keys have by now; see `place_of`."""
    if not keys:
        return frozenset()
    today = {each: row.key for row in reversed(rows) for each in row.ids}
    today |= {row.key: row.key for row in rows}
    return frozenset(today[key] for key in keys if key in today)


def named(name: str, rows: Sequence[NodeRow]) -> list[NodeRow]:
    """The machines that are called so, or have this address or id."""
    return [row for row in rows if name in row.ids or name in (row.name, row.address)]


@dataclass(slots=True)
class NodeChoice:
    """What the user has marked, and the order chosen; every table of machines shows the same."""

    marked: frozenset[str] = frozenset()
    anchor: str = ""
    """The machine that was marked last."""
    sort: int | None = None
    """None until a table has been shown."""
    reverse: bool = False


def node_rows(
    snapshot: Snapshot | None,
    fleet: "FleetSnapshot | None",
    progress: Mapping[str, str] = MappingProxyType({}),
    alerts: AlertHistory = AlertHistory(),
) -> list[NodeRow]:
    """Every machine that is seen on the network or is in the swarm; the swarm's come first.

    `progress`: how far what is being done to nodes is, by their names.
    """
    tasks = _tasks(snapshot)
    rates = snapshot.node_rates if snapshot else {}
    nodes = {node.id: node for node in snapshot.nodes} if snapshot else {}
    rows = []
    for pi in fleet.pis if fleet else ():
        node = nodes.pop(pi.node, None)
        seen = pi.sampled or pi.heard
        row = NodeRow(pi.id, pi.name, pi.address, node.role if node else "", pi, node)
        # Whole seconds, as they are shown: a row that shows the same is the same.
        age = float(round(max(0.0, fleet.taken - seen))) if fleet and seen else None
        rows.append(replace(row, age=age))
    alone = [NodeRow(n.id, n.name, n.address, n.role, node=n) for n in nodes.values()]
    rows = sorted([*alone, *rows], key=_rank)
    return [
        replace(
            row,
            place=place,
            tasks=tuple(_of_node(row.node, tasks, [])),
            rate=_of_node(row.node, rates, 0.0),
            progress=progress.get(row.node.name, "") if row.node else "",
            alerts=alerts.of(row.ids),
        )
        for place, row in enumerate(rows)
    ]


_Value = TypeVar("_Value")


def _of_node(node: NodeView | None, values: Mapping[str, _Value], none: _Value) -> _Value:
    """A node's value; jobs name nodes by name, or by id where the name is not known yet."""
    return values.get(node.name, values.get(node.id, none)) if node else none


_RANKS = {"leader": 0, "manager": 1, "worker": 2, "local": 2}


def _rank(row: NodeRow) -> int:
    return _RANKS.get(row.role, 3)


def _tasks(snapshot: Snapshot | None) -> dict[str, list[TaskOn]]:
    running: defaultdict[str, list[TaskOn]] = defaultdict(list)
    for row in snapshot.jobs if snapshot else ():
        for task in row.job.tasks:
            if task.state is TaskState.RUNNING:
                running[task.node].append(TaskOn(row.job.id, task.unit))
    return running
