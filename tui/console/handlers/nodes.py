"""Actions on nodes of the swarm."""

from collections.abc import Sequence

from swarm.engine import NodeView
from tui.console.handlers.provisioning import run_screen
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.panes.nodes import NodesPane


def _node_at_hand(context: HandlerContext, name: str) -> NodeView | None:
    """The node of this name, or that under the cursor; says so where there is none."""
    row = context.model.node(name) if name else context.front.node_at_hand()
    if row is None or row.node is None or not context.model.on_swarm:
        what = f"{row.name} is" if row else "This is"
        context.say(f"{what} no node of a swarm: p makes Pis nodes of one.", "warning")
        return None
    return row.node


def _picked(context: HandlerContext, name: str) -> Sequence[NodeView]:
    """The node of this name, those marked, or that under the cursor; says so where none is."""
    pane = context.front.chosen
    if isinstance(pane, NodesPane) and not name and context.model.on_swarm:
        found = [row.node for row in pane.picked() if row.node]
        if found:
            return found
    node = _node_at_hand(context, name)
    return [node] if node else []


@handles("drain")
def drain(context: HandlerContext, argument: str) -> None:
    """Take a node's tasks away; give it tasks again where they were taken."""
    from operations import nodes

    if (node := _node_at_hand(context, argument)) is not None:
        make = nodes.drain if node.availability == "active" else nodes.activate
        context.changes.make(lambda: make(context.provisioning.cluster, node))


@handles("role")
def change_role(context: HandlerContext, argument: str) -> None:
    """Make a worker a manager, a manager a worker."""
    from operations import nodes

    if (node := _node_at_hand(context, argument)) is not None:
        make = nodes.promote if node.role == "worker" else nodes.demote
        context.changes.make(lambda: make(context.provisioning.cluster, node))


@handles("leave")
def leave_swarm(context: HandlerContext, argument: str) -> None:
    """Take a node out of the swarm, a dead one too."""
    from operations import nodes

    if (node := _node_at_hand(context, argument)) is not None:
        context.changes.make(lambda: nodes.leave(context.provisioning.cluster, node))


@handles("reboot")
def reboot(context: HandlerContext, argument: str) -> None:
    """Restart a node's machine."""
    from operations import nodes

    if (node := _node_at_hand(context, argument)) is not None:
        everyone = context.model.nodes
        context.changes.make(lambda: nodes.reboot(context.provisioning.cluster, node, everyone))


@handles("upgrade")
def upgrade(context: HandlerContext, argument: str) -> None:
    """Bring the packages of nodes up to date, one node after the other."""
    from operations import provisioning

    if chosen := _picked(context, argument):
        runs, credentials = context.provisioning.runs, context.logins.credentials()
        origin = context.front

        def begun(run: str) -> None:
            context.open_over(origin, run_screen(context, run))

        context.changes.make(
            lambda: provisioning.upgrade(runs, chosen, credentials, context.model.pis), begun
        )
