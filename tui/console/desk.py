"""What the console has done to machines: provisioning runs, and the deeds of a node's life.

The one place of the console that talks to those parts of `provision`; they are imported late, for
the first paint not to wait for them.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from base.errors import ProvisionError
from provision.runs import folder as run_folder
from swarm.engine import NodeView
from tui.console.pis import Pis

if TYPE_CHECKING:
    from fleet.fleet import Fleet
    from fleet.ssh.connection import Login
    from fleet.ssh.credentials import Credentials
    from fleet.ssh.shell import Shell
    from operations.node_deeds import NodeDeeds
    from provision.plan import Plan
    from provision.preflight import Preflight
    from provision.prepare import Choice
    from provision.runs.runs import Runs
    from provision.runs.view import RunView


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What preflight found, and the plan that follows; `first`: there is no inventory yet."""

    flight: "Preflight"
    plan: "Plan"
    first: bool


class Desk:
    """Starts and follows runs, and does deeds; every method may raise ProvisionError.

    `runs`: the folder where runs are kept, None for the user's own.
    """

    def __init__(self, pis: Pis, user: str, key: Path | None, runs: Path | None = None) -> None:
        self._pis = pis
        self._user = user
        self._key = key
        self._folder = runs
        self._logins: dict[str, tuple[Login, str | None]] = {}
        self._here: str | None = None

    # -- the way in ------------------------------------------------------------------------------

    def remember(self, pi: str, login: "Login", sudo: str | None) -> None:
        """Get into a machine so from now on, in memory only."""
        self._logins[pi] = (login, sudo)

    def sudo_here(self, password: str) -> None:
        """The password for sudo on this machine, in memory only."""
        self._here = password

    def credentials(self) -> "Credentials":
        """How to get into each machine."""
        from fleet.ssh.connection import Login
        from fleet.ssh.credentials import Access, Credentials

        usual = Access(Login(self._user, keys=(self._key,) if self._key else None))
        by_pi = {pi: Access(login, sudo) for pi, (login, sudo) in self._logins.items()}
        return Credentials(usual, by_pi, self._here)

    # -- runs ------------------------------------------------------------------------------------

    @property
    def runs(self) -> "Runs":
        """The runs there are."""
        from provision.runs.runs import Runs

        return Runs(self._folder)

    async def foresee(self, choice: "Choice") -> Foreseen:
        """Look at the machines chosen and say what would be done; changes nothing."""
        from provision import inventory_file
        from provision.plan import plan
        from provision.prepare import inventory_for, narrowed
        from provision.survey import survey

        fleet, credentials = cast("Fleet", self._pis.fleet), self.credentials()
        before = await asyncio.to_thread(inventory_file.read, inventory_file.default_path())
        made = inventory_for(choice, fleet.snapshot(), credentials, before)
        flight = narrowed(await survey(fleet, made, credentials, choice.pis), choice)
        return Foreseen(flight, plan(flight), before is None)

    async def begin(self, foreseen: Foreseen, choice: "Choice", *, check: bool = False) -> str:
        """Start the run that was foreseen, and return its id."""
        from provision import inventory_file
        from provision.prepare import prepare

        before = await asyncio.to_thread(inventory_file.read, inventory_file.default_path())
        # Keys are opened for it, which takes a while by design.
        prepared = await asyncio.to_thread(
            prepare, foreseen.flight, choice, self.credentials(), before, check=check
        )
        await asyncio.to_thread(prepared.write)
        return await self.runs.start(prepared.request, prepared.secrets)

    async def again(self, run: str) -> str:
        """Run once more for those that are not done, and return the new run's id."""
        from provision import inventory_file
        from provision.runs.logins import secrets_for

        inventory = await asyncio.to_thread(inventory_file.read, self.runs.request(run).inventory)
        hosts = inventory.hosts if inventory else ()
        said = await asyncio.to_thread(secrets_for, hosts, self.credentials())
        return await self.runs.again(run, said)

    async def live(self) -> str:
        """The id of the run under way, '' for none."""
        return await asyncio.to_thread(run_folder.live, self._folder or run_folder.default_path())

    async def newest(self) -> "RunView":
        """The run under way, else the last one."""
        return await asyncio.to_thread(self.runs.find)

    async def upgrade(self, nodes: list[NodeView]) -> str:
        """Bring nodes up to date, one after the other; the run's id."""
        from provision import inventory_file
        from provision.runs.folder import RunRequest
        from provision.runs.logins import secrets_for
        from provision.ssh_session import host_of

        path = inventory_file.default_path()
        inventory = await asyncio.to_thread(inventory_file.read, path)
        hosts = {}
        for node in nodes:
            host = host_of(inventory, node)
            if host is None:
                raise ProvisionError(f"{node.name} is not in the inventory: provision it first.")
            hosts[host.alias] = host.name
        everyone = inventory.hosts if inventory else ()
        said = await asyncio.to_thread(secrets_for, everyone, self.credentials())
        return await self.runs.start(RunRequest("upgrade", path, hosts), said)

    # -- deeds -----------------------------------------------------------------------------------

    async def drain(self, node: NodeView, tell: Callable[[str], None]) -> str:
        """Move a node's tasks away, counting them down."""
        async with self._deeds() as deeds, aclosing(deeds.drain(node)) as looks:
            async for look in looks:
                tell(f"draining: {_tasks(look.tasks)} left, {look.seconds:.0f} s")
        return f"{node.name} is drained: it has no tasks, and gets none."

    async def activate(self, node: NodeView, _tell: Callable[[str], None]) -> str:
        """Give a node tasks again."""
        async with self._deeds() as deeds:
            await deeds.activate(node)
        return f"{node.name} takes tasks again."

    async def promote(self, node: NodeView, _tell: Callable[[str], None]) -> str:
        """Make a worker a manager."""
        async with self._deeds() as deeds:
            advice = await deeds.promote(node)
        return f"{node.name} is a manager. {advice}".strip()

    async def demote(self, node: NodeView, _tell: Callable[[str], None]) -> str:
        """Make a manager a worker."""
        async with self._deeds() as deeds:
            advice = await deeds.demote(node)
        return f"{node.name} is a worker. {advice}".strip()

    async def leave(self, node: NodeView, tell: Callable[[str], None]) -> str:
        """Take a node out of the swarm."""
        async with self._deeds() as deeds, aclosing(deeds.remove(node)) as steps:
            async for step in steps:
                left = f", {_tasks(step.tasks)} left" if step.tasks else ""
                tell(f"{step.stage}{left}, {step.seconds:.0f} s")
        return f"{node.name} is out of the swarm."

    async def reboot(self, node: NodeView, tell: Callable[[str], None]) -> str:
        """Restart a node's machine and wait until it is back."""
        async with self._deeds() as deeds, aclosing(deeds.reboot(node)) as steps:
            async for step in steps:
                tell(f"{step.stage}, {step.seconds:.0f} s")
        return f"{node.name} is back."

    def _deeds(self) -> "AbstractAsyncContextManager[NodeDeeds]":
        from contextlib import asynccontextmanager

        from operations.node_deeds import NodeDeeds
        from provision import inventory_file
        from provision.ssh_session import shell_on
        from swarm.docker.node_life import NodeLife

        credentials = self.credentials()

        def way(node: NodeView) -> "AbstractAsyncContextManager[Shell]":
            return shell_on(inventory_file.read(inventory_file.default_path()), node, credentials)

        @asynccontextmanager
        async def opened() -> AsyncGenerator[NodeDeeds]:
            life = await NodeLife.connect()
            try:
                yield NodeDeeds(life, way)
            finally:
                await life.close()

        return opened()


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"
