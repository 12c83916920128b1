"""Keeps browsing the named interface, through changes of its address, and resolves added names."""

import asyncio
import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable, Mapping

from fleet.discovery.announcements import Sighting
from fleet.discovery.browser import Browser
from fleet.discovery.interface import (
    Interface,
    NoInterface,
    find_interface,
    neighbours,
    other_interfaces,
)
from fleet.discovery.nearby import nearby
from fleet.discovery.sweep import LARGEST_PREFIX, answers, sweep, sweep_range
from fleet.endpoint import SSH_PORT, BadAddress, Endpoint, parse_place

_LOOK_SECONDS = 3.0
_RESOLVE_SECONDS = 30.0
_SILENT_SECONDS = 10.0
_NEARBY_SECONDS = 10.0
_KNOCK_SECONDS = 1.0


class Discovery:
    """Calls `seen` for each sighting, which returns whether it is taken for a Pi's.

    `say` gets one sentence while discovery cannot work or finds no Pi, or ''.

    `interface` is None while there is no such interface, or it has no address.
    """

    def __init__(
        self, name: str, seen: Callable[[Sighting], bool], say: Callable[[str], None]
    ) -> None:
        self.interface: Interface | None = None
        self._name = name
        self._recognises = seen
        self._say = say
        self._browser: Browser | None = None
        self._found_a_pi = False
        self._names: dict[str, bool] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts that are looked for."""
        return tuple(self._names)

    @property
    def missing(self) -> tuple[str, ...]:
        """Those that have not shown themselves yet, in order."""
        return tuple(sorted(name for name, found in self._names.items() if not found))

    def want(self, name: str) -> None:
        """Look for this host, a name without `.local`."""
        self._names.setdefault(name, False)
        if self._browser:
            self._browser.want(name)

    def unwant(self, name: str) -> None:
        """Undo `want`."""
        self._names.pop(name, None)
        if self._browser:
            self._browser.unwant(name)

    def ask(self, name: str) -> None:
        """Ask once where this host is now, a name without `.local`."""
        if self._browser:
            self._browser.ask(name)

    def found(self, name: str) -> bool:
        """The host has shown itself; returns whether it is one that is looked for."""
        if name in self._names:
            self._names[name] = True
        return name in self._names

    async def sweep(self, cidr: str, found: Callable[[Endpoint], None]) -> int:
        """Knock at every address of a range on this network; returns how many answer.

        Raises BadSweep and NoInterface.
        """
        return await sweep(self.addresses_of(cidr), found)

    def addresses_of(self, cidr: str) -> tuple[str, ...]:
        """Those of a range that a sweep would knock at; raises BadSweep and NoInterface."""
        return sweep_range(cidr, find_interface(self._name))

    def mac_of(self, endpoint: Endpoint) -> str:
        """The address of the network card that answers there; '' where that cannot be known."""
        if self.interface is None or not self.interface.covers(endpoint.address):
            return ""
        return neighbours(self.interface.name).get(endpoint.address, "")

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._browse())
            group.create_task(self._resolve())
            group.create_task(self._look_nearby())

    async def _browse(self) -> None:
        while True:
            try:
                self.interface = find_interface(self._name)
            except NoInterface as error:
                self.interface = None
                self._say(str(error))
            else:
                self._say(await self._browse_on(self.interface))
            await asyncio.sleep(_LOOK_SECONDS)

    async def _browse_on(self, interface: Interface) -> str:
        """Browse until the interface changes (returns '') or mDNS fails (returns why)."""
        browser = self._browser = Browser(interface, self._seen)
        began = time.monotonic()
        for name in self._names:
            browser.want(name)
        self._say("")
        browsing = asyncio.create_task(browser.run())
        try:
            while not browsing.done():
                await asyncio.wait([browsing], timeout=_LOOK_SECONDS)
                if self._changed(interface):
                    return ""
                silent = not self._found_a_pi and time.monotonic() - began > _SILENT_SECONDS
                self._say(
                    _about_strays(browser.strays, interface)
                    or (_about_silence(interface) if silent else "")
                )
            await browsing
        except OSError as error:
            return f"mDNS cannot be used on {interface.name} ({error.strerror or error})."
        finally:
            self._browser = None
            browsing.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await browsing
        return ""

    def _changed(self, interface: Interface) -> bool:
        try:
            now = find_interface(self._name)
        except NoInterface:
            return True
        mine = (interface.address, interface.network, interface.networks6)
        return (now.address, now.network, now.networks6) != mine

    def _seen(self, sighting: Sighting) -> None:
        self._found_a_pi |= self._recognises(sighting)

    async def _look_nearby(self) -> None:
        """Tell once of each Pi that this machine knows of without any announcement, and answers.

        The neighbour table and leases keep for long who is gone.
        """
        told: set[Sighting] = set()
        while True:
            if self.interface is not None:
                found = await asyncio.to_thread(nearby, self.interface)
                told &= {*found}
                for sighting in found:
                    if sighting not in told and await answers(sighting.endpoint, _KNOCK_SECONDS):
                        told.add(sighting)
                        self._seen(sighting)
            await asyncio.sleep(_NEARBY_SECONDS if self.interface else 1.0)

    async def _resolve(self) -> None:
        """What mDNS does not know the router may know: ask the system's resolver as well."""
        while True:
            for name in self.missing:
                with contextlib.suppress(OSError, UnicodeError, BadAddress):
                    answers = await asyncio.get_running_loop().getaddrinfo(
                        name, SSH_PORT, type=socket.SOCK_STREAM
                    )
                    places = [parse_place(str(answer[4][0])) for answer in answers]
                    known = [place for place in places if isinstance(place, Endpoint)]
                    if known and name in self._names:
                        self._seen(Sighting(min(known, key=lambda place: place.worth), name))
            await asyncio.sleep(_RESOLVE_SECONDS)


def _about_silence(interface: Interface) -> str:
    """What to say where no Pi shows itself; '' where none is expected to."""
    if interface.network.is_loopback:
        return ""
    swept = interface.network
    if swept.version == 4 and swept.prefixlen < LARGEST_PREFIX:
        swept = ipaddress.IPv4Network(f"{interface.address}/24", strict=False)
    way_out = f"squarm pi sweep {swept} (:sweep {swept}) knocks at every address."
    if swept.version == 6:
        way_out = "squarm pi add (:add) takes an address."
    elsewhere = ""
    if others := other_interfaces(interface.name):
        elsewhere = f" squarm --interface {others[0]} (:interface {others[0]}) looks there."
    return (
        f"No Pi shows itself on {interface.name}: none may be there, or the network keeps "
        "announcements away (guest Wi-Fi, client isolation, a switch that filters multicast). "
        f"{way_out}{elsewhere}"
    )


def _about_strays(strays: Mapping[str, str], interface: Interface) -> str:
    """What to say of machines that have no address of this network."""
    if not strays:
        return ""
    names = ", ".join(f"{name} ({address})" for name, address in sorted(strays.items())[:3])
    return (
        f"{names} got no address from the network on {interface.name} and cannot be reached: is "
        "its router (DHCP) there? With a direct cable give this end an address in 169.254.0.0/16."
    )
