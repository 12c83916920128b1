"""Small Pis for tests: a real sshd and a real avahi-daemon, each in namespaces of its own.

A Pi has its own network, host name, and (bound over the machine's files) serial number, machine-id
and boot id. All hang on one bridge of its own range; nothing touches another interface. Starting
one takes a fraction of a second; whole systems are what `lab` is for.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from fleet.endpoint import Endpoint
from fleet.ssh.connection import Login
from tests.needs import need
from tests.waiting import answers, answers_at, wait_until

NETWORKS = 16
"""Networks that can be up beside one another on one machine, each for a test of its own."""

_AVAHI = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=no
enable-dbus=no
allow-interfaces=eth0
ratelimit-burst=10000
[publish]
publish-workstation={workstation}
publish-hinfo=no
"""

KEYS_ONLY = """PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile {keys}
HostKey {host_key}
MaxStartups 500
"""
"""A server's configuration: it lets in who has a key; `keys` and `host_key` are files."""
_SSHD = f"Port 22\n{KEYS_ONLY}LogLevel ERROR\n"

_START = """set -e
ip link set lo up
ip link set eth0 up
hostname {hostname}
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/avahi-daemon
mount --bind {folder}/machine-id /etc/machine-id
mount --bind {folder}/boot-id /proc/sys/kernel/random/boot_id
mount --bind {folder}/cpuinfo /proc/cpuinfo
{avahi}
exec /usr/sbin/sshd -D -e -f {folder}/sshd_config
"""


def need_network() -> None:
    """Skips the test where namespaces cannot be made, or a program is missing; fails it in CI."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    programs = ("sshd", "avahi-daemon", "ip", "unshare", "ssh-keygen")
    missing = [name for name in programs if shutil.which(name, path=path) is None]
    if os.geteuid() != 0:
        need("making network namespaces takes root")
    elif missing:
        need(f"not installed: {', '.join(missing)} (Debian: openssh-server avahi-daemon)")


def run(*command: str) -> str:
    """The output of a program that must succeed."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def quietly(*command: str) -> None:
    """A program that may fail."""
    subprocess.run(command, capture_output=True, check=False)


def make_key(path: Path, passphrase: str = "") -> Path:
    """A key pair as ssh-keygen makes it; without a passphrase, unless one is given."""
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", str(path))
    return path


@contextmanager
def ssh_agent(folder: Path) -> Iterator[Path]:
    """An agent without keys: its socket."""
    place = folder / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers_at(place))
        yield place
    finally:
        agent.terminate()
        agent.wait()


