"""What the console and the command line do to nodes of the swarm, each deed noted in the audit log.

Deeds that take a while are generators that tell how far they are; a deed that cannot be done raises
DeedRefused, in one sentence.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from base.audit import Audit
from base.errors import AuditError, EngineError, ProvisionError
from base.text import clean_text
from fleet.ssh.connection import SshError
from fleet.ssh.host_keys import HostKeyError
from fleet.ssh.host_keys import default_path as known_hosts_path
from fleet.ssh.shell import Shell, ShellError, Sudo
from provision import inventory_file
from provision.inventory import Inventory
from provision.inventory_file import InventoryFileError
from provision.ssh_session import host_of
from swarm.docker.node_life import Draining, NodeLife
from swarm.docker.quorum import Quorum, advice, is_manager, quorum
from swarm.engine import NodeView

_LEAVE_SECONDS = 30.0
_BOOT_SECONDS = 180.0
_LOOK_SECONDS = 2.0
_WHICH_RUN = "cat /proc/sys/kernel/random/boot_id; cut -d ' ' -f 22 /proc/1/stat"
"""Containers share the boot id of the machine below them; when their init started is their own."""
_ERRORS = (EngineError, HostKeyError, InventoryFileError, ShellError, SshError)

Way = Callable[[NodeView], AbstractAsyncContextManager[Shell]]
"""Opens the way to a shell on a node's machine."""


class DeedRefused(ProvisionError):
    """A deed that was not done, or not to its end: one sentence, with the way out."""


class Stage(StrEnum):
    """What is being done about a node that is removed or rebooted, in this order."""

    DEMOTE = "demoting"
    DRAIN = "draining"
    LEAVE = "leaving"
    FORGET = "forgetting"
    REBOOT = "rebooting"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Step:
    """How far a deed is: `tasks` that a node being drained still has, `seconds` since it began."""

    stage: Stage
    tasks: int = 0
    seconds: float = 0.0


class NodeDeeds:
    """Deeds through a manager; `way` leads to the nodes' machines, where a deed needs that."""

    def __init__(self, life: NodeLife, way: Way, audit: Audit | None = None, who: str = "") -> None:
        self._life = life
        self._way = way
        self._audit = audit or Audit()
        self._who = who

    async def drain(self, node: NodeView) -> AsyncGenerator[Draining]:
        """Move a node's tasks away; tells how many are left, again and again, until none is."""
        async with self._noted("drain", node):
            await self._life.drain(node.id)
            async with aclosing(self._life.watch_drain(node.id)) as looks:
                async for look in looks:
                    yield look

    async def activate(self, node: NodeView) -> None:
        """Give a node tasks again."""
        async with self._noted("activate", node):
            await self._life.activate(node.id)

    async def promote(self, node: NodeView) -> str:
        """Make a worker a manager; returns advice about their number, or ''."""
        async with self._noted("promote", node):
            await self._life.promote(node.id)
            return advice(quorum(await self._life.nodes()))

    async def demote(self, node: NodeView) -> str:
        """Make a manager a worker; returns advice about their number, or ''."""
        self._not_here(node, "demote")
        async with self._noted("demote", node):
            await self._life.demote(node.id)
            return advice(quorum(await self._life.nodes()))

    async def remove(self, node: NodeView) -> AsyncGenerator[Step]:
        """Take a node out of the swarm: drained, left and forgotten; a dead one just forgotten."""
        self._not_here(node, "remove")
        started = time.monotonic()
        async with self._noted("remove", node):
            if is_manager(node):
                yield Step(Stage.DEMOTE)
                await self._life.demote(node.id)
            if node.state == "ready":
                async with self._way(node) as shell:
                    # Whether its machine lets us in is known before anything is undone.
                    await shell.find_sudo()
                    yield Step(Stage.DRAIN)
                    await self._life.drain(node.id)
                    async with aclosing(self._life.watch_drain(node.id)) as looks:
                        async for look in looks:
                            yield Step(Stage.DRAIN, look.tasks, time.monotonic() - started)
                    yield Step(Stage.LEAVE, seconds=time.monotonic() - started)
                    await _leave(shell)
            yield Step(Stage.FORGET, seconds=time.monotonic() - started)
            await self._life.forget(node.id)
            await asyncio.to_thread(_drop_from_inventory, node)

    async def reboot(self, node: NodeView) -> AsyncGenerator[Step]:
        """Restart a node's machine and wait until it is back."""
        self._not_here(node, "reboot")
        started = time.monotonic()
        async with self._noted("reboot", node):
            yield Step(Stage.REBOOT)
            async with self._way(node) as shell:
                before = (await shell.run(_WHICH_RUN)).output.strip()
                await _restart(shell)
            while await self._which_run(node) in (b"", before):
                seconds = time.monotonic() - started
                if seconds > _BOOT_SECONDS:
                    raise DeedRefused(
                        f"{node.name} is not back after {_BOOT_SECONDS:.0f} seconds: look at its "
                        "lights and its cable."
                    )
                yield Step(Stage.REBOOT, seconds=seconds)
                await asyncio.sleep(_LOOK_SECONDS)
            yield Step(Stage.BACK, seconds=time.monotonic() - started)

    async def _which_run(self, node: NodeView) -> bytes:
        """Of the run that its machine is in now; b'' while it does not answer."""
        try:
            async with self._way(node) as shell:
                return (await shell.run(_WHICH_RUN)).output.strip()
        except (ShellError, SshError):
            return b""

    def _not_here(self, node: NodeView, what: str) -> None:
        if node.id == self._life.here:
            raise DeedRefused(
                f"{node.name} is the manager that squarm talks through: {what} it from another."
            )

    @asynccontextmanager
    async def _noted(self, what: str, node: NodeView) -> AsyncIterator[None]:
        """Note the deed and what came of it, whichever way it ends."""
        try:
            yield
        except (DeedRefused, *_ERRORS) as error:
            self._note(what, node, "failed", str(error))
            raise DeedRefused(str(error)) from None
        except BaseException:
            self._note(what, node, "cancelled")
            raise
        self._note(what, node, "done")

    def _note(self, what: str, node: NodeView, result: str, said: str = "") -> None:
        try:
            self._audit.note(what, node.name, result, said, who=self._who)
        except AuditError as error:
            raise DeedRefused(f"{node.name}: {what} is {result}, but {error}") from None


def caution(nodes: tuple[NodeView, ...], node: NodeView) -> str:
    """What a reboot of this node does to the swarm, in one sentence; '' for nothing to speak of."""
    now = quorum(nodes)
    if not is_manager(node) or Quorum(now.managers, now.reachable - 1).holds:
        return ""
    return f"The swarm cannot be managed while {node.name} is away."


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
    path = inventory_file.default_path()
    before: Inventory | None = inventory_file.read(path)
    host = host_of(before, node)
    if before is None or host is None or host.id == before.master.id:
        return
    inventory_file.write(path, before.without(host.id), known_hosts_path())
