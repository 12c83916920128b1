"""`squarm node`: drain, activate, remove, promote, demote, upgrade, reboot nodes of the swarm."""

import argparse
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

from base.errors import UsageError
from fleet.ssh.credentials import Credentials
from fleet.ssh.shell import Shell
from operations.node_deeds import NodeDeeds, Stage, caution
from provision import inventory_file
from provision.inventory import Inventory
from provision.runs.folder import RunRequest
from provision.runs.logins import secrets_for
from provision.runs.runs import Runs
from provision.ssh_session import host_of, shell_on
from swarm.docker.node_life import NodeLife
from swarm.engine import NodeView
from tui.command.machines.follow_run import see_through
from tui.command.machines.login_options import add_login, read_access
from tui.command.messages import Progress, confirm, say
from tui.command.parser import Parser, subverbs

_TAKES_A_LOGIN = ("remove", "upgrade", "reboot")
_ASKS = ("drain", "demote", *_TAKES_A_LOGIN)


def add(parser: Parser) -> None:
    """Define what can be done to a node."""
    action = subverbs(parser, "what to do to a node")
    for name, text, run in (
        ("drain", "move a node's tasks away, and give it no more", drain),
        ("activate", "give a node tasks again", activate),
        ("remove", "drain a node, have it leave the swarm, forget it; a dead one, too", remove),
        ("promote", "make a worker a manager", promote),
        ("demote", "make a manager a worker", demote),
        ("upgrade", "bring a node's packages up to date, once its tasks have moved", upgrade),
        ("reboot", "restart a node's machine", reboot),
    ):
        added = action(name, text, run)
        added.add_argument(
            "node", metavar="NODE", nargs="+" if name == "upgrade" else None, help="its name or id"
        )
        if name in _ASKS:
            added.add_argument("--yes", action="store_true", help="do not ask")
        if name in _TAKES_A_LOGIN:
            add_login(added)
        added.set_defaults(changes="it changes the swarm")


async def drain(arguments: argparse.Namespace) -> int:
    """Move a node's tasks away, after asking."""
    async with _life(arguments) as (deeds, life):
        node = await life.find(arguments.node)
        if not confirm(f"Move {node.name}'s tasks away and give it no more?", yes=arguments.yes):
            return 1
        await _drain(deeds, node)
    return 0


async def activate(arguments: argparse.Namespace) -> int:
    """Give a node tasks again."""
    async with _life(arguments) as (deeds, life):
        node = await life.find(arguments.node)
        await deeds.activate(node)
        print(f"{node.name} takes tasks again.")
    return 0


async def promote(arguments: argparse.Namespace) -> int:
    """Make a worker a manager."""
    async with _life(arguments) as (deeds, life):
        node = await life.find(arguments.node)
        _advise(await deeds.promote(node))
        print(f"{node.name} is a manager.")
    return 0


async def demote(arguments: argparse.Namespace) -> int:
    """Make a manager a worker, after asking."""
    async with _life(arguments) as (deeds, life):
        node = await life.find(arguments.node)
        if not confirm(f"Make {node.name} a worker?", yes=arguments.yes):
            return 1
        _advise(await deeds.demote(node))
        print(f"{node.name} is a worker.")
    return 0


async def remove(arguments: argparse.Namespace) -> int:
    """Take a node out of the swarm, after asking."""
    async with _life(arguments) as (deeds, life):
        node = await life.find(arguments.node)
        if not confirm(f"Remove {node.name} from the swarm?", yes=arguments.yes):
            return 1
        await _remove(deeds, node)
    return 0


async def reboot(arguments: argparse.Namespace) -> int:
    """Restart a node's machine, after asking."""
    async with _life(arguments) as (deeds, life):
        node = await life.find(arguments.node)
        question = f"{caution(await life.nodes(), node)} Reboot {node.name}?".strip()
        if not confirm(question, yes=arguments.yes):
            return 1
        await _reboot(deeds, node)
    return 0


async def upgrade(arguments: argparse.Namespace) -> int:
    """Bring nodes up to date, one at a time, by the playbook, after asking."""
    async with _life(arguments) as (_, life):
        nodes = [await life.find(text) for text in arguments.node]
        return await _upgrade(nodes, arguments)


async def _drain(deeds: NodeDeeds, node: NodeView) -> None:
    with Progress() as progress:
        async with aclosing(deeds.drain(node)) as looks:
            async for look in looks:
                progress.show(f"{node.name}: {look.tasks} tasks left, {look.seconds:.0f} s")
    print(f"{node.name} is drained: it has no tasks, and gets none.")


async def _remove(deeds: NodeDeeds, node: NodeView) -> None:
    with Progress() as progress:
        async with aclosing(deeds.remove(node)) as steps:
            async for step in steps:
                left = f", {step.tasks} tasks left" if step.stage is Stage.DRAIN else ""
                progress.show(f"{node.name}: {step.stage}{left}, {step.seconds:.0f} s")
    print(f"{node.name} is removed from the swarm.")


async def _reboot(deeds: NodeDeeds, node: NodeView) -> None:
    seconds = 0.0
    with Progress() as progress:
        async with aclosing(deeds.reboot(node)) as steps:
            async for step in steps:
                seconds = step.seconds
                progress.show(f"{node.name}: {step.stage}, {seconds:.0f} s")
    print(f"{node.name} is back after {seconds:.0f} s.")


async def _upgrade(nodes: list[NodeView], arguments: argparse.Namespace) -> int:
    names = ", ".join(node.name for node in nodes)
    path = inventory_file.default_path()
    inventory = inventory_file.read(path)
    hosts = {}
    for node in nodes:
        host = host_of(inventory, node)
        if host is None:
            raise UsageError(f"{node.name} is not in the inventory: squarm provision it first.")
        hosts[host.alias] = host.name
    if not confirm(f"Bring {names} up to date, one after the other?", yes=arguments.yes):
        return 1
    said = secrets_for(inventory.hosts if inventory else (), _credentials(arguments))
    runs = Runs()
    run = await runs.start(RunRequest("upgrade", path, hosts), said)
    return await see_through(runs, run)


def _advise(sentence: str) -> None:
    if sentence:
        say(sentence)


def _credentials(arguments: argparse.Namespace) -> Credentials:
    access = read_access(arguments)
    return Credentials(access, here=access.sudo_password)


class _Way:
    """Opens the way to a node's machine; asks for the login once, and only if it is needed."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._known: tuple[Inventory | None, Credentials] | None = None

    def __call__(self, node: NodeView) -> AbstractAsyncContextManager[Shell]:
        if self._known is None:
            inventory = inventory_file.read(inventory_file.default_path())
            self._known = inventory, _credentials(self._arguments)
        return shell_on(self._known[0], node, self._known[1])


@asynccontextmanager
async def _life(arguments: argparse.Namespace) -> AsyncIterator[tuple[NodeDeeds, NodeLife]]:
    life = await NodeLife.connect()
    try:
        yield NodeDeeds(life, _Way(arguments)), life
    finally:
        await life.close()