def add_to_agent(agent: Path, key: Path, passphrase: str) -> None:
    """Unlock a key for an agent, as a user does once a day."""
    askpass = agent.with_name("askpass")
    askpass.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    askpass.chmod(0o700)
    told = {"SSH_AUTH_SOCK": str(agent), "SSH_ASKPASS": str(askpass)}
    told = {**os.environ, **told, "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run(["ssh-add", "-q", key], env=told, check=True)


@dataclass
class Card:
    """What an SD card holds: host key, machine-id, host name."""

    folder: Path
    hostname: str = "raspberrypi"
    machine_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def write(cls, folder: Path, hostname: str = "raspberrypi") -> "Card":
        """A freshly written card."""
        folder.mkdir()
        make_key(folder / "host_key")
        return cls(folder, hostname)

    @property
    def host_key(self) -> Path:
        """Its private host key."""
        return self.folder / "host_key"

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen prints it."""
        return run("ssh-keygen", "-l", "-f", str(self.host_key)).split()[1]


class NamespacedPi:
    """A board: number, MAC address and serial; with a card in it and power on, it runs."""

    def __init__(self, number: int, network: "Network") -> None:
        self.number = number
        self.network = network
        self.mac = f"b8:27:eb:00:{network.number:02x}:{number:02x}"
        self.serial = f"10000000b827{network.number:02x}{number:02x}"
        self.namespace = f"{network.bridge}-{number}"
        self.host_number = number + 10
        self._process: subprocess.Popen[bytes] | None = None
        self._boots = 0

    @property
    def address(self) -> str:
        """Its IPv4 address."""
        return str(self.network.addresses[self.host_number])

    @property
    def endpoint(self) -> Endpoint:
        """Where its sshd is."""
        return Endpoint(self.address)

    def start(self, card: Card, *, workstation: bool = True, avahi: bool = True) -> None:
        """Power on, and wait for its sshd."""
        self._plug_in()
        self._boots += 1
        folder = self.network.folder / f"pi{self.number}-{self._boots}"
        folder.mkdir()
        (folder / "machine-id").write_text(card.machine_id + "\n")
        (folder / "boot-id").write_text(f"{uuid.uuid4()}\n")
        (folder / "cpuinfo").write_text(
            f"processor\t: 0\nSerial\t\t: {self.serial}\nModel\t\t: Raspberry Pi 4 (simulated)\n"
        )
        (folder / "avahi.conf").write_text(
            _AVAHI.format(name=card.hostname, workstation="yes" if workstation else "no")
        )
        (folder / "sshd_config").write_text(
            _SSHD.format(keys=self.network.authorized, host_key=card.host_key)
        )
        speak = (
            f"/usr/sbin/avahi-daemon -f {folder}/avahi.conf --no-rlimits --no-drop-root "
            "--no-chroot --no-proc-title >/dev/null 2>&1 &"
        )
        script = _START.format(
            hostname=card.hostname, folder=folder, avahi=speak if avahi else "true"
        )
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self.namespace}", "unshare", "--mount", "--uts",
                 "--pid", "--fork", "--kill-child", "sh", "-c", script],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._await_ssh(folder / "log")

    def cut_power(self) -> None:
        """It is gone from one moment to the next: no goodbye, no closed connection."""
        # The cable goes first, so that nothing dying can say goodbye, and explicitly: connections
        # that were open keep the namespace, and would keep its end of the cable.
        quietly("ip", "link", "del", self._cable)
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        quietly("ip", "netns", "del", self.namespace)

    def change_address(self, host_number: int) -> None:
        """Another DHCP lease."""
        old = self.address
        self.host_number = host_number
        self._inside("ip", "address", "del", f"{old}/24", "dev", "eth0")
        self._inside("ip", "address", "add", f"{self.address}/24", "dev", "eth0")

    def rename(self, name: str) -> None:
        """`hostname`, as hostnamectl would set it."""
        assert self._process is not None
        child = run("pgrep", "-P", str(self._process.pid)).split()[0]
        run("nsenter", f"--target={child}", "--uts", "hostname", name)

    def freeze(self, *, frozen: bool) -> None:
        """Hang everything in it; the network card goes on answering, as a hung Pi's would not."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP if frozen else signal.SIGCONT)

    def run_inside(self, *command: str) -> "subprocess.Popen[bytes]":
        """A program in its network."""
        return subprocess.Popen(["nsenter", f"--net=/run/netns/{self.namespace}", *command])

    def _processes(self) -> list[int]:
        return [int(text) for text in run("ip", "netns", "pids", self.namespace).split()]

    def _inside(self, *command: str) -> str:
        return run("nsenter", f"--net=/run/netns/{self.namespace}", *command)

    @property
    def _cable(self) -> str:
        """The end in the bridge."""
        return f"{self.network.cables}{self.number}"

    def _plug_in(self) -> None:
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", "eth0",
            "address", self.mac, "netns", self.namespace)  # fmt: skip
        run("ip", "link", "set", self._cable, "master", self.network.bridge, "up")
        self._inside("ip", "address", "add", f"{self.address}/24", "dev", "eth0")

    def _await_ssh(self, log: Path) -> None:
        wait_until(lambda: answers(self.address, 22), 60, lambda: log.read_text(errors="replace"))


class Network:
    """The bridge, the user's key, and the Pis on it; all names come from the number."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.bridge = f"sqtest{number}"
        self.cables = f"sqt{number}-"
        self.addresses = IPv4Network(f"10.213.{90 + number}.0/24")
        self.folder = folder
        self.user_key = make_key(folder / "user_key")
        self.authorized = folder / "user_key.pub"
        self._pis: list[NamespacedPi] = []
        self._cards = 0

    @property
    def login(self) -> Login:
        """How to log in to each."""
        return Login(user="root", keys=(self.user_key,), agent=False)

    def pi(self) -> NamespacedPi:
        """One more board, without power."""
        pi = NamespacedPi(len(self._pis) + 1, self)
        self._pis.append(pi)
        return pi

    def card(self, hostname: str = "raspberrypi") -> Card:
        """One more card, freshly written."""
        self._cards += 1
        return Card.write(self.folder / f"card{self._cards}", hostname)

    def stop(self) -> None:
        """Everything off."""
        for pi in self._pis:
            pi.cut_power()


@contextmanager
def network(folder: Path) -> Iterator[Network]:
    """A bridge of its own, taken away in the end with everything on it."""
    need_network()
    with _free_number() as number:
        pis = Network(number, folder)
        _remove(pis)
        # As in the lab: else its address would change with its cables.
        own = ("address", f"52:54:00:77:ff:{number:02x}")
        run("ip", "link", "add", pis.bridge, *own, "type", "bridge", "mcast_snooping", "0")
        try:
            run("ip", "address", "add", f"{pis.addresses[1]}/24", "dev", pis.bridge)
            run("ip", "link", "set", pis.bridge, "up")
            yield pis
        finally:
            pis.stop()
            _remove(pis)


@contextmanager
def _free_number() -> Iterator[int]:
    """A number that no other test on this machine has at the moment."""
    for number in range(NETWORKS):
        with Path(f"/run/lock/squarm-test-network-{number}").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    pytest.fail(f"all {NETWORKS} networks for tests are in use")


def _remove(pis: Network) -> None:
    """What a crashed run may have left under this number, too."""
    for name in run("ip", "netns", "list").split():
        if name.startswith(f"{pis.bridge}-"):
            quietly("ip", "netns", "del", name)
    for cable in Path("/sys/class/net").glob(f"{pis.cables}*"):
        quietly("ip", "link", "del", cable.name)
    quietly("ip", "link", "del", pis.bridge)
