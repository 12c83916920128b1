"""A node's life: drained, promoted, demoted, rebooted, taken out of the swarm."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from dataclasses import dataclass

from base.errors import FleetError, ProvisionError, SquarmError
from base.text import clean_text
from fleet.ssh.credentials import Credentials
from fleet.ssh.host_keys import default_path as known_hosts_path
from fleet.ssh.shell import Shell, ShellError, Sudo
from operations.engines import reach_docker
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from provision import inventory_file
from provision.ssh_session import host_of, shell_on
from swarm.docker.node_life import NodeLife, Waited
from swarm.docker.quorum import Quorum, advice, is_manager, quorum
from swarm.engine import NodeView

_LEAVE_SECONDS = 30.0
_BOOT_SECONDS = 180.0
_LOOK_SECONDS = 2.0
_SLOW_SECONDS = 3.0
_WHICH_RUN = "cat /proc/sys/kernel/random/boot_id; cut -d ' ' -f 22 /proc/1/stat"
"""Containers share the boot id of the machine below them; when their init started is their own."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """How the nodes are reached: `manager` opens a manager, `shell` a shell on a node's machine."""

    manager: Callable[[], AbstractAsyncContextManager[NodeLife]]
    shell: Callable[[NodeView], AbstractAsyncContextManager[Shell]]

    @classmethod
    def here(cls, credentials: Callable[[], Credentials]) -> "Cluster":
        """The swarm that this machine manages; its machines are where the inventory says.

        `credentials` is called where one must be logged in to.
        """

        @asynccontextmanager
        async def shell(node: NodeView) -> AsyncIterator[Shell]:
            path = inventory_file.default_path()
            inventory = await asyncio.to_thread(inventory_file.read, path)
            async with shell_on(inventory, node, credentials()) as opened:
                yield opened

        return cls(manager_here, shell)


@asynccontextmanager
async def manager_here() -> AsyncIterator[NodeLife]:
    """The manager that this machine is, or that DOCKER_HOST names; raises EngineError."""
    manager = await NodeLife.connect(reach=reach_docker)
    try:
        yield manager
    finally:
        await manager.close()


def drain(cluster: Cluster, node: NodeView) -> Operation[None]:
    """Move a node's tasks away, and give it none."""
    caution = Caution(
        f"Drain {node.name}?",
        "Its tasks move to other nodes, and it gets none until it is activated again.",
        agree="Drain it",
        decline="Leave it as it is",
    )

    async def work(tell: Tell) -> Done[None]:
        async with cluster.manager() as manager:
            await _drain(manager, node, tell)
        return Done(f"{node.name} is drained: it has no tasks, and gets none.", None)

    return Operation(kind=Kind.DRAIN, target=node.name, caution=caution, keep=None, work=work)


def activate(cluster: Cluster, node: NodeView) -> Operation[None]:
    """Give a node tasks again."""

    async def work(_tell: Tell) -> Done[None]:
        async with cluster.manager() as manager:
            await manager.activate(node.id)
        return Done(f"{node.name} takes tasks again.", None)

    return Operation(kind=Kind.ACTIVATE, target=node.name, caution=None, keep=None, work=work)


def promote(cluster: Cluster, node: NodeView) -> Operation[None]:
    """Make a worker a manager."""
    caution = Caution(
        f"Make {node.name} a manager?",
        "It gets the swarm's secrets and a vote; 3 managers stand the loss of one.",
        agree="Promote it",
        decline="Leave it as it is",
    )

    async def work(tell: Tell) -> Done[None]:
        async with cluster.manager() as manager:
            await manager.promote(node.id, _told_slow(tell, "a manager"))
            said = advice(quorum(await manager.nodes()))
        return Done(f"{node.name} is a manager. {said}".strip(), None)

    return Operation(kind=Kind.PROMOTE, target=node.name, caution=caution, keep=None, work=work)


def demote(cluster: Cluster, node: NodeView) -> Operation[None]:
    """Make a manager a worker."""
    caution = Caution(
        f"Make {node.name} a worker?",
        "It can manage the swarm no more. Refused where no majority would be left.",
        agree="Demote it",
        decline="Leave it as it is",
    )

    async def work(tell: Tell) -> Done[None]:
        async with cluster.manager() as manager:
            _elsewhere(manager, node, "demote")
            await manager.demote(node.id, _told_slow(tell, "a worker"))
            said = advice(quorum(await manager.nodes()))
        return Done(f"{node.name} is a worker. {said}".strip(), None)

    return Operation(kind=Kind.DEMOTE, target=node.name, caution=caution, keep=None, work=work)


