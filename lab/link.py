"""A slow or lossy cable: the kernel's netem where it has one, else this program between two ends.

Run as `python -m lab.link ONE OTHER DELAY JITTER LOSS RATE` it carries Ethernet frames
between two interfaces of its network namespace.
"""

import heapq
import random
import select
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lab.host import LabError, attempt, detach, end_all, run
from lab.plan import PiBoard, Site

_SOL_PACKET, _PACKET_VNET_HDR, _ETH_P_ALL, _OUTGOING = 263, 15, 3, 4
_HEADER = 10
"""What PACKET_VNET_HDR puts before a frame: checksums and segments still to be done."""
_MOST_WAITING = 1000
"""Frames a link holds before it drops, as netem does."""
_REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Link:
    """What a cable does to frames, each way: milliseconds, per cent, kbit/s (0: no limit)."""

    delay: float = 0
    jitter: float = 0
    loss: float = 0
    rate: float = 0

    def netem(self) -> list[str]:
        """The same, as tc says it."""
        told = ["delay", f"{self.delay}ms", f"{self.jitter}ms"] if self.delay else []
        told += ["loss", f"{self.loss}%"] if self.loss else []
        return told + (["rate", f"{self.rate}kbit"] if self.rate else [])


def set_link(site: Site, board: PiBoard, link: Link) -> None:
    """Makes a host's cable slow or lossy, or whole again."""
    if link.jitter > link.delay:
        raise LabError("A link's jitter is at most its delay.")
    clear_link(site, board)
    if link == Link():
        return
    port, inside = site.port(board.name), site.namespace(board.name)
    netem = ["root", "netem", *link.netem()]
    if attempt("tc", "qdisc", "replace", "dev", port, *netem):
        run("tc", "-netns", inside, "qdisc", "replace", "dev", "eth0", *netem)
        return
    between = site.link_namespace(board.name)
    run("ip", "netns", "add", between)
    run("ip", "link", "set", port, "name", "host", "netns", between)
    # One segment at a time, or the rate would be that of 64 kB lumps.
    run("ip", "-batch", "-", input=f"""
        link add {port} gso_max_segs 1 type veth peer name lan netns {between}
        link set {port} master {site.bridge} up
    """)  # fmt: skip
    run("ip", "-netns", inside, "link", "set", "eth0", "gso_max_segs", "1")
    for end in ("host", "lan"):
        # The frames are for others: this namespace must neither answer nor announce itself.
        run("ip", "-netns", between, "link", "set", end, "arp", "off", "addrgenmode", "none", "up")
    numbers = map(str, (link.delay, link.jitter, link.loss, link.rate))
    detach(
        "nsenter", f"--net=/run/netns/{between}", "env", f"PYTHONPATH={_REPOSITORY}",
        sys.executable, "-m", "lab.link", "host", "lan", *numbers,
        cgroup=_cgroup(site, board.name), log=site.run / board.name / "link.log",
    )  # fmt: skip


def clear_link(site: Site, board: PiBoard) -> None:
    """Makes a host's cable whole again."""
    between, port = site.link_namespace(board.name), site.port(board.name)
    if not (Path("/run/netns") / between).exists():
        for where in (["dev", port], ["-netns", site.namespace(board.name), "dev", "eth0"]):
            attempt("tc", "qdisc", "del", *where, "root")
        return
    end_all(_cgroup(site, board.name))
    run("ip", "link", "delete", port)
    run("ip", "-netns", between, "link", "set", "host", "name", port, "arp", "on", "netns", "1")
    run("ip", "link", "set", port, "addrgenmode", "eui64", "master", site.bridge, "up")
    run("ip", "-netns", site.namespace(board.name), "link", "set", "eth0", "gso_max_segs", "65535")
    run("ip", "netns", "delete", between)


def _cgroup(site: Site, host: str) -> str:
    return f"{site.tag}/link-{host}"


class _Direction:
    """One direction of the cable: frames wait here until they are due."""

    def __init__(self, link: Link, source: socket.socket, target: socket.socket) -> None:
        self.source = source
        self._link = link
        self._target = target
        self._waiting: list[tuple[float, int, bytes]] = []
        self._count = 0
        self._free_at = 0.0
        self._last_due = 0.0

    def take(self) -> None:
        """Takes a frame in, or loses it."""
        frame, where = self.source.recvfrom(1 << 17)
        lost = random.random() * 100 < self._link.loss  # noqa: S311 - no secret hangs on it
        if where[2] == _OUTGOING or lost or len(self._waiting) >= _MOST_WAITING:
            return
        now = time.monotonic()
        if self._link.rate:
            bits = (len(frame) - _HEADER) * 8
            self._free_at = max(now, self._free_at) + bits / (self._link.rate * 1000)
        jitter = random.uniform(-1, 1) * self._link.jitter  # noqa: S311
        due = max(now, self._free_at) + (self._link.delay + jitter) / 1000
        self._last_due = due = max(due, self._last_due)  # A cable keeps the order.
        self._count += 1
        heapq.heappush(self._waiting, (due, self._count, frame))

    def give(self) -> None:
        """Passes on what is due."""
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            frame = heapq.heappop(self._waiting)[2]
            try:
                self._target.send(frame)
            except OSError:
                continue  # The cable is out at the other end.

    def wait(self) -> float:
        """Seconds until something is due; at most one."""
        return max(0.0, min(1.0, self._waiting[0][0] - time.monotonic())) if self._waiting else 1.0


def carry(one: str, other: str, link: Link) -> None:
    """Carries frames between two interfaces, until killed."""
    ends = [_open(one), _open(other)]
    ways = [_Direction(link, ends[0], ends[1]), _Direction(link, ends[1], ends[0])]
    while True:
        ready, _, _ = select.select(ends, [], [], min(way.wait() for way in ways))
        for way in ways:
            if way.source in ready:
                way.take()
            way.give()


def _open(interface: str) -> socket.socket:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    end.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    end.bind((interface, _ETH_P_ALL))
    return end


if __name__ == "__main__":
    carry(sys.argv[1], sys.argv[2], Link(*map(float, sys.argv[3:])))
