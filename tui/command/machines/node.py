"""`squarm node`: drain, activate, remove, promote, demote, upgrade, reboot nodes of the swarm."""

import argparse
from collections.abc import Callable
from functools import cache

from operations import nodes, provisioning
from operations.kinds import Kind
from operations.nodes import Cluster
from operations.operation import Operation
from provision.runs.runs import Runs
from swarm.engine import NodeView
from tui.command.front_end import admit, perform, perform_and_say
from tui.command.machines.follow_run import see_through
from tui.command.machines.login_options import add_login, read_credentials
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser, Run, subverbs

Change = Callable[[Cluster, NodeView, tuple[NodeView, ...]], Operation[None]]
"""What makes the change from the way to the nodes, the node, and all nodes."""


def add(parser: Parser) -> None:
    """Define what can be done to a node."""
    action = subverbs(parser, "what to do to a node")
    parser.add_examples(
        ("squarm node drain swarmost3", "before you take it away"),
        ("squarm node activate swarmost3", "once it is back"),
        ("squarm node promote swarmost1", "make it a manager"),
        ("squarm node demote swarmost1", "make it a worker again"),
        ("squarm node reboot swarmost2", "and wait until it is back"),
        ("squarm node remove swarmost3", "for good, also where it is dead"),
        ("squarm node upgrade swarmost1 swarmost2 --yes", "one after the other"),
    )

    def define(name: str, text: str, run: Run, nargs: str | None = None) -> Parser:
        added = action(name, text, run)
        added.add_argument("node", metavar="NODE", nargs=nargs, help="its name or id")
        return added

    draining = define(
        "drain",
        "move a node's tasks away, and give it no more",
        _runs(Kind.DRAIN, lambda cluster, node, _: nodes.drain(cluster, node)),
    )
    define(
        "activate",
        "give a node tasks again",
        _runs(Kind.ACTIVATE, lambda cluster, node, _: nodes.activate(cluster, node)),
    )
    removing = define(
        "remove",
        "drain a node, have it leave the swarm, forget it; a dead one, too",
        _runs(Kind.LEAVE, lambda cluster, node, _: nodes.leave(cluster, node)),
    )
    promoting = define(
        "promote",
        "make a worker a manager",
        _runs(Kind.PROMOTE, lambda cluster, node, _: nodes.promote(cluster, node)),
    )
    demoting = define(
        "demote",
        "make a manager a worker",
        _runs(Kind.DEMOTE, lambda cluster, node, _: nodes.demote(cluster, node)),
    )
    upgrading = define(
        "upgrade",
        "bring a node's packages up to date, once its tasks have moved",
        upgrade,
        nargs="+",
    )
    rebooting = define("reboot", "restart a node's machine", _runs(Kind.REBOOT, nodes.reboot))
    for asking in (draining, removing, promoting, demoting, upgrading, rebooting):
        add_yes(asking)
    for reaching in (removing, upgrading, rebooting):
        add_login(reaching)


def _runs(kind: Kind, change: Change) -> Run:
    """What does a verb's work: the change of that kind, to the node that was named."""

    async def run(arguments: argparse.Namespace) -> int:
        admit(arguments, kind)
        async with nodes.manager_here() as manager:
            node, everyone = await manager.find(arguments.node), await manager.nodes()
        # Asked for once, and only where a machine must be logged in to.
        cluster = Cluster.here(cache(lambda: read_credentials(arguments)))
        return await perform_and_say(arguments, change(cluster, node, everyone))

    return run


async def upgrade(arguments: argparse.Namespace) -> int:
    """Bring nodes up to date, one at a time, by the playbook, after asking."""
    admit(arguments, Kind.UPGRADE)
    async with nodes.manager_here() as manager:
        chosen = [await manager.find(text) for text in arguments.node]
    runs = Runs()
    operation = provisioning.upgrade(runs, chosen, read_credentials(arguments), {})
    done = await perform(arguments, operation)
    if done is None:
        return 1
    say(done.sentence)
    return await see_through(runs, done.value)
