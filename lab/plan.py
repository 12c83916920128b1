"""What a lab is made of, as plain data: names and addresses, plans for hosts, the state on disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from itertools import chain
from pathlib import Path
from typing import Any

LABS = 16
"""Labs that can be up beside one another on one machine; 0 is the one for people."""
MOST_PIS = 200
_LINK_LOCAL = IPv6Network("fe80::/64")
_MOST_WITH_WIFI = 120
"""Their second addresses are counted from the other end of the subnet."""
USER = "pi"
PASSWORD = "raspberry"  # noqa: S105 - what every virtual Pi is flashed with
MASTER = "master"
MODEL = "Raspberry Pi 3 Model B Rev 1.2 (simulated)"


class State(StrEnum):
    """How far a Pi is on its way to the swarm when it comes up."""

    FRESH = "fresh"
    DOCKER = "docker"
    SWARM = "swarm"


class Variant(StrEnum):
    """In what a Pi differs from the usual one."""

    NO_SERVICES = "no-services"
    """Announces no mDNS service, only its address: Debian's Avahi as it comes."""
    NO_MDNS = "no-mdns"
    """No Avahi at all."""
    SUDO_PASSWORD = "sudo-password"  # noqa: S105 - a name, not a password
    KEY_ONLY = "key-only"
    """SSH takes the lab's key and no password."""
    NO_MEMORY_CGROUP = "no-memory-cgroup"
    """Until cmdline.txt asks for it and the Pi is rebooted, as on Raspberry Pi OS."""
    I686 = "i686"
    """A foreign platform: the kernel claims to be a 32-bit one."""
    BOOKWORM = "bookworm"
    """Debian 12 with Docker 20.10; the usual one is Debian 13, as Raspberry Pi OS is today."""
    DOCKER_28 = "docker-28"
    """Docker 28 of Debian testing, on the usual Debian 13."""
    CLOUD_INIT = "cloud-init"
    """Has no user and is off until its card says what it is to be; Raspberry Pi OS's own way."""
    SUDO_RS = "sudo-rs"
    """Its sudo is the one written in Rust, as Ubuntu's since 25.10."""
    DROPBEAR = "dropbear"
    """Its SSH server is Dropbear, without SFTP, as DietPi's; there is nothing of OpenSSH."""
    TWO_INTERFACES = "two-interfaces"
    """On cable and Wi-Fi at once: one machine with two addresses."""
    NO_VIDEO_GROUP = "no-video-group"
    """Its user is not in the group video: vcgencmd answers nobody but root."""
    OVERLAYROOT = "overlayroot"
    """Its card is only read: what is written is gone at the next start (raspi-config)."""
    BUSY_APT = "busy-apt"
    """Something of its own holds apt's and dpkg's locks in the minute after each start."""
    USERLAND_32 = "32-bit-userland"
    """A 32-bit system with a 32-bit Docker on a 64-bit kernel: i386 where a Pi's is armhf."""
    IPV6_ONLY = "ipv6-only"
    """Its network gives it an IPv6 address of its own, and none of IPv4."""
    LINK_LOCAL = "link-local"
    """Nobody gives it an address: it has the one of IPv6 that it gives itself, fe80::."""
    UBUNTU = "ubuntu"
    """Ubuntu 25.10's own packages for this machine, laid out as its image for the Pi is."""


@dataclass(frozen=True, slots=True)
class PiPlan:
    """What one Pi is to be."""

    state: State = State.FRESH
    variants: frozenset[Variant] = frozenset()
    hostname: str = "raspberrypi"
    memory_mib: int = 1024
    cpus: float = 1.0
    card_mib: int = 4096
    owner: str = ""
    """The user that its card was written for; empty: whom its system has by itself."""

    @property
    def user(self) -> str:
        """Who logs in to it."""
        return self.owner or ("ubuntu" if Variant.UBUNTU in self.variants else USER)

    @property
    def suite(self) -> str:
        """Its system's name for its release."""
        if Variant.UBUNTU in self.variants:
            return "questing"
        return "bookworm" if Variant.BOOKWORM in self.variants else "trixie"

    @property
    def architecture(self) -> str:
        """Debian's name for its programs' processor; empty: this machine's."""
        return "i386" if Variant.USERLAND_32 in self.variants else ""


_BOOKWORM = frozenset({Variant.BOOKWORM})
MASTER_PLAN = PiPlan(
    State.DOCKER, _BOOKWORM, hostname=MASTER, memory_mib=2048, cpus=2.0, card_mib=8192
)
"""With Python 3.11, for which the working tree that it is lent is compiled."""


@dataclass(frozen=True, slots=True)
class PiBoard:
    """A host's hardware and place: what stays when its card is flashed anew."""

    name: str
    address: str
    mac: str
    serial: str
    plan: PiPlan
    wifi: str = ""
    """Its second address, where it has one."""

    @property
    def wifi_mac(self) -> str:
        """As a Pi derives it: the cable's, with every other bit of the last half turned."""
        head, tail = self.mac[:9], self.mac[9:].split(":")
        return head + ":".join(f"{int(part, 16) ^ 0x55:02x}" for part in tail)

    @property
    def link_local(self) -> str:
        """What the kernel makes of the MAC address (RFC 4291, appendix A), without a scope."""
        one, *parts = (int(part, 16) for part in self.mac.split(":"))
        made = bytes((one ^ 2, *parts[:2], 0xFF, 0xFE, *parts[2:]))
        return str(_LINK_LOCAL[int.from_bytes(made)])

    @property
    def is_master(self) -> bool:
        """Whether this is the machine that people log in to, not a Pi."""
        return self.name == MASTER


