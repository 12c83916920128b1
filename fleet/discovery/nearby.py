"""Pis that no announcement tells of: in the neighbour table, and among the leases of a DHCP server.

Where a network keeps multicast away these are all there is, next to a sweep. Only machines that are
Pis by their network card or their name are taken: whatever else is on the network is nobody's
business here.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from base.text import clean_text
from fleet.discovery.announcements import Sighting
from fleet.discovery.interface import Interface, neighbours
from fleet.endpoint import Endpoint, is_pi_mac, is_pi_name, parse_mac

_LEASES = (
    "/var/lib/misc/dnsmasq.leases",
    "/var/lib/dnsmasq/dnsmasq.leases",
    "/var/lib/NetworkManager/dnsmasq-*.leases",  # a connection that is shared, as by a laptop
    "/etc/pihole/dhcp.leases",
    "/var/lib/dhcp/dhcpd.leases",
)
"""Where they are kept, on a master that is the router of its Pis."""
_ISC = re.compile(r"^lease ([0-9.]+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_ISC_MAC = re.compile(r"^\s*hardware ethernet ([0-9a-fA-F:]+);", re.MULTILINE)
_ISC_NAME = re.compile(r'^\s*client-hostname "([^"\n]*)";', re.MULTILINE)
_LIMIT = 1024 * 1024


def nearby(interface: Interface) -> list[Sighting]:
    """The Pis on an interface's network that this machine knows of by itself."""
    leases = ""
    for path in (path for place in _LEASES for path in Path("/").glob(place[1:])):
        with suppress(OSError):
            leases += path.read_text("utf-8", "replace")[:_LIMIT]
    return pis_among(neighbours(interface.name), leases, interface)


def pis_among(macs: Mapping[str, str], leases: str, interface: Interface) -> list[Sighting]:
    """The Pis among neighbours (MAC address by address) and leases, as DHCP servers note them."""
    found = {
        address: Sighting(Endpoint(address), "", mac)
        for address, mac in macs.items()
        if is_pi_mac(mac) and interface.covers(address)
    }
    for mac, address, name in _leased(leases):
        known, called = parse_mac(mac), clean_text(name, 64).lower()
        if interface.covers(address) and (is_pi_mac(known) or is_pi_name(called)):
            found[address] = Sighting(Endpoint(address), called, known)
    return list(found.values())


def _leased(text: str) -> Iterator[tuple[str, str, str]]:
    """MAC address, address and name of each lease; the name may be ''.

    dnsmasq's is a line `expiry mac address name client-id`, with `*` for no name (dnsmasq(8)); that
    of the ISC's server a block, of which the last counts (dhcpd.leases(5)).
    """
    for line in text.splitlines():
        match line.split():
            case [_, mac, address, name, _]:
                yield mac, address, "" if name == "*" else name
    for block in _ISC.finditer(text):
        found = (pattern.search(block[2]) for pattern in (_ISC_MAC, _ISC_NAME))
        mac, name = (match[1] if match else "" for match in found)
        yield mac, block[1], name
