"""One virtual Pi as seen from outside: what it is, and all that can happen to it."""

import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from lab import card, network
from lab.clock import set_clock
from lab.host import wait_until
from lab.link import Link, set_link
from lab.plan import PASSWORD, PiBoard, Site
from lab.power import Power

_FILL = "/var/lib/filled-by-the-lab"


class Pi:
    """A virtual Pi, or the master: every verb acts from outside, as a hand would."""

    password = PASSWORD

    def __init__(
        self, site: Site, board: PiBoard, moved: Callable[[PiBoard], None] = lambda _: None
    ) -> None:
        self.site = site
        self.board = board
        self._moved = moved
        self.power = Power(site, board)

    @property
    def name(self) -> str:
        """Its name in the lab, which it knows nothing of."""
        return self.board.name

    @property
    def user(self) -> str:
        """Who logs in to it."""
        return self.board.plan.user

    @property
    def address(self) -> str:
        """Where it is reached: its IPv4 address, or where it has none its IPv6 address."""
        return self.board.address

    @property
    def is_on(self) -> bool:
        """Whether it has power."""
        return self.power.is_on()

    def run(
        self, *command: str, input: str | None = None, check: bool = True,  # noqa: A002
    ) -> "subprocess.CompletedProcess[str]":  # fmt: skip
        """Runs a program inside as root, without the network."""
        return self.power.run(*command, input=input, check=check)

    def shell_command(self) -> list[str]:
        """What goes before a command to run it inside as root."""
        return self.power.shell_command()

    def ssh(self, *options: str) -> list[str]:
        """The command that logs in with the lab's key, where the host takes it."""
        told = ["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR"]
        told += ["IdentitiesOnly=yes", "BatchMode=yes"]
        settled = [part for option in told for part in ("-o", option)]
        key = ("-i", str(self.site.key))
        return ["ssh", "-F", "none", *settled, *key, *options, f"{self.user}@{self.address}"]

    def host_key(self) -> str:
        """Its public SSH host key: type and base64."""
        line = self.run("cat", "/etc/ssh/ssh_host_ed25519_key.pub").stdout
        return " ".join(line.split()[:2])

    def machine_id(self) -> str:
        """Its machine-id."""
        return self.run("cat", "/etc/machine-id").stdout.strip()

    def answers_ssh(self) -> bool:
        """Whether its SSH server greets, seen from the machine."""
        with suppress(OSError), socket.create_connection((self.address, 22), 1) as connection:
            connection.settimeout(2)
            return connection.recv(4) == b"SSH-"
        return False

    def wait_ssh(self, seconds: float = 30) -> None:
        """Waits until its SSH server greets."""
        wait_until(self.answers_ssh, f"{self.name} answers SSH at {self.address}", seconds)

    def wait_docker(self, seconds: float = 60) -> None:
        """Waits until its Docker Engine answers."""

        def answers() -> bool:
            return self.run("docker", "version", check=False).returncode == 0

        wait_until(answers, f"{self.name}'s Docker Engine answers", seconds)

    def power_cut(self) -> None:
        """Pulls the power plug: nothing is flushed, nobody is told."""
        self.power.cut()

    def power_on(self, *, wait: bool = True) -> None:
        """Puts the power plug back."""
        self.power.on()
        if wait:
            self.wait_ssh()

    def cable_out(self) -> None:
        """Pulls the network cable."""
        network.cable(self.site, self.name, plugged=False)

    def cable_in(self) -> None:
        """Puts the network cable back."""
        network.cable(self.site, self.name, plugged=True)

    def link(
        self, *, delay: float = 0, jitter: float = 0, loss: float = 0, rate: float = 0
    ) -> None:
        """Makes its cable slow or lossy, each way: ms, ms, per cent, kbit/s; nothing: whole."""
        set_link(self.site, self.board, Link(delay, jitter, loss, rate))

    def freeze(self) -> None:
        """Hangs all programs; the kernel still answers pings and takes connections."""
        self.power.freeze(frozen=True)

    def thaw(self) -> None:
        """Lets a frozen Pi go on."""
        self.power.freeze(frozen=False)

    def reboot(self, *, wait: bool = True) -> None:
        """Restarts it in good order."""
        self.power.reboot()
        if wait:
            self.wait_ssh()

    def reflash(self) -> None:
        """Puts in a newly written card: new keys and machine-id; same board, address, name."""
        was_on = self.is_on
        if was_on:
            self.power_cut()
        card.flash(self.site, self.board)
        if was_on:
            self.power_on()

    def clone_to(self, other: "Pi", *, board: bool = False) -> None:
        """Makes the other's card a copy of this one's; with `board`, its serial number too."""
        was_on = other.is_on
        if was_on:
            other.power_cut()
        if board:
            other.become(replace(other.board, serial=self.board.serial))
        self.power.copy_card_to(other.power)
        if was_on:
            other.power_on()

    def readdress(self, address: str) -> None:
        """Gives it another address, as a router may when a lease has run out."""
        network.readdress(self.site, self.board, address)
        self.become(replace(self.board, address=address))

    def rename(self, hostname: str) -> None:
        """Changes its host name, as its owner would; Avahi announces the new one."""
        self.run("hostnamectl", "set-hostname", hostname)
        self.run("sed", "-i", f"s/^127.0.1.1.*/127.0.1.1\t{hostname}/", "/etc/hosts")
        self.run("systemctl", "try-restart", "avahi-daemon")

    def clock(self, seconds: int) -> None:
        """Sets its clock ahead, or behind, for what is started from now on; 0: right again."""
        set_clock(self.power, seconds)

    def fill_disk(self, left_mib: int = 0) -> None:
        """Fills its card until so much is left."""
        free = self.run("stat", "-f", "-c", "%f %S", "/").stdout.split()
        size = int(free[0]) * int(free[1]) - (left_mib << 20)
        if size > 0 and self.run("fallocate", "-l", str(size), _FILL, check=False).returncode != 0:
            # The last blocks go into the file's own bookkeeping.
            self.run("dd", "if=/dev/zero", f"of={_FILL}.rest", "bs=1M", check=False)

    def free_disk(self) -> None:
        """Undoes `fill_disk`."""
        self.run("rm", "-f", _FILL, f"{_FILL}.rest")

    def sense(self, **values: str) -> None:
        """Sets simulated sensors: temp (millidegrees), throttled (0x50005), clock (kHz), volts."""
        card.sense(self.site.run / self.name / "simulated", list(values.items()))

    def become(self, board: PiBoard) -> None:
        """Be this board from now on."""
        self.board = board
        self.power = Power(self.site, board)
        self._moved(board)

    def facts(self) -> dict[str, str]:
        """What `status` tells."""
        state = "on" if self.is_on else "off"
        if self.is_on and not self.answers_ssh():
            state = "on, silent"
        varied = ", ".join(sorted(self.board.plan.variants)) or "-"
        return {
            "name": self.name,
            "state": state,
            "address": self.address,
            "mac": self.board.mac,
            "serial": self.board.serial or "-",
            "made": self.board.plan.state,
            "variants": varied,
        }