@dataclass(frozen=True, slots=True)
class Site:
    """Everything a lab names on the host, derived from the lab's number alone."""

    number: int

    @property
    def tag(self) -> str:
        """Marks cgroups, firewall rules and machines as this lab's."""
        return f"squarm-lab{self.number}"

    @property
    def bridge(self) -> str:
        """The bridge that all of its hosts are plugged into."""
        return f"pibr{self.number}"

    @property
    def network(self) -> IPv4Network:
        """The bridge's subnet."""
        return IPv4Network(f"10.77.{self.number}.0/24")

    @property
    def gateway(self) -> IPv4Address:
        """The machine's own address on the bridge."""
        return self.network[1]

    @property
    def network6(self) -> IPv6Network:
        """The bridge's subnet of IPv6: addresses that are unique here, and lead nowhere else."""
        return IPv6Network(f"fd00:77:0:{self.number:x}::/64")

    @property
    def run(self) -> Path:
        """State, logs, sockets: small files."""
        return Path("/run/squarm-lab") / str(self.number)

    @property
    def store(self) -> Path:
        """The Pis' cards: large, sparse files."""
        return Path("/var/lib/squarm-lab") / str(self.number)

    @property
    def key(self) -> Path:
        """The SSH key that key-only Pis and the master accept."""
        return self.run / "id_ed25519"

    def namespace(self, host: str) -> str:
        """A host's network namespace."""
        return f"lab{self.number}-{host}"

    def link_namespace(self, host: str) -> str:
        """The namespace in the middle of a host's cable, where that is slow or lossy."""
        return f"{self.namespace(host)}-link"

    def port(self, host: str) -> str:
        """The bridge's end of a host's cable."""
        return f"v{self.number}-{host}"

    def wifi_port(self, host: str) -> str:
        """The bridge's end of a host's Wi-Fi, where it has one."""
        return f"{self.port(host)}-wifi"

    def board(self, number: int, plan: PiPlan) -> PiBoard:
        """The hardware of Pi `number`, counted from 1."""
        tail = f"{self.number:02x}{number:04x}"
        mac = ":".join(("b8:27:eb", tail[:2], tail[2:4], tail[4:]))
        wifi = str(self.network[-1 - number]) if Variant.TWO_INTERFACES in plan.variants else ""
        address = str(self.network[10 + number])
        board = PiBoard(f"pi{number}", address, mac, f"00000000{tail:>08}", plan, wifi)
        if Variant.IPV6_ONLY in plan.variants:
            return replace(board, address=str(self.network6[10 + number]))
        if Variant.LINK_LOCAL in plan.variants:
            return replace(board, address=f"{board.link_local}%{self.bridge}")
        return board

    def master(self) -> PiBoard:
        """The hardware of the master: no Pi, as its MAC address shows."""
        mac = f"52:54:00:77:{self.number:02x}:0a"
        return PiBoard(MASTER, str(self.network[10]), mac, "", MASTER_PLAN)


@dataclass(slots=True)
class Record:
    """What is written down about a lab, for whoever comes later."""

    boards: dict[str, PiBoard]
    maker: int = 0
    """The process that is bringing it up; 0: it is up."""
    maker_started: int = 0
    owner: int = 0
    """The process that the lab is for, such as a test run; 0: it is a person's."""
    owner_started: int = 0

    def save(self, site: Site) -> None:
        """Writes the record, whole or not at all."""
        site.run.mkdir(parents=True, exist_ok=True)
        partial = site.run / "lab.json.partial"
        partial.write_text(json.dumps(asdict(self), indent=1, default=sorted))
        partial.rename(site.run / "lab.json")

    @classmethod
    def load(cls, site: Site) -> "Record | None":
        """The record of a lab that is up, or was when its maker died; None: it cannot be read."""
        try:
            raw = json.loads((site.run / "lab.json").read_text())
            return cls(**{**raw, "boards": {n: _board(b) for n, b in raw["boards"].items()}})
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            # Not written to its end, or by another version, whose lab may well be in use.
            return None


def _board(raw: Mapping[str, Any]) -> PiBoard:
    plan = raw["plan"]
    variants = frozenset(Variant(name) for name in plan["variants"])
    made = PiPlan(**{**plan, "state": State(plan["state"]), "variants": variants})
    return PiBoard(**{**raw, "plan": made})


def process_start(pid: int) -> int:
    """When a process started, in clock ticks; 0 where there is none: tells reused ids apart."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])


def plans(count: int, state: State, variants: Mapping[str, Sequence[Variant]]) -> list[PiPlan]:
    """Plans for `count` Pis; `variants` by name of the Pi."""
    if not 0 <= count <= MOST_PIS:
        raise ValueError(f"a lab has at most {MOST_PIS} Pis")
    unknown = set(variants) - {f"pi{number + 1}" for number in range(count)}
    if unknown:
        raise ValueError(f"no such Pi: {', '.join(sorted(unknown))}")
    if count > _MOST_WITH_WIFI and Variant.TWO_INTERFACES in chain(*variants.values()):
        raise ValueError(f"with {Variant.TWO_INTERFACES} a lab has at most {_MOST_WITH_WIFI} Pis")
    return [
        PiPlan(state, frozenset(variants.get(f"pi{number + 1}", ()))) for number in range(count)
    ]


def runs(pid: int, started: int) -> bool:
    """Whether that very process still runs."""
    return pid != 0 and process_start(pid) == started
