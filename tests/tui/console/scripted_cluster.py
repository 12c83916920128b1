"""Nodes that do what they are told, and remember it: provisioning without machines."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import cast

from fleet.ssh.shell import Shell, ShellError
from operations.nodes import Cluster
from provision.prepare import Choice, Foreseen
from swarm.docker.node_life import Draining, NodeLife
from swarm.engine import NodeView
from tests.tui.console.scripted import node
from tui.console.app import ConsoleApp
from tui.console.provisioning_session import ProvisioningSession


class ScriptedManager:
    """A manager; a node that is drained has three tasks until `drained` is set."""

    here = "id-pi-master"

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.drained = asyncio.Event()

    async def nodes(self) -> tuple[NodeView, ...]:
        return (node("pi-master", role="manager"), node("pi-02", role="manager"))

    async def drain(self, node: str) -> None:
        self.done.append(("drain", node))

    async def watch_drain(self, node: str) -> AsyncGenerator[Draining]:
        yield Draining(node, 3, 2.0)
        await self.drained.wait()
        yield Draining(node, 0, 4.0)

    async def activate(self, node: str) -> None:
        self.done.append(("activate", node))

    async def promote(self, node: str) -> None:
        self.done.append(("promote", node))

    async def demote(self, node: str) -> None:
        self.done.append(("demote", node))

    async def forget(self, node: str) -> None:
        self.done.append(("forget", node))


class ScriptedProvisioning(ProvisioningSession):
    """Foresees what it is told to; its nodes are the manager's, their machines let nobody in."""

    def __init__(self, app: ConsoleApp, answer: Callable[[], Foreseen] | None = None) -> None:
        super().__init__(app.pis, app.logins, app.provisioning.runs.path)
        self.manager = ScriptedManager()
        self._answer = answer

    @property
    def cluster(self) -> Cluster:
        @asynccontextmanager
        async def manager() -> AsyncIterator[NodeLife]:
            yield cast("NodeLife", self.manager)

        def shell(node: NodeView) -> AbstractAsyncContextManager[Shell]:
            raise ShellError(f"{node.name} lets nobody in.")

        return Cluster(manager, shell)

    async def foresee(self, choice: Choice) -> Foreseen:
        assert self._answer is not None
        assert choice.pis
        return self._answer()
