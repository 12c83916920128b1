"""Where a machine answers SSH, and what names and hardware addresses tell about it."""

import ipaddress
import re
from dataclasses import dataclass

from base.errors import FleetError

SSH_PORT = 22

PI_PREFIXES = frozenset(
    {
        *("b8:27:eb", "dc:a6:32", "e4:5f:01", "d8:3a:dd"),
        *("2c:cf:67", "28:cd:c1", "88:a2:9e", "98:fe:54"),
    }
)
"""The makers' prefixes of "Raspberry Pi" in the IEEE's list of June 2026.

https://standards-oui.ieee.org/oui/oui.txt; this is their one place in squarm.
"""

_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_PI_NAME = re.compile(r"raspberrypi(?:-\d{1,4})?", re.IGNORECASE)
_SUFFIX = re.compile(r"-\d{1,4}\Z")
_SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}")
"""The name of an interface: it gets into commands, so nothing that means something there."""
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*", re.IGNORECASE)


USUAL_USER = "pi"
"""Who logs in to a Raspberry Pi where nobody said another."""


class BadAddress(FleetError):
    """What was given is no address or name: one sentence."""


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """An IP address, in its canonical spelling, and a TCP port.

    A link-local address of IPv6 has the interface of this machine that it is on behind it:
    `fe80::7%eth0`.
    """

    address: str
    port: int = SSH_PORT

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.address if self.port == SSH_PORT else f"{host}:{self.port}"

    @property
    def is_ipv6(self) -> bool:
        """Whether it is an address of IPv6."""
        return ":" in self.address

    @property
    def is_scoped(self) -> bool:
        """Whether it means a machine only here, and another one, or none, elsewhere."""
        return "%" in self.address

    @property
    def worth(self) -> tuple[bool, bool]:
        """What of a machine's is tried first sorts first: IPv4, then what means one everywhere."""
        return self.is_ipv6, self.is_scoped


def parse_place(text: str) -> Endpoint | str:
    """The Endpoint of `10.0.0.7`, `10.0.0.7:2222`, `[fd00::7]:22` or `fe80::7%eth0`, else a name.

    A name comes back lower-case, without `.local`. Raises BadAddress.
    """
    text = text.strip()
    if endpoint := _as_endpoint(text):
        return endpoint
    name = text.rstrip(".").lower().removesuffix(".local")
    if _HOST_NAME.fullmatch(name) and not name.replace(".", "").isdigit() and len(name) <= 253:
        return name
    shown = text[:64].encode("ascii", "backslashreplace").decode()
    raise BadAddress(f"{shown!r} is no address or host name: give 10.0.0.7 or kitchen.local.")


def _as_endpoint(text: str) -> Endpoint | None:
    host, port = text, SSH_PORT
    if match := re.fullmatch(r"\[([^\]]+)\](?::(\d{1,5}))?|([0-9.]+):(\d{1,5})", text):
        host = match[1] or match[3]
        port = int(match[2] or match[4] or SSH_PORT)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    shown = text[:64].encode("ascii", "backslashreplace").decode()
    if address.is_unspecified or address.is_multicast or not 0 < port < 65536:
        raise BadAddress(f"{shown!r} is nobody's address: give one like 10.0.0.7.")
    if isinstance(address, ipaddress.IPv4Address):
        return Endpoint(str(address), port)
    if address.ipv4_mapped:
        return Endpoint(str(address.ipv4_mapped), port)
    if address.is_link_local and address.scope_id is None:
        raise BadAddress(f"{shown!r} is another's on each network: say which, as in {host}%eth0.")
    if address.scope_id and not (address.is_link_local and _SCOPE.fullmatch(address.scope_id)):
        raise BadAddress(f"{shown!r} names no interface: one stands behind fe80::7%eth0 alone.")
    return Endpoint(str(address), port)


def parse_mac(text: str) -> str:
    """The MAC address in lower case; '' for anything else, and for the all-zero address."""
    mac = text.strip().lower()
    return mac if _MAC.fullmatch(mac) and mac != "00:00:00:00:00:00" else ""


def is_pi_mac(mac: str) -> bool:
    """Whether the Raspberry Pi company made the network chip."""
    return mac[:8] in PI_PREFIXES


def is_pi_name(name: str) -> bool:
    """Whether this is the stock name, with or without the suffix that settles a conflict."""
    return _PI_NAME.fullmatch(name) is not None


def without_suffix(name: str) -> str:
    """The name before mDNS settled a conflict: `kitchen` for `kitchen-2`."""
    return _SUFFIX.sub("", name)
