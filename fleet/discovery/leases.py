"""What DHCP servers on this machine know of the machines on its networks."""

import csv
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

_PLACES = (
    "/var/lib/misc/dnsmasq.leases",
    "/var/lib/dnsmasq/dnsmasq.leases",
    "/var/lib/NetworkManager/dnsmasq-*.leases",  # a connection that is shared, as by a laptop
    "/etc/pihole/dhcp.leases",
    "/var/lib/dhcp/dhcpd.leases",
    "/var/lib/kea/kea-leases4.csv",
    "/var/lib/systemd/network/dhcp-server-lease/*",
    "/run/systemd/netif/dhcp-server-lease/*",
)
"""Where they are kept, on a master that is the router of its Pis."""
_ISC = re.compile(r"^lease ([0-9.]+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_ISC_MAC = re.compile(r"^\s*hardware ethernet ([0-9a-fA-F:]+);", re.MULTILINE)
_ISC_NAME = re.compile(r'^\s*client-hostname "([^"\n]*)";', re.MULTILINE)
_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lease:
    """Who has an address: MAC address and name as the server noted them; the name may be ''."""

    address: str
    mac: str
    name: str


def leases() -> list[Lease]:
    """All leases of this machine's servers that may be read; the last of an address counts."""
    found: list[Lease] = []
    for path in (path for place in _PLACES for path in Path("/").glob(place[1:])):
        with suppress(OSError), path.open("rb") as file:
            found += leases_in(file.read(_LIMIT).decode("utf-8", "replace"))
    return found


def leases_in(text: str) -> Iterator[Lease]:
    """The leases of a file, whichever server wrote it."""
    if text.startswith("{"):
        yield from _of_networkd(text)
    elif text.startswith("address,"):
        yield from _of_kea(text)
    else:
        yield from _of_dnsmasq(text)
        yield from _of_isc(text)


def _of_dnsmasq(text: str) -> Iterator[Lease]:
    """A line is `expiry mac address name client-id`, with `*` for no name (dnsmasq(8))."""
    for line in text.splitlines():
        match line.split():
            case [_, mac, address, name, _]:
                yield Lease(address, mac, "" if name == "*" else name)


def _of_isc(text: str) -> Iterator[Lease]:
    """A block for each time that it was given (dhcpd.leases(5))."""
    for block in _ISC.finditer(text):
        found = (pattern.search(block[2]) for pattern in (_ISC_MAC, _ISC_NAME))
        mac, name = (match[1] if match else "" for match in found)
        yield Lease(block[1], mac, name)


def _of_kea(text: str) -> Iterator[Lease]:
    """A row for each change; one that is over lasts 0 s, or has a state (Kea's memfile, CSV)."""
    last: dict[str, Lease] = {}
    with suppress(csv.Error):
        for row in csv.DictReader(text.splitlines()):
            address = row["address"]
            last.pop(address, None)
            if row.get("valid_lifetime") != "0" and row.get("state") in ("0", None):
                last[address] = Lease(address, row.get("hwaddr") or "", row.get("hostname") or "")
    yield from last.values()


def _of_networkd(text: str) -> Iterator[Lease]:
    """Numbers in lists, in JSON (systemd's dhcp-server-lease.c, since version 256)."""
    with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        for each in json.loads(text)["Leases"]:
            mac = bytes(each["HardwareAddress"]).hex(":")
            address = str(IPv4Address(bytes(each["Address"])))
            yield Lease(address, mac, str(each.get("Hostname") or ""))
