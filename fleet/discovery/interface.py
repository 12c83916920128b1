"""The network interface that discovery is told to use: its addresses and its neighbours."""

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

from base.errors import FleetError
from fleet.endpoint import parse_mac

NOWHERE = "none"
"""Stands for the interface where no Pi is to be looked for."""
_ARP_TABLE = Path("/proc/thread-self/net/arp")
_ROUTES = Path("/proc/thread-self/net/route")
_ARP_COMPLETE = 0x2


class NoInterface(FleetError):
    """There is no such interface, or it has no address: one sentence, with the way out."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface's name, its IPv4 `address` and `network`, and every address of this machine.

    `own` holds those of all interfaces: a machine that is itself a Pi hears itself.
    """

    name: str
    address: str
    network: ipaddress.IPv4Network
    own: frozenset[str]

    def covers(self, address: str) -> bool:
        """Whether an address is another machine's on this interface's own network."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return (
            parsed.version == 4
            and parsed in self.network
            and (self.network.is_loopback or str(parsed) not in self.own)
            and (self.network.is_link_local or not parsed.is_link_local)
            and parsed not in (self.network.network_address, self.network.broadcast_address)
        )


def find_interface(name: str) -> Interface:
    """The interface of this name as it is now; raises NoInterface."""
    if name == NOWHERE:
        raise NoInterface(f"No network is looked at ({NOWHERE}): name one, such as eth0.")
    # Imported late, here and below: what only names an interface need not wait for it.
    import psutil

    cards = psutil.net_if_addrs()
    if name not in cards:
        known = ", ".join(sorted(cards)[:8])
        raise NoInterface(f"There is no network interface {name[:32]!r} here: there are {known}.")
    own = frozenset(
        entry.address.partition("%")[0]
        for entries in cards.values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    )
    for entry in cards[name]:
        if entry.family == socket.AF_INET and entry.netmask:
            network = ipaddress.IPv4Network(f"{entry.address}/{entry.netmask}", strict=False)
            return Interface(name, entry.address, network, own)
    raise NoInterface(f"{name} has no IPv4 address: connect its cable or its Wi-Fi first.")


_NOT_TO_PIS = (
    *("docker", "br-", "veth", "virbr", "lxdbr", "lxcbr", "podman"),  # containers and guests
    *("cni", "flannel", "cali", "kube", "vxlan"),  # Kubernetes
    *("tun", "tap", "wg", "tailscale", "zt", "ppp"),  # tunnels
)
"""How the names of interfaces begin that lead to no Pi on a network of one's own."""


def likely_interfaces() -> tuple[str, ...]:
    """Names of interfaces that are up, have an IPv4 address and look like a way to Pis."""
    import psutil

    state = psutil.net_if_stats()
    return tuple(
        name
        for name, entries in sorted(psutil.net_if_addrs().items())
        if name in state
        and state[name].isup
        and name != "lo"
        and not name.startswith(_NOT_TO_PIS)
        and any(entry.family == socket.AF_INET for entry in entries)
    )


def most_likely(likely: tuple[str, ...], routes: str) -> str:
    """The one among likely interfaces that the default route leads through; '' where none does.

    `routes`: Linux's /proc/net/route. Of several default routes that of the lowest metric counts.
    """
    found = []
    for line in routes.splitlines()[1:]:
        match line.split():
            case [name, "00000000", _, _, _, _, metric, "00000000", *_] if name in likely:
                found.append((int(metric) if metric.isdigit() else 0, name))
    return min(found)[1] if found else ""


def choose_interface(name: str | None) -> str:
    """The interface of this name, or the likeliest one; NOWHERE stays as it is.

    Raises NoInterface; where no name was given its text wants how to give one behind it.
    """
    if name is None:
        likely = likely_interfaces()
        name = likely[0] if len(likely) == 1 else most_likely(likely, _default_routes())
        if not name:
            found = f"it may be {' or '.join(likely)}" if likely else "none is connected"
            raise NoInterface(f"On which network to look for Pis is not clear: {found}")
    if name == NOWHERE:
        return name
    return find_interface(name).name


def _default_routes() -> str:
    try:
        return _ROUTES.read_text("ascii", "replace")
    except OSError:
        return ""


def neighbours(interface: str) -> dict[str, str]:
    """MAC address by IPv4 address of the machines this one has lately talked to there."""
    try:
        text = _ARP_TABLE.read_text("ascii", "replace")
    except OSError:
        return {}
    return parse_neighbours(text, interface)


def parse_neighbours(text: str, interface: str) -> dict[str, str]:
    """What Linux's /proc/net/arp says of one interface; incomplete entries are left out."""
    found = {}
    for line in text.splitlines()[1:]:
        match line.split():
            case [address, _, flags, mac, _, device] if device == interface:
                if _complete(flags) and (known := parse_mac(mac)):
                    found[address] = known
    return found


def _complete(flags: str) -> bool:
    try:
        return bool(int(flags, 16) & _ARP_COMPLETE)
    except ValueError:
        return False
