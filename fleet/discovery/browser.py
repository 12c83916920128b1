"""Listening to mDNS on one interface, and asking there; python-zeroconf does the protocol."""

import asyncio
import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable

from zeroconf import (  # type: ignore[attr-defined] # exported, but not by name
    DNSAddress,
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    DNSService,
    RecordUpdate,
    RecordUpdateListener,
    Zeroconf,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

from fleet.discovery.announcements import TYPES, Announcements, Sighting, askable
from fleet.discovery.interface import Interface

_STOCK = "raspberrypi"
_LEAST_NAMES = 6
_MOST_NAMES = 300
"""More than a fleet of 200 fresh cards, and few enough to be asked for in one packet's burst."""
_ROUND_SECONDS = 1.0
_PROBE_ROUNDS = (0, 1, 3)
_PROBE_EVERY = 10
_RECORD_TYPES = {"A": 1, "AAAA": 28, "SRV": 33}
_KINDS = ("A", "AAAA")
_CLASS_IN = 1
_QUERY = 0


class Browser:
    """Sees what is announced on the interface, and asks for names that announce no service.

    `seen` is called on the event loop for each sighting; repeated ones come at most every 5 s.
    """

    def __init__(self, interface: Interface, seen: Callable[[Sighting], None]) -> None:
        self._interface = interface
        self._seen = seen
        self._known = Announcements(interface.covers)
        self._names: dict[str, None] = {}
        self._asked: dict[str, None] = {}
        self._soon = asyncio.Event()

    def want(self, name: str) -> None:
        """Ask for this host's address from now on: a name without `.local`."""
        self._names[name] = None
        self._known.want(name)
        self._soon.set()

    def unwant(self, name: str) -> None:
        """Undo `want`."""
        self._names.pop(name, None)
        self._known.unwant(name)

    @property
    def strays(self) -> dict[str, str]:
        """Machines that gave themselves an address, by name, where this network has others."""
        return self._known.strays

    async def run(self) -> None:
        """Listen and ask until cancelled; raises OSError where the interface cannot be used."""
        listener = _Listener(self._known, self._seen, self._interface)
        zeroconf = self._open()
        zeroconf.zeroconf.async_add_listener(listener, None)
        browser = AsyncServiceBrowser(zeroconf.zeroconf, list(TYPES), handlers=[lambda **_: None])
        try:
            await self._ask(zeroconf.zeroconf)
        finally:
            with contextlib.suppress(Exception):
                await browser.async_cancel()
            await zeroconf.async_close()

    def ask(self, name: str) -> None:
        """Ask once, within a second, which addresses a host has now: a name without `.local`."""
        self._asked[name] = None

    def _open(self) -> AsyncZeroconf:
        """Where the interface takes part in IPv6 both are listened to; raises OSError."""
        there = self._interface
        places: list[str | int] = [] if ":" in there.address else [there.address]
        try:
            if there.networks6:
                places.append(socket.if_nametoindex(there.name))
            return AsyncZeroconf(interfaces=places)
        except RuntimeError as error:
            # Its address has gone this moment.
            raise OSError(str(error)) from None

    async def _ask(self, zeroconf: Zeroconf) -> None:
        number = 0
        while True:
            wanted = self._known.questions()
            names, self._asked = [*self._asked], {}
            if self._soon.is_set() or number in _PROBE_ROUNDS or number % _PROBE_EVERY == 0:
                self._soon.clear()
                names += self._probed()
            wanted += [(kind, f"{name}.local.") for name in names for kind in _KINDS]
            _send(zeroconf, [(kind, name) for kind, name in wanted if askable(name)])
            for sighting in self._known.late(time.monotonic()):
                self._seen(sighting)
            number += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), _ROUND_SECONDS)

    def _probed(self) -> list[str]:
        """The stock name with every suffix in use and a few more, and the user's names."""
        found = sum(name.startswith(_STOCK) for name in self._known.names())
        last = min(_MOST_NAMES, max(_LEAST_NAMES, found + 3))
        return [_STOCK, *(f"{_STOCK}-{number}" for number in range(2, last + 1)), *self._names]


class _Listener(RecordUpdateListener):
    """Hands over every record that comes in, refreshed ones too."""

    def __init__(
        self, known: Announcements, seen: Callable[[Sighting], None], interface: Interface
    ) -> None:
        self._known = known
        self._seen = seen
        self._interface = interface
        self._index = socket.if_nametoindex(interface.name)

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
        """Called by zeroconf for each packet."""
        del zc, now
        at = time.monotonic()
        for update in records:
            for sighting in self._sightings(update.new, at):
                self._seen(sighting)

    def async_update_records_complete(self) -> None:
        """Called by zeroconf when a packet is done."""

    def _sightings(self, record: object, at: float) -> list[Sighting]:
        match record:
            case DNSPointer() if record.ttl and record.name.lower() in TYPES:
                self._known.pointer(record.alias)
            case DNSService() if record.ttl and record.name.lower().endswith(TYPES):
                return self._known.service(record.name, record.server, record.port, at)
            case DNSAddress() if record.ttl and len(record.address) in (4, 16):
                address = ipaddress.ip_address(record.address)
                # What another program listens to on other interfaces is heard here as well; other
                # addresses show whether they are of this network.
                scoped = address.version == 6 and address.is_link_local
                if not scoped or record.scope_id == self._index:
                    place = self._interface.scoped(str(address))
                    return self._known.address(record.name, place, at)
        return []


def _send(zeroconf: Zeroconf, wanted: list[tuple[str, str]]) -> None:
    if not wanted:
        return
    packet = DNSOutgoing(_QUERY)
    for kind, name in wanted:
        packet.add_question(DNSQuestion(name, _RECORD_TYPES[kind], _CLASS_IN))
    zeroconf.async_send(packet)
