"""mDNS records as sightings of machines. No I/O: records go in, sightings come out.

Everything here comes from anyone on the network: tables are bounded, and text is cleaned before it
leaves. Missing or withdrawn announcements take nothing away: machines age elsewhere.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from base.text import clean_text
from fleet.endpoint import SSH_PORT, Endpoint, is_pi_name, parse_mac

WORKSTATION = "_workstation._tcp.local."
SSH_TYPES = ("_ssh._tcp.local.", "_sftp-ssh._tcp.local.")
MACHINE_TYPES = (WORKSTATION, "_udisks-ssh._tcp.local.")
"""What whole machines announce: Raspberry Pi OS does, and few others."""
TYPES = (*MACHINE_TYPES, *SSH_TYPES)
"""What Raspberry Pi OS and Debian announce of machines that take SSH."""

_HOSTS = 2048
_SELF_GIVEN = "169.254."
_ADDRESSES = 8
_REPEAT_SECONDS = 5.0
_IPV4_SECONDS = 2.0
"""Who shows an address of IPv6 and so soon before or after it one of IPv4 is looked at there."""
_QUESTIONS = 48
_ATTEMPTS = 4
_WORKSTATION_NAME = re.compile(r"(.*) \[([0-9a-fA-F:]{17})\]", re.DOTALL)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A machine was announced: `mac` where a workstation's name carries it, else ''.

    A MAC address found so belongs to the host's name, and names change hands. `whole`: it was
    announced as a machine, not only as something that takes SSH.
    """

    endpoint: Endpoint
    name: str
    mac: str = ""
    whole: bool = False


@dataclass(slots=True)
class _Host:
    """What has been heard of one host name."""

    addresses: dict[str, float] = field(default_factory=dict)
    """When each was last told to the caller."""
    pending: dict[str, float] = field(default_factory=dict)
    """When those of IPv6 were heard that are not told yet."""
    ipv4: float = -math.inf
    """When an address of IPv4 was heard last."""
    announced: bool = False
    whole: bool = False
    mac: str = ""
    port: int = SSH_PORT


