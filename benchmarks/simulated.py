"""Simulated Pis for measuring the console: all of `provision` works on them but its connections.

The lines that a Pi's loop would print are made up; the real meter reads them, the real recorder
keeps them, and the real snapshots are made of them as often as the fleet makes them.
"""

import asyncio
import base64
import random
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from fleet.endpoint import Endpoint
from fleet.machine import Contact, Identity, Machine
from fleet.metrics.history import LENGTH, Recorder
from fleet.metrics.samples import Meter
from fleet.snapshot import FleetSnapshot, Measured, views
from fleet.ssh.connection import Login
from fleet.ssh.host_keys import HostKey
from swarm.engine import NodeView

_TICKS = 2
"""Snapshots a second, as of the real fleet; each brings a new second of every other Pi."""
_CORES = 4
_JIFFIES = 100
_MEMORY = 1024 * 1024
"""KiB."""


def name_of(number: int) -> str:
    """What the Pi of this number is called."""
    return f"swarmost{number}" if number else "swarmaster"


def address_of(number: int) -> str:
    """Where the Pi of this number is; a network that nobody has."""
    return f"198.51.100.{number + 1}"


def node_of(number: int) -> NodeView:
    """The same Pi as a node of the swarm."""
    return NodeView(
        id=f"node{number}",
        name=name_of(number),
        address=address_of(number),
        role="worker" if number else "leader",
        availability="active",
        state="ready",
        platform="linux/arm64",
        cpus=_CORES,
        memory=_MEMORY * 1024,
    )


class SimulatedPi:
    """One Pi: what its loop prints, and what has been made of it."""

    def __init__(self, number: int) -> None:
        self._dice = random.Random(number)  # noqa: S311 - the same load each time
        self._name = name_of(number)
        self._seconds = 0
        self._shares = [self._dice.randrange(_JIFFIES) for _ in range(_CORES)]
        self._free = self._dice.randrange(_MEMORY // 4, _MEMORY)
        self._heat = self._dice.randrange(45_000, 75_000)
        self._busy = [0] * _CORES
        self._all = 0
        self._bytes = 0
        self._meter = Meter().take(b"I\tos=Debian GNU/Linux 12 (simulated)", 0.0, 0.0)
        self._recorder = Recorder()
        self.machine = _machine(number)

    def second(self, at: float) -> None:
        """One more second has passed."""
        for line in self._lines(at):
            self._meter = self._meter.take(line.encode(), at, at)
        if self._meter.sample is not None:
            self._recorder.add(self._meter.sample)
        self.machine = replace(self.machine, alive=at)

    @property
    def measured(self) -> Measured:
        """What was measured of it so far."""
        return Measured(self._meter.facts, self._meter.sample, self._recorder.history())

    def _lines(self, at: float) -> Iterable[str]:
        if self._seconds % 10 == 0:
            yield f"X\tthr=0x0\tnow={at:.0f}\tdisk=30000000,21000000"
        self._seconds += 1
        self._all += _JIFFIES
        self._bytes += self._dice.randrange(200_000)
        for core in range(_CORES):
            self._shares[core] = self._drift(self._shares[core], 15, 0, _JIFFIES)
            self._busy[core] += self._shares[core]
        self._free = self._drift(self._free, _MEMORY // 100, _MEMORY // 8, _MEMORY)
        self._heat = self._drift(self._heat, 1_000, 40_000, 84_000)
        idle = [self._all - busy for busy in self._busy]
        whole = f"{sum(self._busy)},0,0,{sum(idle)},0,0,0,0"
        cores = [
            f"C={busy},0,0,{rest},0,0,0,0" for busy, rest in zip(self._busy, idle, strict=True)
        ]
        load = "3.10,2.80,2.50"
        fields = [f"n={self._seconds}", f"up={self._seconds}.25", f"load={load}"]
        fields += [f"mem={_MEMORY},{self._free},102400,102400", f"c={whole}", *cores]
        fields += [f"net=eth0,{self._bytes},{self._bytes // 3}", f"temp={self._heat}", "hz=1500000"]
        yield "\t".join(["S", *fields, f"host={self._name}"])

    def _drift(self, value: int, step: int, least: int, most: int) -> int:
        return min(most, max(least, value + self._dice.randint(-step, step)))


class SimulatedFleet:
    """The fleet of the console: so many Pis, each with a new sample a second."""

    def __init__(self, count: int, interface: str, notify: Callable[[FleetSnapshot], None]) -> None:
        self._pis = [SimulatedPi(number) for number in range(count)]
        self._interface = interface
        self._notify = notify
        self._nodes: tuple[NodeView, ...] = ()
        self.looks = True

    async def run(self) -> None:
        """Two snapshots a second, until cancelled."""
        for ago in reversed(range(LENGTH)):
            for pi in self._pis:
                pi.second(time.time() - ago - 1)
        ticks = 0
        while True:
            await asyncio.sleep(1 / _TICKS)
            ticks += 1
            at = time.time()
            for pi in self._pis[ticks % _TICKS :: _TICKS]:
                pi.second(at)
            self._notify(self._snapshot(at))

    def _snapshot(self, at: float) -> FleetSnapshot:
        machines = {pi.machine.id: pi.machine for pi in self._pis}
        measured = {pi.machine.id: pi.measured for pi in self._pis}
        shown = views(machines, measured, self._nodes, at)
        return FleetSnapshot(self._interface, "198.51.100.0/24", shown, missing=(), taken=at)

    def set_nodes(self, nodes: Iterable[NodeView]) -> None:
        """The swarm's nodes."""
        self._nodes = tuple(nodes)

    def add(self, text: str) -> None:
        """Nothing to add."""

    def forget(self, pi: str) -> None:
        """Nothing to forget."""

    def drop_name(self, name: str) -> None:
        """Nothing is looked for."""

    def keep(self) -> None:
        """Nothing is kept."""

    def log_in_as_before(self, logins: Mapping[str, Login]) -> None:
        """Nobody logs in."""

    def accept_key(self, pi: str, fingerprint: str = "") -> HostKey:
        """Nothing to accept: the key is the one that is trusted."""
        del pi, fingerprint
        return _key(0)

    def set_login(self, login: Login | None, pi: str | None = None) -> None:
        """Nobody logs in."""

    def shell_command(self, pi: str) -> list[str]:
        """A shell that says which Pi it would be on."""
        return ["echo", pi]

    def addresses_of(self, cidr: str) -> tuple[str, ...]:
        """None: there is no network."""
        del cidr
        return ()

    async def sweep(self, cidr: str) -> int:
        """Nobody answers."""
        del cidr
        return 0


def _machine(number: int) -> Machine:
    key, now = _key(number), time.time()
    return Machine(
        id=f"b827eb{number:06x}",
        first_seen=now,
        endpoints=(Endpoint(address_of(number)),),
        announced=name_of(number),
        macs=(f"b8:27:eb:00:00:{number:02x}",),
        identity=Identity(
            serial=f"10000000b827{number:04x}",
            machine_id=f"{number:032x}",
            boot_id=f"boot{number}",
            model="Raspberry Pi 4 Model B (simulated)",
            hostname=name_of(number),
        ),
        key=key,
        key_since=now,
        trusted=key,
        heard=now,
        alive=now,
        contact=Contact.LOGGED_IN,
        contact_since=now,
    )


def _key(number: int) -> HostKey:
    parts = (b"ssh-ed25519", number.to_bytes(32, "big"))
    raw = b"".join(struct.pack("!I", len(part)) + part for part in parts)
    return HostKey("ssh-ed25519", base64.b64encode(raw).decode())
