"""A running fleet and what it has reported, for tests."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fleet.fleet import Fleet
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.connection import Login
from tests.fleet.pis import Card, NamespacedPi
from tests.waiting import until


def harmless(text: str) -> bool:
    """Whether nothing in a text could drive a terminal, or turn it around."""
    return not any(unicodedata.category(char)[0] == "C" for char in text)


class Watching:
    """The newest snapshot, and ways to wait for what it should show."""

    def __init__(self) -> None:
        self.fleet: Fleet
        self.snapshots: list[FleetSnapshot] = []

    def __call__(self, snapshot: FleetSnapshot) -> None:
        self.snapshots.append(snapshot)

    @property
    def pis(self) -> tuple[PiView, ...]:
        """The machines in the newest snapshot."""
        return self.snapshots[-1].pis if self.snapshots else ()

    def at(self, pi: NamespacedPi) -> PiView | None:
        """The machine that is shown at a Pi's address."""
        return next((view for view in self.pis if view.address == pi.address), None)

    def named(self, pi: str) -> PiView:
        """The machine of an id."""
        return next(view for view in self.pis if view.id == pi)

    async def until(self, true: Callable[[], object], seconds: float = 60) -> float:
        """Wait until it is true; returns the seconds that took, fails after `seconds`."""
        return await until(true, seconds, self._shown)

    def _shown(self) -> str:
        return "\n".join(
            f"  {view.id} {view.name} {view.address} {view.mac} {view.state} "
            f"serial={view.identity.serial} age={self.fleet.now() - view.sampled:.1f} "
            f"{view.problem}"
            for view in self.pis
        )


@asynccontextmanager
async def watching(
    interface: str, folder: Path, login: Login | None = None, add: Iterable[str] = ()
) -> AsyncIterator[Watching]:
    """A fleet that runs until the block is left."""
    seen = Watching()
    seen.fleet = Fleet(interface, seen, login=login, folder=folder)
    for place in add:
        seen.fleet.add(place)
    task = asyncio.create_task(seen.fleet.run())
    try:
        yield seen
        assert not task.done(), task.exception()
        assert not any("fault" in snapshot.problem for snapshot in seen.snapshots)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def power_on(*pairs: tuple[NamespacedPi, Card], **options: bool) -> None:
    """Start Pis at one time, as a switch on the wall would."""
    await asyncio.gather(*(asyncio.to_thread(pi.start, card, **options) for pi, card in pairs))