def leave(cluster: Cluster, node: NodeView) -> Operation[None]:
    """Take a node out of the swarm: drained, left and forgotten; a dead one just forgotten."""
    dead = node.state != "ready"
    caution = Caution(
        f"Take {node.name} out of the swarm?",
        "It does not answer: it is only forgotten."
        if dead
        else "Its tasks move to other nodes, it leaves, and is forgotten. Its squares stay.",
        agree="Take it out",
        decline="Leave it as it is",
    )

    async def work(tell: Tell) -> Done[None]:
        started = time.monotonic()
        async with cluster.manager() as manager, AsyncExitStack() as stack:
            _elsewhere(manager, node, "remove")
            # Whether its machine lets us in, as root, is known before anything is undone.
            shell = None if dead else await stack.enter_async_context(cluster.shell(node))
            if shell is not None and await shell.find_sudo() not in (Sudo.NONE, Sudo.PASSWORD):
                raise ProvisionError(
                    f"Nobody becomes root on {node.name} with what squarm has: give the password "
                    "for sudo. Nothing was changed."
                )
            reached = ""
            try:
                if is_manager(node):
                    tell(Step("demoting"))
                    await manager.demote(node.id, _told_slow(tell, "a worker"))
                    reached = "a worker"
                if shell is not None:
                    await _drain(manager, node, tell)
                    reached = "drained"
                    tell(Step("leaving", seconds=time.monotonic() - started))
                    await _leave(shell)
                    reached = "out of the swarm, which still lists it"
                tell(Step("forgetting", seconds=time.monotonic() - started))
                await manager.forget(node.id)
            except SquarmError as error:
                if not reached:
                    raise
                raise ProvisionError(
                    f"{node.name} is {reached}: {error} Remove it once more to go on."
                ) from None
        await asyncio.to_thread(_drop_from_inventory, node)
        return Done(f"{node.name} is out of the swarm.", None)

    return Operation(kind=Kind.LEAVE, target=node.name, caution=caution, keep=None, work=work)


def reboot(cluster: Cluster, node: NodeView, nodes: tuple[NodeView, ...]) -> Operation[None]:
    """Restart a node's machine and wait until it is back; `nodes`: all of the swarm's."""
    now = quorum(nodes)
    holds = not is_manager(node) or Quorum(now.managers, now.reachable - 1).holds
    warning = "" if holds else f"The swarm cannot be managed while {node.name} is away. "
    caution = Caution(
        f"Reboot {node.name}?",
        f"{warning}Its tasks stop, and are run again. It is waited for until it is back.",
        agree="Reboot it",
        decline="Leave it as it is",
    )

    async def work(tell: Tell) -> Done[None]:
        started = time.monotonic()
        async with cluster.manager() as manager:
            _elsewhere(manager, node, "reboot")
        tell(Step("rebooting"))
        async with cluster.shell(node) as shell:
            before = (await shell.run(_WHICH_RUN)).output.strip()
            await _restart(shell)
        while await _which_run(cluster, node) in (b"", before):
            seconds = time.monotonic() - started
            if seconds > _BOOT_SECONDS:
                raise ProvisionError(
                    f"{node.name} is not back after {_BOOT_SECONDS:.0f} seconds: look at its "
                    "lights and its cable."
                )
            tell(Step("rebooting", seconds=seconds))
            await asyncio.sleep(_LOOK_SECONDS)
        return Done(f"{node.name} is back after {time.monotonic() - started:.0f} s.", None)

    return Operation(kind=Kind.REBOOT, target=node.name, caution=caution, keep=None, work=work)


def _elsewhere(manager: NodeLife, node: NodeView, what: str) -> None:
    if node.id == manager.here:
        raise ProvisionError(
            f"{node.name} is the manager that squarm talks through: {what} it from another."
        )


def _told_slow(tell: Tell, role: str) -> Waited:
    """Tells what is waited for once that takes a while: soon after another change of role, 27 s."""

    def waited(seconds: float) -> None:
        if seconds >= _SLOW_SECONDS:
            tell(Step(f"waiting until its Docker is {role}", seconds=seconds))

    return waited


async def _drain(manager: NodeLife, node: NodeView, tell: Tell) -> None:
    await manager.drain(node.id)
    async with aclosing(manager.watch_drain(node.id)) as states:
        async for state in states:
            tell(Step("draining", state.tasks, state.seconds))


async def _which_run(cluster: Cluster, node: NodeView) -> bytes:
    """Of the run that its machine is in now; b'' while it does not answer."""
    try:
        async with cluster.shell(node) as shell:
            return (await shell.run(_WHICH_RUN)).output.strip()
    except FleetError:
        return b""


async def _leave(shell: Shell) -> None:
    end = time.monotonic() + _LEAVE_SECONDS
    while True:
        said = await shell.run("docker swarm leave", root=True)
        text = said.output.decode("utf-8", "replace")
        if said.status == 0 or "not part of a swarm" in text:
            return
        # One that was just demoted takes a moment to see it.
        if "manager" not in text or time.monotonic() > end:
            raise ShellError(f"It does not leave the swarm ({clean_text(text, 200).strip()}).")
        await asyncio.sleep(1.0)


async def _restart(shell: Shell) -> None:
    try:
        said = await shell.run("systemctl reboot || reboot", root=True)
    except ShellError:
        # The connection goes with it: that is an answer, too.
        if shell.sudo in (Sudo.NONE, Sudo.PASSWORD):
            return
        raise
    if said.status not in (0, 255):
        text = clean_text(said.output.decode("utf-8", "replace"), 200).strip()
        raise ShellError(f"It does not reboot ({text}).")


def _drop_from_inventory(node: NodeView) -> None:
    with inventory_file.held(inventory_file.default_path()) as file:
        before = file.read()
        host = host_of(before, node)
        if before is not None and host is not None and host.id != before.master.id:
            file.write(before.without(host.id), known_hosts_path())
