"""A node's life in the swarm: drain, activate, promote, demote, forget, through a manager."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from base.errors import EngineError
from base.text import clean_text
from swarm.docker.address import Reach
from swarm.docker.listing import Lister
from swarm.docker.membership import ANSWER_SECONDS, Manager, find_manager
from swarm.docker.quorum import is_manager, why_not_demote, why_not_promote
from swarm.engine import NodeView

if TYPE_CHECKING:
    from swarm.docker.manager_api import ManagerApi

T = TypeVar("T")

DRAIN_SECONDS = 120.0
_LOOK_SECONDS = 0.5
_ROLE_SECONDS = 90.0
"""On a fast machine Docker takes up to 27 for a promotion right after a demotion."""


Waited = Callable[[float], object]
"""Told again and again for how many seconds something has been waited for."""


@dataclass(frozen=True, slots=True)
class Draining:
    """A node on its way out: how many `tasks` it still has, and for how long it has been at it."""

    node: str
    tasks: int
    seconds: float


class NodeLife:
    """What can be done to a swarm's nodes. Every method may raise EngineError."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._lister = Lister(manager)
        self._api: ManagerApi | None = None

    @classmethod
    async def connect(
        cls,
        url: str | None = None,
        patience: float = ANSWER_SECONDS,
        reach: Reach | None = None,
    ) -> "NodeLife":
        """Through the manager that `find_manager` finds."""
        return cls(await find_manager(url, patience, reach))

    @property
    def here(self) -> str:
        """The id of the node whose daemon is asked."""
        return self._manager.node

    async def nodes(self) -> tuple[NodeView, ...]:
        """The swarm's nodes as they are now."""
        return await self._lister.nodes()

    async def find(self, text: str) -> NodeView:
        """The node of this name or id, or the only one whose id begins so."""
        nodes = await self.nodes()
        found = [node for node in nodes if text in (node.id, node.name)]
        found = found or [node for node in nodes if text and node.id.startswith(text)]
        if len(found) == 1:
            return found[0]
        shown = clean_text(text, 64)
        known = ", ".join(node.name for node in nodes[:8])
        if not found:
            raise EngineError(f"There is no node {shown!r} in this swarm: there are {known}.")
        raise EngineError(f"{shown!r} could be any of {len(found)} nodes: name one by its id.")

    async def services(self) -> frozenset[str]:
        """The ids of all services of the swarm."""
        return await self._tell(lambda api: api.service_ids())

    async def tasks(self, node: str) -> int:
        """How many tasks a node has that have not ended yet."""
        return await self._lister.tasks_on(node)

    async def drain(self, node: str) -> None:
        """Give a node no more tasks, and move those it has away."""
        await self._set(node, availability="drain")

    async def activate(self, node: str) -> None:
        """Give a node tasks again."""
        await self._set(node, availability="active")

    async def watch_drain(
        self, node: str, patience: float = DRAIN_SECONDS
    ) -> AsyncGenerator[Draining]:
        """What a drained node has left, again and again until that is nothing.

        Raises EngineError where it still has something after `patience` seconds.
        """
        view = await self.find(node)
        started = time.monotonic()
        while True:
            left = await self.tasks(view.id)
            seconds = time.monotonic() - started
            yield Draining(view.name, left, seconds)
            if left == 0:
                return
            if seconds > patience:
                raise EngineError(
                    f"{view.name} still has {left} tasks after {patience:.0f} seconds: see what "
                    f"holds them with docker node ps {view.name}."
                )
            await asyncio.sleep(_LOOK_SECONDS)

    async def promote(self, node: str, waited: Waited = lambda _: None) -> None:
        """Make a worker a manager; refused where that would weaken the swarm."""
        nodes = await self.nodes()
        if why := why_not_promote(nodes, _of(nodes, node)):
            raise EngineError(why)
        await self._set(node, role="manager")
        await self._until(node, lambda view: view.reachability == "reachable", "a manager", waited)

    async def demote(self, node: str, waited: Waited = lambda _: None) -> None:
        """Make a manager a worker; refused where the rest would be no majority."""
        nodes = await self.nodes()
        if why := why_not_demote(nodes, _of(nodes, node)):
            raise EngineError(why)
        await self._set(node, role="worker")
        await self._until(node, lambda view: not view.reachability, "a worker", waited)

    async def forget(self, node: str) -> None:
        """Take a node that has left, or is down, off the list; a manager is to be demoted first."""
        view = await self.find(node)
        if is_manager(view):
            raise EngineError(f"{view.name} is a manager: demote it first.")
        await self._tell(lambda api: api.remove_node(view.id))

    async def close(self) -> None:
        """Let go of the connections to the daemon."""
        if self._api is not None:
            await asyncio.to_thread(self._api.close)

    async def _set(self, node: str, *, availability: str = "", role: str = "") -> None:
        await self._tell(lambda api: api.change_node(node, availability, role))

    async def _tell(self, call: Callable[["ManagerApi"], T]) -> T:
        return await asyncio.to_thread(self._told, call)

    def _told(self, call: Callable[["ManagerApi"], T]) -> T:
        # Late: the SDK takes 10 MB, and who only looks does without.
        from swarm.docker.manager_api import ManagerApi

        self._api = self._api or ManagerApi(self._manager)
        return self._api.told(call)

    async def _until(
        self, node: str, true: Callable[[NodeView], bool], what: str, waited: Waited
    ) -> None:
        """A change of role is an order that the node itself carries out: wait until it has."""
        began = time.monotonic()
        while not true(view := await self.find(node)):
            if view.state != "ready":
                return
            seconds = time.monotonic() - began
            waited(seconds)
            if seconds > _ROLE_SECONDS:
                raise EngineError(
                    f"{view.name} was told to become {what}, and is not after "
                    f"{_ROLE_SECONDS:.0f} seconds: look at it again in a while."
                )
            await asyncio.sleep(_LOOK_SECONDS)


def _of(nodes: tuple[NodeView, ...], node: str) -> NodeView:
    for view in nodes:
        if view.id == node:
            return view
    raise EngineError(f"The node {clean_text(node, 64)} is gone.")
