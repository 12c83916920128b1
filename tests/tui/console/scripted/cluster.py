"""Nodes that do what they are told, and remember it: provisioning without machines."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from fleet.ssh.shell import Shell, ShellError
from operations.nodes import Cluster
from provision.inventory import Host, Inventory
from provision.plan import plan
from provision.preflight import judge
from provision.prepare import Choice, Foreseen
from provision.runs.events import AnsibleTaskState, RunEnd, RunState, TaskEvent, encode
from provision.runs.folder import RunFolder
from swarm.docker.node_life import Draining, NodeLife, Waited
from swarm.engine import NodeView
from tests.provision.test_preflight import GOOD, MASTER, OTHER, PI, master, met
from tests.tui.console.scripted.console import NOW, node
from tui.console.app import ConsoleApp
from tui.console.sessions.provisioning import ProvisioningSession


class ScriptedManager:
    """A manager; a node that is drained has three tasks until `drained` is set."""

    here = "id-pi-master"

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.drained = asyncio.Event()
        self.slow = 0.0
        """For how many seconds a change of role has been waited for."""

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

    async def promote(self, node: str, waited: Waited) -> None:
        waited(self.slow)
        self.done.append(("promote", node))

    async def demote(self, node: str, waited: Waited) -> None:
        waited(self.slow)
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


HOSTS = {MASTER.alias: "swarmaster", PI.alias: "swarmost1", OTHER.alias: "swarmost2"}


def foreseen(*, blocked: bool = False, first: bool = True) -> Foreseen:
    """What preflight would find out about two Pis; the second may lack its sudo password."""
    probe = replace(GOOD, machine_id="b" * 32)
    second = met(OTHER, probe, problem="it lets pi in with no key." if blocked else "")
    flight = judge(Inventory(MASTER, (PI, OTHER)), [master(), met(PI), second])
    return Foreseen(flight, plan(flight), first)


def ended_run(runs: Path) -> None:
    """A run of long ago in which one of three machines failed."""
    folder = RunFolder(runs / "20251122-113000-c0de")
    folder.path.mkdir(parents=True)
    asked = {"playbook": "site", "inventory": str(runs / "inventory.yml"), "hosts": HOSTS}
    rest = {"check": False, "settings": {}, "who": "pi", "audit": None, "playbooks": None}
    folder.request.write_text(json.dumps({**asked, **rest, "started": NOW - 1800}))
    steps = {
        MASTER: ("common", "docker", "swarm_master", "solver_image"),
        PI: ("common", "docker", "swarm_host", "solver_image"),
        OTHER: ("common", "docker"),
    }
    with folder.events.open("w") as file:
        for host, roles in steps.items():
            for number, role in enumerate(roles):
                file.writelines(map(encode, _task_of(host, role, NOW - 1800 + 40 * number)))
        file.write(encode(RunEnd(NOW - 1600, RunState.FAILED, (OTHER.alias,))))


def _task_of(host: Host, role: str, began: float) -> tuple[TaskEvent, TaskEvent]:
    failed = (host, role) == (OTHER, "docker")
    ended = AnsibleTaskState.FAILED if failed else AnsibleTaskState.CHANGED
    why = "Only 120 MiB are free in /var/lib: make room, or write a larger card." if failed else ""
    name = f"A task of {role}"
    return (
        TaskEvent(began, host.alias, role, name, AnsibleTaskState.STARTED, ""),
        TaskEvent(began + 35, host.alias, role, name, ended, why),
    )
