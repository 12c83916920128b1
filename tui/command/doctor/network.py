"""The network on which Pis are looked for, and whether anything is heard there."""

import asyncio
from contextlib import suppress
from pathlib import Path

from fleet.discovery.announcements import Sighting
from fleet.discovery.browser import Browser
from fleet.discovery.interface import (
    NOWHERE,
    Interface,
    NoInterface,
    choose_interface,
    find_interface,
)
from tui.command.doctor.examination import Judged, broken, ok, warning

LISTEN_SECONDS = 3.0
"""One that has no address but of IPv6 is told of after two."""
_AVAHI = Path("/run/avahi-daemon/socket")


def interface(name: str | None) -> Judged:
    """The interface that was named, or the only likely one."""
    if name == NOWHERE:
        return ok("No network is looked at, as --interface none says.")
    try:
        found = find_interface(choose_interface(name))
    except NoInterface as error:
        if name:
            return broken(str(error))
        return warning(f"{error}; say so with --interface.")
    return ok(f"{found.name}, {found.address} in {found.network}.")


def mdns(name: str | None) -> Judged:
    """Who announces itself there within three seconds."""
    avahi = "Avahi runs here" if _AVAHI.exists() else "Avahi does not run here, nor need it"
    if name == NOWHERE:
        return ok(f"Nobody is listened to; {avahi}.")
    try:
        place = find_interface(choose_interface(name))
    except NoInterface:
        return warning(f"Nobody is listened to before the network is clear; {avahi}.")
    try:
        heard = asyncio.run(_listen(place))
    except OSError as error:
        why = error.strerror or error
        return broken(f"mDNS cannot be used on {place.name} ({why}): free UDP port 5353.")
    if not heard:
        return warning(
            f"Nobody was heard on {place.name} in {LISTEN_SECONDS:g} seconds ({avahi}): Pis behind "
            "another router or on a guests' Wi-Fi are not; squarm pi add takes an address."
        )
    machines = "machine" if len(heard) == 1 else "machines"
    return ok(f"{len(heard)} {machines} heard on {place.name}; {avahi}.")


async def _listen(place: Interface) -> set[str]:
    """The addresses of those who were heard."""
    heard: set[str] = set()

    def seen(sighting: Sighting) -> None:
        heard.add(sighting.endpoint.address)

    listening = asyncio.create_task(Browser(place, seen).run())
    await asyncio.wait([listening], timeout=LISTEN_SECONDS)
    if listening.done():
        listening.result()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    return heard
