"""Actions on nodes of the swarm."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from swarm.engine import NodeView
from tui.console.handlers.chosen import on_one, on_several
from tui.console.handlers.provisioning import run_screen
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.node_row import NodeRow

if TYPE_CHECKING:
    from operations.operation import Operation


def _on_nodes(
    context: HandlerContext, rows: Sequence[NodeRow], act: Callable[[Sequence[NodeView]], None]
) -> None:
    """Act on machines that are nodes of the swarm; says so where one is none."""
    nodes = [row.node for row in rows if row.node and context.model.on_swarm]
    if len(nodes) == len(rows):
        act(nodes)
        return
    other = next(row for row in rows if row.node is None or not context.model.on_swarm)
    context.say(f"{other.name} is no node of a swarm: p makes Pis nodes of one.", "warning")


def _on_node(
    make: Callable[[HandlerContext, NodeView], "Operation[None]"],
) -> Callable[[HandlerContext, str], None]:
    """A handler that makes one change to the node meant."""

    def handler(context: HandlerContext, argument: str) -> None:
        def act(nodes: Sequence[NodeView]) -> None:
            context.changes.make(lambda: make(context, nodes[0]))

        on_one(context, argument, lambda row: _on_nodes(context, [row], act))

    return handler


def _drain(context: HandlerContext, node: NodeView) -> "Operation[None]":
    """Take a node's tasks away; give it tasks again where they were taken."""
    from operations import nodes

    make = nodes.drain if node.availability == "active" else nodes.activate
    return make(context.provisioning.cluster, node)


def _change_role(context: HandlerContext, node: NodeView) -> "Operation[None]":
    """Make a worker a manager, a manager a worker."""
    from operations import nodes

    make = nodes.promote if node.role == "worker" else nodes.demote
    return make(context.provisioning.cluster, node)


def _leave(context: HandlerContext, node: NodeView) -> "Operation[None]":
    """Take a node out of the swarm, a dead one too."""
    from operations import nodes

    return nodes.leave(context.provisioning.cluster, node)


def _reboot(context: HandlerContext, node: NodeView) -> "Operation[None]":
    """Restart a node's machine."""
    from operations import nodes

    return nodes.reboot(context.provisioning.cluster, node, context.model.nodes)


handles("drain")(_on_node(_drain))
handles("role")(_on_node(_change_role))
handles("leave")(_on_node(_leave))
handles("reboot")(_on_node(_reboot))


@handles("upgrade")
def upgrade(context: HandlerContext, argument: str) -> None:
    """Bring the packages of nodes up to date, one node after the other."""
    from operations import provisioning
    from provision.inventory import places

    origin = context.front

    def begun(run: str) -> None:
        context.open_over(origin, run_screen(context, run))

    def act(nodes: Sequence[NodeView]) -> None:
        runs, credentials = context.provisioning.runs, context.logins.credentials()
        today = places(context.model.pis)
        context.changes.make(lambda: provisioning.upgrade(runs, nodes, credentials, today), begun)

    on_several(context, argument, lambda rows: _on_nodes(context, rows, act))
