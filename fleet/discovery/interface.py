"""The network interface that discovery is told to use: its addresses and its neighbours."""

import ipaddress
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from base.errors import FleetError
from fleet.endpoint import parse_mac

NOWHERE = "none"
"""Stands for the interface where no Pi is to be looked for."""
_ARP_TABLE = Path("/proc/thread-self/net/arp")
_ROUTES = Path("/proc/thread-self/net/route")
_ARP_COMPLETE = 0x2


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NoInterface(FleetError):
    """There is no such interface, or it has no address: one sentence, with the way out."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface's name, its `address` and `network`, and every address of this machine.

    They are of IPv4, where it has such. `own` holds the addresses of all interfaces: a machine that
    is itself a Pi hears itself. `networks6`: those of IPv6 that the interface is in.
    """

    name: str
    address: str
    network: Network
    own: frozenset[str]
    networks6: frozenset[ipaddress.IPv6Network] = frozenset()

    def covers(self, address: str) -> bool:
        """Whether an address is another machine's on this interface's own network."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(parsed, ipaddress.IPv6Address):
            return self._covers6(parsed)
        return (
            parsed in self.network
            and (self.network.is_loopback or str(parsed) not in self.own)
            and (self.network.is_link_local or not parsed.is_link_local)
            and parsed not in (self.network.network_address, self.network.broadcast_address)
        )

    def scoped(self, address: str) -> str:
        """An address as it is to be dialled: a link-local one of IPv6 with the interface behind."""
        parsed = ipaddress.ip_address(address)
        scoped = parsed.version == 6 and parsed.is_link_local
        return f"{address}%{self.name}" if scoped else address

    def _covers6(self, address: ipaddress.IPv6Address) -> bool:
        scope = self.name if address.is_link_local else None
        return (
            address.scope_id == scope
            and str(address).partition("%")[0] not in self.own
            # Such a network's first address is that of its routers, whichever answers.
            and any(int(address) > int(net[0]) for net in self.networks6 if address in net)
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
    held = [
        network
        for entry in cards[name]
        if entry.family in (socket.AF_INET, socket.AF_INET6)
        and (network := _parse_address(entry.address, entry.netmask or ""))
    ]
    if not held:
        raise NoInterface(f"{name} has no address: connect its cable or its Wi-Fi first.")
    # One that means the same everywhere comes before a link-local one.
    best = min(held, key=lambda one: (one.version, one.version == 6 and one.is_link_local))
    networks6 = frozenset(
        one.network
        for one in held
        if isinstance(one, ipaddress.IPv6Interface) and not one.is_loopback
    )
    found = Interface(name, "", best.network, own, networks6)
    return replace(found, address=found.scoped(str(best.ip)))


def _parse_address(
    address: str, mask: str
) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface | None:
    """An address with its network, as psutil tells of it; None where it has none."""
    try:
        if ":" not in address:
            return ipaddress.IPv4Interface(f"{address}/{mask}")
        bits = int(ipaddress.IPv6Address(mask)).bit_count()
        return ipaddress.IPv6Interface(f"{address.partition('%')[0]}/{bits}")
    except ValueError:
        return None


_NOT_TO_PIS = (
    *("docker", "br-", "veth", "virbr", "lxdbr", "lxcbr", "podman"),  # containers and guests
    *("cni", "flannel", "cali", "kube", "vxlan"),  # Kubernetes
    *("tun", "tap", "wg", "tailscale", "zt", "ppp"),  # tunnels
)
"""How the names of interfaces begin that lead to no Pi on a network of one's own."""


def likely_interfaces() -> tuple[str, ...]:
    """Names of interfaces that are up, have an address and look like a way to Pis.

    Those without one of IPv4 count only where none has: each that is up gives itself one of IPv6.
    """
    import psutil

    state = psutil.net_if_stats()
    families = {
        name: {entry.family for entry in entries}
        for name, entries in sorted(psutil.net_if_addrs().items())
        if name in state and state[name].isup and name != "lo" and not name.startswith(_NOT_TO_PIS)
    }
    return tuple(name for name in families if socket.AF_INET in families[name]) or tuple(
        name for name in families if socket.AF_INET6 in families[name]
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


def other_interfaces(name: str) -> tuple[str, ...]:
    """Those beside this one that look like a way to Pis, too."""
    return tuple(other for other in likely_interfaces() if other != name)


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
