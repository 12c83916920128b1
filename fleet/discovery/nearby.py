"""Pis that no announcement tells of: in the neighbour table, and among the leases of a DHCP server.

Where a network keeps multicast away these are all there is, next to a sweep. Only machines that are
Pis by their network card or their name are taken: whatever else is on the network is nobody's
business here.
"""

from collections.abc import Iterable, Mapping

from base.text import clean_text
from fleet.discovery.announcements import Sighting
from fleet.discovery.interface import Interface, neighbours
from fleet.discovery.leases import Lease, leases
from fleet.endpoint import Endpoint, is_pi_mac, is_pi_name, parse_mac


def nearby(interface: Interface) -> list[Sighting]:
    """The Pis on an interface's network that this machine knows of by itself."""
    return pis_among(neighbours(interface.name), leases(), interface)


def pis_among(
    macs: Mapping[str, str], leased: Iterable[Lease], interface: Interface
) -> list[Sighting]:
    """The Pis among neighbours (MAC address by address) and those who were given an address."""
    found = {
        address: Sighting(Endpoint(address), "", mac)
        for address, mac in macs.items()
        if is_pi_mac(mac) and interface.covers(address)
    }
    for lease in leased:
        known, called = parse_mac(lease.mac), clean_text(lease.name, 64).lower()
        if interface.covers(lease.address) and (is_pi_mac(known) or is_pi_name(called)):
            found[lease.address] = Sighting(Endpoint(lease.address), called, known)
    return list(found.values())
