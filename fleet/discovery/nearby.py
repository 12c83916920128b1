"""Pis that no announcement tells of: in the neighbour table, and among the leases of a DHCP server.

Where a network keeps multicast away these are all there is, next to a sweep. Only machines that are
Pis by their network card or their name are taken: whatever else is on the network is nobody's
business here.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from base.text import clean_text
from fleet.discovery.announcements import Sighting
from fleet.discovery.interface import Interface, neighbours
from fleet.endpoint import Endpoint, is_pi_mac, is_pi_name, parse_mac

_LEASES = (Path("/var/lib/misc/dnsmasq.leases"), Path("/var/lib/dnsmasq/dnsmasq.leases"))
"""Where dnsmasq keeps them, on a master that is the router of its Pis."""
_LIMIT = 1024 * 1024


def nearby(interface: Interface) -> list[Sighting]:
    """The Pis on an interface's network that this machine knows of by itself."""
    leases = ""
    for path in _LEASES:
        with suppress(OSError):
            leases += path.read_text("utf-8", "replace")[:_LIMIT]
    return pis_among(neighbours(interface.name), leases, interface)


def pis_among(macs: Mapping[str, str], leases: str, interface: Interface) -> list[Sighting]:
    """The Pis among neighbours (MAC address by address) and dnsmasq's leases.

    A lease is `expiry mac address name client-id` (dnsmasq(8)); the name may be `*`.
    """
    found = {
        address: Sighting(Endpoint(address), "", mac)
        for address, mac in macs.items()
        if is_pi_mac(mac) and interface.covers(address)
    }
    for line in leases.splitlines():
        match line.split():
            case [_, mac, address, name, _] if interface.covers(address):
                known = parse_mac(mac)
                called = "" if name == "*" else clean_text(name, 64).lower()
                if is_pi_mac(known) or is_pi_name(called):
                    found[address] = Sighting(Endpoint(address), called, known)
    return list(found.values())
