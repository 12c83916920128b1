"""The machines that run tasks, one a row."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from swarm.engine import NodeView, TaskState
from swarm.report import Snapshot
from tui.console.columns import Column
from tui.console.look import DIM, PLAIN, VALUE, load_style, node_is_up, node_look
from tui.console.panes.table import TablePane
from tui.console.spans import Span, bar, bytes_text


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node and how many tasks run on it."""

    node: NodeView
    tasks: int


def node_rows(snapshot: Snapshot) -> list[NodeRow]:
    """The snapshot's nodes with their running tasks counted."""
    running: dict[str, int] = {}
    for row in snapshot.jobs:
        for task in row.job.tasks:
            if task.state is TaskState.RUNNING:
                running[task.node] = running.get(task.node, 0) + 1
    return [
        NodeRow(node, running.get(node.name, 0) or running.get(node.id, 0))
        for node in snapshot.nodes
    ]


def _name(row: NodeRow, _width: int) -> list[Span]:
    glyph, style = node_look(row.node)
    return [(f"{glyph} ", style), (row.node.name, VALUE)]


def _state(row: NodeRow, _width: int) -> list[Span]:
    # A node that answers but takes no tasks shows that, for the next column may not be shown.
    node = row.node
    idle = node_is_up(node) and node.availability != "active"
    return [(node.availability if idle else node.state, node_look(node)[1])]


def _availability(row: NodeRow, _width: int) -> list[Span]:
    return [(row.node.availability, PLAIN)]


def _load(share: float, label: str, width: int) -> list[Span]:
    line = bar([(min(1.0, share), "━", load_style(share))], max(3, width - len(label) - 1))
    return [*line, (f" {label}", PLAIN)]


def _cpu(row: NodeRow, width: int) -> list[Span]:
    node = row.node
    if node.cpu_used is None:
        return [(f"{node.cpus} cores", DIM)]
    return _load(node.cpu_used, f"{node.cpu_used:4.0%}", width)


def _memory(row: NodeRow, width: int) -> list[Span]:
    node = row.node
    if node.memory_used is None:
        return [(bytes_text(node.memory), DIM)]
    share = node.memory_used / max(1, node.memory)
    if width < 20:
        return _load(share, f"{share:4.0%}", width)
    return _load(share, f"{bytes_text(node.memory_used):>5} of {bytes_text(node.memory)}", width)


class NodesPane(TablePane[NodeRow]):
    """The machines that run tasks."""

    columns: Sequence[Column[NodeRow]] = (
        Column("NODE", 14, 9, _name, grow=1),
        Column("ROLE", 8, 5, lambda row, _: [(row.node.role, PLAIN)]),
        Column("STATE", 7, 7, _state),
        Column("AVAIL", 7, 4, _availability),
        Column("CPU", 10, 8, _cpu, grow=1),
        Column("MEMORY", 10, 7, _memory, grow=1),
        Column("TASKS", 5, 3, lambda row, _: [(str(row.tasks), PLAIN)], right=True),
        Column("PLATFORM", 12, 2, lambda row, _: [(row.node.platform, DIM)]),
        Column("ADDRESS", 15, 1, lambda row, _: [(row.node.address, DIM)]),
    )

    def key_of(self, row: NodeRow) -> Hashable:
        """A node is known by its id; names may repeat."""
        return row.node.id

    def text_of(self, row: NodeRow) -> str:
        """All its words."""
        node = row.node
        words = (node.name, node.role, node.state, node.availability, node.platform, node.address)
        return " ".join(words)

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty list."""
        if self.needle:
            return [[("No node matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return [[("No nodes reported yet.", DIM)]]
