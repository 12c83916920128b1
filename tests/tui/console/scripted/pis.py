"""A fleet that shows what it is told to show, and remembers what it was asked."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from base.errors import ProvisionError
from fleet.machine import Identity
from fleet.metrics.history import MetricsHistory
from fleet.metrics.samples import MachineFacts, Sample, Throttle
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.connection import Login
from fleet.ssh.host_keys import HostKey
from swarm.engine import NodeView
from swarm.job import MIB
from tests.tui.console.scripted.console import NOW

FINGERPRINT = "SHA256:ZC9KlKlfVx7s/YcDnU7iS+qeX8ZBPad/oHZ6Yhnhjfc"
OTHER = "SHA256:YiJI91CwDvF7b9aS0ojsiGxFJwsr9PN3uDIX/Vji5Yg"
PICK_KITCHEN = ("1", *["down"] * 4)
"""Keys that put the cursor on the Pi outside of the swarm, below the swarm's four nodes."""


def sample(**changes: object) -> Sample:
    """A healthy second, but for the changes."""
    values: dict[str, object] = {
        "at": NOW - 1,
        "cpu": 0.38,
        "cores": (0.9, 0.3, 0.2, 0.1),
        "load": (1.52, 0.80, 0.31),
        "memory": 1024 * MIB,
        "memory_used": 402 * MIB,
        "disk": 32_000 * MIB,
        "disk_used": 4_100 * MIB,
        "temperature": 51.5,
        "clock": 1_400_000_000,
        "received": 2_150.0,
        "sent": 12_900.0,
        "uptime": 90_061.0,
        "skew": 0.2,
        "throttle": Throttle(0),
    }
    return Sample(**(values | changes))  # type: ignore[arg-type]  # test data by name


def waves() -> MetricsHistory:
    """Two minutes in which everything changed."""
    shares = tuple(abs((second % 40) - 20) / 20 for second in range(120))
    return MetricsHistory(
        cpu=shares,
        memory=tuple(0.3 + share / 10 for share in shares),
        temperature=tuple(45 + 10 * share for share in shares),
        received=tuple(2_000 * share for share in shares),
        sent=tuple(None if second < 60 else 9_000 * share for second, share in enumerate(shares)),
    )


def pi(name: str, state: PiState = PiState.KNOWN, **changes: object) -> PiView:
    """A Pi in this state, but for the changes; what is measured has samples."""
    measured = state in (PiState.KNOWN, PiState.IN_SWARM)
    number = sum(name.encode()) % 200
    values: dict[str, object] = {
        "id": f"{number:08x}",
        "name": name,
        "hostname": name,
        "address": f"10.0.0.{number}",
        "mac": f"b8:27:eb:00:00:{number:02x}",
        "state": state,
        "since": NOW - 3_600,
        "heard": NOW - 2,
        "recognised": "MAC address",
        "identity": Identity(serial=f"1000{number:08x}", model="Raspberry Pi 4 Model B Rev 1.4")
        if measured
        else Identity(),
        "facts": MachineFacts("6.6.51", "Debian GNU/Linux 12 (bookworm)", "aarch64", 64)
        if measured
        else MachineFacts(),
        "fingerprint": FINGERPRINT,
        "trusted": FINGERPRINT,
        "key_changed": False,
        "reflash": "",
        "reflashed": 0.0,
        "twins": (),
        "sample": sample() if measured else None,
        "sampled": NOW - 1 if measured else 0.0,
        "stale": False,
        "history": waves() if measured else MetricsHistory(),
    }
    return PiView(**(values | changes))  # type: ignore[arg-type]  # test data by name


def fleet_snapshot(*pis: PiView, **changes: object) -> FleetSnapshot:
    """These Pis on eth0."""
    snapshot = FleetSnapshot("eth0", "10.0.0.0/24", pis, (), NOW)
    return replace(snapshot, **changes)  # type: ignore[arg-type]  # test data by name


def some_pis() -> FleetSnapshot:
    """Pis in every state; the first three are nodes of the scripted swarm."""
    hot = sample(cpu=0.97, temperature=82.4, throttle=Throttle(0x50005))
    new_key = "its host key has changed: if you wrote its card anew, accept the new key."
    return fleet_snapshot(
        pi("pi-02", PiState.IN_SWARM, node="id-pi-02", sample=hot,
           problem="under-voltage and throttled now: check its power supply and its cooling."),
        pi("pi-03", PiState.IN_SWARM, node="id-pi-03", sample=sample(throttle=Throttle(0x10000))),
        pi("pi-04", PiState.LOST, node="id-pi-04", sampled=NOW - 700,
           problem="it does not answer: is it on, and is its cable in?"),
        pi("kitchen"),
        pi("raspberrypi", PiState.REACHABLE, refused="key"),
        pi("raspberrypi-2", PiState.REACHABLE, key_changed=True, fingerprint=OTHER,
           problem=new_key),
        pi("raspberrypi-3", PiState.SEEN, fingerprint="", trusted=""),
    )  # fmt: skip


class ScriptedFleet:
    """Remembers what it was asked; says what it is told to say."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.refusal = ""
        self.command = ["true"]
        self.interface = ""
        self.running = False
        self.looks = True
        self.notify: Callable[[FleetSnapshot], None] = lambda _: None

    async def make(
        self, interface: str, notify: Callable[[FleetSnapshot], None]
    ) -> "ScriptedFleet":
        """What the console calls to bring it up."""
        self.interface, self.notify = interface, notify
        return self

    def _note(self, *what: object) -> None:
        if self.refusal:
            raise ProvisionError(self.refusal)
        self.asked.append(what)

    async def run(self) -> None:
        self.running = True
        try:
            await asyncio.Event().wait()
        finally:
            self.running = False

    def add(self, text: str) -> None:
        self._note("add", text)

    def forget(self, pi: str) -> None:
        self._note("forget", pi)

    def drop_name(self, name: str) -> None:
        self._note("drop", name)

    def keep(self) -> None:
        """Nothing of this is kept."""

    def log_in_as_before(self, logins: Mapping[str, Login]) -> None:
        if logins:
            self.asked.append(("logins", dict(logins)))

    def accept_key(self, pi: str, fingerprint: str = "") -> HostKey:
        self._note("accept", pi, fingerprint)
        return HostKey("ssh-ed25519", "AAAA")

    def set_login(self, login: Login | None, pi: str | None = None) -> None:
        self._note("login", login, pi)

    def shell_command(self, pi: str) -> list[str]:
        self._note("shell", pi)
        return self.command

    def set_nodes(self, nodes: Iterable[NodeView]) -> None:
        self.asked.append(("nodes", tuple(node.id for node in nodes)))

    def addresses_of(self, cidr: str) -> tuple[str, ...]:
        return (cidr,)

    async def sweep(self, cidr: str) -> int:
        self._note("sweep", cidr)
        return 3
