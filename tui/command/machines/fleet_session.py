"""A fleet that looks around for as long as a verb needs it."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from base.errors import UsageError
from base.text import clean_text
from fleet.discovery.interface import (
    NOWHERE,
    NoInterface,
    choose_interface,
    other_interfaces,
)
from fleet.fleet import Fleet
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.connection import Login
from tui.command.messages import say

LOOK_SECONDS = 8.0
"""A first look: names are asked for and settled, machines answer."""


def chosen_interface(arguments: argparse.Namespace) -> str:
    """The network to look on, also where none was named; raises UsageError."""
    try:
        name = choose_interface(arguments.interface)
    except NoInterface as error:
        way_out = "" if arguments.interface else "; say so with --interface."
        raise UsageError(f"{error}{way_out}") from None
    if arguments.interface is None and (others := other_interfaces(name)):
        say(f"Looking on {name}, where the default route leads; --interface takes {others[0]}.")
    return name


class FleetSession:
    """A fleet that is looking, and ways to wait for what it sees.

    `known`: the Pis whose host keys were trusted before it began to look.
    """

    def __init__(self, name: str, login: Login | None, *, read_only: bool) -> None:
        self._news = asyncio.Event()
        self.fleet = Fleet(name, lambda _: self._news.set(), login=login, read_only=read_only)
        self.known = frozenset(self.fleet.known_hosts.read())

    async def until(
        self, true: Callable[[FleetSnapshot], object], seconds: float = LOOK_SECONDS
    ) -> FleetSnapshot:
        """Look until something is seen, but no longer than so many seconds."""
        if not self.fleet.looks:
            return self.fleet.snapshot()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not true(self.fleet.snapshot()):
                    self._news.clear()
                    await self._news.wait()
        return self.fleet.snapshot()


@asynccontextmanager
async def open_fleet(
    arguments: argparse.Namespace, login: Login | None = None
) -> AsyncIterator[FleetSession]:
    """A fleet that watches the network of the options until the block is left.

    Then what it knows is kept, but for --read-only. Raises UsageError.
    """
    session = FleetSession(chosen_interface(arguments), login, read_only=arguments.read_only)
    running = asyncio.create_task(session.fleet.run())
    try:
        # It reads what it knows from earlier runs first.
        await asyncio.sleep(0)
        yield session
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def find_pi(snapshot: FleetSnapshot, text: str) -> PiView:
    """The Pi of this id, name or address; raises UsageError."""
    wanted = text.strip().lower().removesuffix(".local")
    found = [view for view in snapshot.pis if wanted in (view.id, *view.addresses)]
    found = found or [
        view for view in snapshot.pis if wanted in (view.name.lower(), view.hostname.lower())
    ]
    shown = clean_text(text, 40)
    if not found:
        # It may be among those that cannot be read.
        why = f" {snapshot.problem}" if snapshot.problem else ""
        if snapshot.interface == NOWHERE:
            raise UsageError(
                f"There is no Pi {shown!r} that is known, and no network is looked at.{why}"
            )
        raise UsageError(
            f"There is no Pi {shown!r} on {snapshot.interface}: squarm nodes lists them.{why}"
        )
    if len(found) > 1:
        ids = ", ".join(view.id for view in found[:4])
        raise UsageError(f"{shown!r} could be any of {len(found)} Pis: give an id ({ids}).")
    return found[0]