class Announcements:
    """Joins pointers, services and addresses of this network; `accept` says which those are."""

    def __init__(self, accept: Callable[[str], bool]) -> None:
        self._accept = accept
        self._wanted: set[str] = set()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._unresolved: OrderedDict[str, int] = OrderedDict()
        self._resolved: OrderedDict[str, None] = OrderedDict()
        self._strays: OrderedDict[str, str] = OrderedDict()

    @property
    def strays(self) -> dict[str, str]:
        """Machines that only have an address which they gave themselves (169.254/16), by name."""
        found = {}
        for host, address in self._strays.items():
            entry = self._hosts.get(host) or _Host()
            if not entry.addresses and (entry.announced or is_pi_name(_shown(host))):
                found[_shown(host)] = address
        return found

    def want(self, name: str) -> None:
        """Notice this host, a name without `.local`, by its address record alone."""
        self._wanted.add(_host_key(f"{name}.local."))

    def unwant(self, name: str) -> None:
        """Undo `want`."""
        self._wanted.discard(_host_key(f"{name}.local."))

    def pointer(self, instance: str) -> None:
        """A service instance was announced; its host is still to be asked for."""
        key = instance.lower()[:512]
        if key not in self._resolved:
            _bounded(self._unresolved, key, self._unresolved.get(key, 0))

    def service(self, instance: str, host: str, port: int, at: float) -> list[Sighting]:
        """A service instance lives on this host."""
        key = instance.lower()[:512]
        self._unresolved.pop(key, None)
        _bounded(self._resolved, key, None)
        entry = self._host(host)
        entry.announced = True
        entry.whole = entry.whole or key.endswith(MACHINE_TYPES)
        entry.mac = _workstation_mac(instance) or entry.mac
        if key.endswith(SSH_TYPES) and 0 < port < 65536:
            entry.port = port
        for address in entry.addresses:
            if Endpoint(address).is_ipv6:
                entry.pending.setdefault(address, at)
        return list(self._tell(host, entry, _of_ipv4(entry), at))

    def address(self, host: str, address: str, at: float) -> list[Sighting]:
        """A host has this address; of one of IPv6 `late` tells."""
        if not self._accept(address):
            if address.startswith(_SELF_GIVEN):
                _bounded(self._strays, _host_key(host), address)
            return []
        self._strays.pop(_host_key(host), None)
        entry = self._host(host)
        told = entry.addresses.pop(address, -math.inf)
        entry.addresses[address] = told
        while len(entry.addresses) > _ADDRESSES:
            oldest = next(iter(entry.addresses))
            del entry.addresses[oldest]
            entry.pending.pop(oldest, None)
        if Endpoint(address).is_ipv6:
            entry.pending.setdefault(address, at)
            return []
        entry.ipv4 = at
        return list(self._tell(host, entry, (address,), at))

    def late(self, at: float) -> list[Sighting]:
        """Machines that show addresses of IPv6 alone, two seconds after they did."""
        seen: list[Sighting] = []
        for host, entry in list(self._hosts.items()):
            due = [name for name, heard in entry.pending.items() if at - heard >= _IPV4_SECONDS]
            alone = [name for name in due if entry.ipv4 < entry.pending[name] - _IPV4_SECONDS]
            for address in due:
                del entry.pending[address]
            seen += self._tell(host, entry, alone, at)
        return seen

    def questions(self) -> list[tuple[str, str]]:
        """Up to 48 records to ask for, (`SRV`, `A` or `AAAA`, name): announced, but not told."""
        asked = [("SRV", instance) for instance in list(self._unresolved)[: _QUESTIONS // 2]]
        for _, instance in asked:
            self._unresolved[instance] += 1
            if self._unresolved[instance] >= _ATTEMPTS:
                del self._unresolved[instance]
        homeless = [
            name
            for name, host in self._hosts.items()
            if host.announced and not _of_ipv4(host) and (host.pending or not host.addresses)
        ]
        asked += [(kind, name) for name in homeless[: _QUESTIONS // 4] for kind in ("A", "AAAA")]
        return [(kind, name) for kind, name in asked if askable(name)]

    def names(self) -> list[str]:
        """The host names with an address, without `.local`."""
        return [_shown(name) for name, host in self._hosts.items() if host.addresses]

    def _host(self, host: str) -> _Host:
        key = _host_key(host)
        entry = self._hosts.get(key)
        if entry is None:
            entry = _Host()
        return _bounded(self._hosts, key, entry)

    def _tell(
        self, host: str, entry: _Host, addresses: Iterable[str], at: float
    ) -> Iterator[Sighting]:
        key = _host_key(host)
        name = _shown(key)
        if not (entry.announced or key in self._wanted or is_pi_name(name)):
            return
        for address in sorted(addresses, key=lambda one: Endpoint(one).worth):
            if at - entry.addresses[address] >= _REPEAT_SECONDS:
                entry.addresses[address] = at
                yield Sighting(Endpoint(address, entry.port), name, entry.mac, entry.whole)


def _of_ipv4(entry: _Host) -> tuple[str, ...]:
    return tuple(address for address in entry.addresses if not Endpoint(address).is_ipv6)


def _workstation_mac(instance: str) -> str:
    """The MAC address in `host [b8:27:eb:01:02:03]._workstation._tcp.local.`."""
    label, found, _ = instance.lower().rpartition("." + WORKSTATION)
    match = _WORKSTATION_NAME.fullmatch(label) if found else None
    return parse_mac(match[2]) if match else ""


def askable(name: str) -> bool:
    """Whether a name fits in a question: what came in as invalid UTF-8 may have grown."""
    labels = name.removesuffix(".").split(".")
    return len(name.encode()) < 254 and all(0 < len(label.encode()) < 64 for label in labels)


def _host_key(host: str) -> str:
    return host.lower()[:255]


def _shown(host: str) -> str:
    return clean_text(host.removesuffix(".").removesuffix(".local"), 64).strip()


def _bounded(table: "OrderedDict[str, Value]", key: str, value: Value) -> Value:
    """Put what is newest last, and drop what is oldest where there is too much."""
    table[key] = value
    table.move_to_end(key)
    if len(table) > _HOSTS:
        table.popitem(last=False)
    return value
