"""The fleet behind the console: which network it watches, and what is there."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from base.errors import FleetError
from fleet.discovery.interface import NOWHERE, NoInterface, choose_interface, other_interfaces
from swarm.engine import NodeView

if TYPE_CHECKING:
    from fleet.snapshot import FleetSnapshot
    from fleet.ssh.connection import Login
    from operations.machines import Watcher

    class WatchedFleet(Watcher, Protocol):
        """What watches machines: `Fleet`, but for tests that say themselves what is found."""

        async def run(self) -> None:
            """Watch until cancelled."""
            ...

        def log_in_as_before(self, logins: Mapping[str, Login]) -> None:
            """What was said of machines, by id, to the fleet that watched before this one."""
            ...

        def set_nodes(self, nodes: Iterable[NodeView]) -> None:
            """The swarm's nodes as its engine sees them now."""
            ...


_LOOK_SECONDS = 3.0
_FOR_KEYS = ("operations.machines", "operations.nodes", "operations.provisioning")
"""What keys on machines need: a third of a second to import, in which a key would hold the loop."""
MakeFleet = Callable[[str, Callable[["FleetSnapshot"], None]], Awaitable["WatchedFleet"]]


def _to_nobody(_sentence: str) -> None:
    """Where nobody reads."""


class Pis:
    """Watches one network at a time; `notify` gets what is found, `problem` says why nothing is.

    `make` brings a fleet up; None where the console is to show the swarm alone. `logins`: what was
    said so far of how to log in, by machine's id; it holds on another network, too. `say` is told
    which of several networks it is, where nobody has named one.
    """

    def __init__(
        self,
        make: MakeFleet | None,
        notify: Callable[["FleetSnapshot"], None],
        interface: str | None = None,
        logins: "Callable[[], Mapping[str, Login]]" = dict,
        say: Callable[[str], None] = _to_nobody,
    ) -> None:
        self.problem = ""
        self.interface = interface
        self._make = make
        self._notify = notify
        self._logins = logins
        self._say = say
        self._fleet: WatchedFleet | None = None
        self._moved = asyncio.Event()
        self._ready: asyncio.Task[None] | None = None

    @property
    def fleet(self) -> "WatchedFleet":
        """What watches machines now; raises FleetError where nothing does."""
        if self._fleet is None:
            raise FleetError(
                self.problem or "Pis are not looked for: :interface NAME says on which network to."
            )
        return self._fleet

    def change_interface(self, interface: str) -> None:
        """Watch this network from now on, none for NOWHERE; raises NoInterface."""
        choose_interface(interface)
        self.interface = interface
        self._moved.set()

    def set_nodes(self, nodes: Iterable[NodeView]) -> None:
        """Tell the fleet which nodes the swarm has."""
        if self._fleet is not None:
            self._fleet.set_nodes(nodes)

    def prepare_for_keys(self) -> None:
        """Import what keys on machines need, once there are some: it weighs 20 MB."""
        if self._ready is None:
            self._ready = asyncio.create_task(_import_for_keys())

    async def run(self) -> None:
        """Watch until cancelled, through changes of the network."""
        while True:
            self._moved.clear()
            watching = asyncio.create_task(self._watch())
            moved = asyncio.create_task(self._moved.wait())
            try:
                await asyncio.wait([watching, moved], return_when=asyncio.FIRST_COMPLETED)
                if not moved.done():
                    await watching
                    await moved
            finally:
                watching.cancel()
                moved.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watching
                self._fleet = None

    async def _watch(self) -> None:
        self.problem = ""
        if self._make is None or self.interface == NOWHERE:
            return
        name = await self._network()
        while name is None:
            # A cable that is plugged in, or Wi-Fi that comes up, is noticed.
            await asyncio.sleep(_LOOK_SECONDS)
            name = await self._network()
        self.problem = ""
        if self.interface is None and (others := await asyncio.to_thread(other_interfaces, name)):
            self._say(
                f"Looking for Pis on {name}, where the default route leads; :interface {others[0]} "
                "looks there."
            )
        self._fleet = await self._make(name, self._found)
        self._fleet.log_in_as_before(self._logins())
        await self._fleet.run()

    def _found(self, snapshot: "FleetSnapshot") -> None:
        if snapshot.pis:
            self.prepare_for_keys()
        self._notify(snapshot)

    async def _network(self) -> str | None:
        """The network to watch; None, with the reason as the problem, while there is none."""
        try:
            return await asyncio.to_thread(choose_interface, self.interface)
        except NoInterface as error:
            way_out = "" if self.interface else "; :interface NAME says so."
            self.problem = f"{error}{way_out}"
            return None


async def _import_for_keys() -> None:
    for name in _FOR_KEYS:
        await asyncio.to_thread(import_module, name)


async def make_fleet(
    interface: str,
    notify: Callable[["FleetSnapshot"], None],
    *,
    user: str,
    key: Path | None,
    read_only: bool = False,
) -> "WatchedFleet":
    """The real fleet, which logs in as `user`, with this key or those of ~/.ssh and the agent."""
    # asyncssh takes a third of a second to import: the first paint does not wait for it.
    await asyncio.to_thread(import_module, "fleet.fleet")
    from fleet.fleet import Fleet
    from fleet.ssh.connection import Login

    login = Login(user, keys=(key,) if key else None)
    return Fleet(interface, notify, login=login, read_only=read_only)
