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
from provision.ssh_session import host_of, way_in
from swarm.docker.node_life import NodeLife
from swarm.engine import NodeView
from tui.command.looking import access, refusals
from tui.command.runs import see_through
from tui.command.speech import Progress, confirm, say


async def run_node(arguments: argparse.Namespace) -> int:
    """Do what was asked for."""
    with refusals():
        async with _life() as life:
            if arguments.deed == "upgrade":
                nodes = [await life.find(text) for text in arguments.node]
                return await _upgrade(nodes, arguments)
            return await _do(life, await life.find(arguments.node), arguments)


async def _do(life: NodeLife, node: NodeView, arguments: argparse.Namespace) -> int:
    deeds = NodeDeeds(life, _Way(arguments))
    yes = bool(vars(arguments).get("yes", True))
    match arguments.deed:
        case "drain":
            if not confirm(f"Move {node.name}'s tasks away and give it no more?", yes=yes):
                return 1
            await _drain(deeds, node)
        case "activate":
            await deeds.activate(node)
            print(f"{node.name} takes tasks again.")
        case "promote":
            _advise(await deeds.promote(node))
            print(f"{node.name} is a manager.")
        case "demote":
            if not confirm(f"Make {node.name} a worker?", yes=yes):
                return 1
            _advise(await deeds.demote(node))
            print(f"{node.name} is a worker.")
        case "remove":
            if not confirm(f"Remove {node.name} from the swarm?", yes=yes):
                return 1
            await _remove(deeds, node)
        case _:
            question = f"{caution(await life.nodes(), node)} Reboot {node.name}?".strip()
            if not confirm(question, yes=yes):
                return 1
            await _reboot(deeds, node)
    return 0


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
    """One node at a time, by the playbook."""
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
    entry = access(
        arguments.user,
        arguments.key,
        ask=arguments.ask_password,
        from_stdin=arguments.password_stdin,
    )
    return Credentials(entry, here=entry.sudo_password)


class _Way:
    """Opens the way to a node's machine; asks for the login once, and only if it is needed."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._known: tuple[Inventory | None, Credentials] | None = None

    def __call__(self, node: NodeView) -> AbstractAsyncContextManager[Shell]:
        if self._known is None:
            inventory = inventory_file.read(inventory_file.default_path())
            self._known = inventory, _credentials(self._arguments)
        return way_in(self._known[0], node, self._known[1])


@asynccontextmanager
async def _life() -> AsyncIterator[NodeLife]:
    life = await NodeLife.connect()
    try:
        yield life
    finally:
        await life.close()
