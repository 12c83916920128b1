"""Power: what starts a host, cuts it off, stops it and looks into it."""

import math
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from lab import card, network
from lab.host import (
    ENTER_CGROUPS,
    LabError,
    cgroups_of,
    cgroups_of_process,
    detach,
    freeze,
    make_cgroups,
    processes_in,
    run,
    wait_until,
)
from lab.layers import lower_folders
from lab.plan import PiBoard, Site, Variant

_RUN_PI = Path(__file__).parent / "run-pi"
_REPOSITORY = Path(__file__).parent.parent


class Power:
    """The power switch of one host, and its case with a window."""

    def __init__(self, site: Site, board: PiBoard) -> None:
        self.site = site
        self.board = board
        self.folder = site.run / board.name
        self._cgroup = f"{site.tag}/{board.name}"

    def on(self) -> None:
        """Starts the host; does not wait until it answers."""
        if self.is_on():
            raise LabError(f"{self.board.name} is on already")
        (self.folder / "mount").mkdir(parents=True, exist_ok=True)
        network.plug(self.site, self.board)
        plan = self.board.plan
        memory, period = plan.memory_mib << 20, 100_000
        quota = int(plan.cpus * period)
        cgroups = make_cgroups(
            self._cgroup,
            [
                ("memory.limit_in_bytes", str(memory)),
                ("memory.max", str(memory)),
                ("cpu.cfs_quota_us", str(quota)),
                ("cpu.max", f"{quota} {period}"),
                ("cpuset.cpus", self._processors()),
            ],
        )
        overlayroot = "yes" if Variant.OVERLAYROOT in plan.variants else ""
        detach(
            "env", "SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes", f"OVERLAYROOT={overlayroot}",
            "unshare", "--mount", "--propagation", "slave", _RUN_PI,
            self.folder / "mount", card.image(self.site, self.board), lower_folders(self.board),
            " ".join(map(str, cgroups)), *self._nspawn(),
            cgroup=f"{self.site.tag}/keepers", log=self.folder / "console.log",
        )  # fmt: skip
        wait_until(self.is_on, f"{self.board.name} starts, see {self.folder}/console.log", 60)

    def _processors(self) -> str:
        """As many of this machine's processors as the host has, in turn from host to host."""
        there = sorted(os.sched_getaffinity(0))
        first = int(self.board.mac[-2:], 16)
        count = min(len(there), math.ceil(self.board.plan.cpus))
        return ",".join(str(there[(first + offset) % len(there)]) for offset in range(count))

    def _nspawn(self) -> list[str | Path]:
        plan = self.board.plan
        told: list[str | Path] = [
            f"--machine={self.site.tag}-{self.board.name}",
            f"--hostname={plan.hostname}",
            "--register=no",
            "--keep-unit",
            f"--network-namespace-path=/run/netns/{self.site.namespace(self.board.name)}",
            "--capability=all",
            "--system-call-filter=add_key keyctl bpf",
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
            "--console=pipe",
            f"--bind={self.site.run}/lxcfs:/var/lib/lxcfs",
            f"--bind-ro={card.simulate(self.site, self.board)}:/opt/simulated",
        ]
        if Variant.I686 in plan.variants:
            told.append("--personality=x86")
        if self.board.is_master:
            told.append(f"--bind-ro={_REPOSITORY}:/opt/squarm")
        return told

    def is_on(self) -> bool:
        """Whether the host has power: its first process runs."""
        return self._leader() is not None

    def leader(self) -> int:
        """The host's first process, as this machine numbers it."""
        found = self._leader()
        if found is None:
            raise LabError(f"{self.board.name} is off")
        return found

    def _leader(self) -> int | None:
        for pid in self._runner():
            for nspawn in _children(pid):
                for child in _children(nspawn):
                    if _is_first_in_its_namespace(child):
                        return child
        return None

    def _runner(self) -> list[int]:
        """The shell that keeps the host's power on."""
        with suppress(OSError, ValueError):
            pid = int((self.folder / "mount/pid").read_text())
            if str(_RUN_PI).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return [pid]
        return []

    def cut(self) -> None:
        """Takes the power away: nothing is flushed, nobody is told."""
        doomed = [*self._runner()]
        leader = self._leader()
        if leader is not None:
            doomed.append(leader)
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # Old-style frozen processes cannot even be killed.
        freeze(self._cgroup, frozen=False)
        self.wait_off()
        network.unplug(self.site, self.board.name)

    def wait_off(self) -> None:
        """Waits until nothing of the host runs and its card is out."""
        wait_until(lambda: not self._runner(), f"{self.board.name} stops")
        cgroups = cgroups_of(self._cgroup)
        wait_until(lambda: not processes_in(cgroups), f"{self.board.name}'s processes end")
        image = card.image(self.site, self.board)
        wait_until(lambda: not run("losetup", "-j", image), f"{self.board.name}'s card is free")

    def freeze(self, *, frozen: bool) -> None:
        """Hangs the host, or lets it go on: its kernel still answers, no program does."""
        self.leader()
        freeze(self._cgroup, frozen=frozen)

    def run(
        self, *command: str, input: str | None = None, check: bool = True,  # noqa: A002
    ) -> "subprocess.CompletedProcess[str]":  # fmt: skip
        """Runs a program inside as root, without the network's help."""
        done = subprocess.run(
            [*self.shell_command(), *command], input=input, capture_output=True, text=True,
            errors="replace", check=False, stdin=None if input is not None else subprocess.DEVNULL,
        )  # fmt: skip
        if check and done.returncode != 0:
            said = (done.stdout + done.stderr).strip()[-2000:]
            raise LabError(
                f"{self.board.name}: {' '.join(command)} ended with {done.returncode}: {said}"
            )
        return done

    def shell_command(self) -> list[str]:
        """What goes before a command to run it inside."""
        pid = self.leader()
        # As one of the host's own processes: with its share of memory, its processors, its frost.
        groups = " ".join(str(path) for path in cgroups_of_process(pid))
        platform = ["setarch", "linux32"] if Variant.I686 in self.board.plan.variants else []
        clean = [
            "env",
            "-i",
            "HOME=/root",
            "LANG=C.UTF-8",
            f"TERM={os.environ.get('TERM', 'dumb')}",
        ]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        inside = ["nsenter", "--target", str(pid), "--all", "--root", "--wd"]
        return ["sh", "-c", ENTER_CGROUPS, "sh", groups, *platform, *inside, *clean, path]

    def copy_card_to(self, other: "Power") -> None:
        """Makes the other's card a copy of this one's, which may be in use; the other is off."""
        runner, mounted = self._runner(), self.folder / "mount/card"
        inside = ["nsenter", "--target", str(runner[0]), "--mount"] if runner else []
        if runner:
            run(*inside, "fsfreeze", "--freeze", mounted)
        try:
            card.copy(self.site, self.board, other.board)
        finally:
            if runner:
                run(*inside, "fsfreeze", "--unfreeze", mounted)

    def booted_since(self, leader: int) -> bool:
        """Whether the host's first process is another one by now."""
        return self._leader() not in {leader, None}

    def reboot(self) -> None:
        """Restarts the host in good order; returns when it starts anew."""
        before = self.leader()
        self.run("systemctl", "reboot", check=False)
        wait_until(lambda: self.booted_since(before), f"{self.board.name} reboots", 60)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _is_first_in_its_namespace(pid: int) -> bool:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                ids = line.split()[1:]
                return len(ids) > 1 and ids[-1] == "1"
    return False
