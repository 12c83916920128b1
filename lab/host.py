"""The machine that the lab runs on: its programs, its kernel, its cgroups."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PACKAGES = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "lxcfs": "lxcfs",
    "ip": "iproute2",
    "iptables": "iptables",
    "mkfs.ext4": "e2fsprogs",
    "nsenter": "util-linux",
    "ssh-keygen": "openssh-client",
}
"""Programs the lab starts, and the Debian packages that have them."""
ENTER_CGROUPS = 'for g in $1; do echo 0 >"$g/cgroup.procs"; done; shift; exec "$@"'
"""A shell script: enters the cgroups named in its first argument, becomes the rest."""
_SYSTEM_PATH = ":/usr/sbin:/sbin"
_CGROUPS = Path("/sys/fs/cgroup")


class LabError(Exception):
    """Something about the lab that a person can act on, in one sentence."""


def run(*command: str | Path, input: str | None = None) -> str:  # noqa: A002 - as subprocess says
    """What a program printed; an error with its last words where it failed."""
    done = subprocess.run(
        command, input=input, capture_output=True, text=True, errors="replace", check=False,
        stdin=None if input is not None else subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-2000:]
        what = " ".join(map(str, command))[:300]
        raise LabError(f"{what} ended with {done.returncode}: {said}")
    return done.stdout


def _environment() -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath) + _SYSTEM_PATH
    return {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"}


def attempt(*command: str | Path) -> bool:
    """Runs a program that may well fail: says whether it did not."""
    try:
        run(*command)
    except (LabError, FileNotFoundError):
        return False
    return True


def detach(*command: str | Path, cgroup: str, log: Path) -> None:
    """Starts a program, in a cgroup, that outlives this process and is nobody's zombie."""
    groups = " ".join(map(str, make_cgroups(cgroup)))
    with log.open("ab") as file:
        subprocess.run(
            ["setsid", "--fork", "sh", "-c", ENTER_CGROUPS, "sh", groups, *command],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=True, env=_environment(),
        )  # fmt: skip


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Waits for something to become true; an error that names it where it does not."""
    deadline = time.monotonic() + seconds
    pause = 0.02
    while not true():
        if time.monotonic() > deadline:
            raise LabError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(pause)
        # What takes minutes need not be asked fifty times a second: asking costs, too.
        pause = min(pause * 1.3, 0.3)


def refusal() -> str:
    """Why no lab can run on this machine, in one sentence; empty where one can."""
    if os.geteuid() != 0:
        return "The virtual Pi lab needs root: it makes containers, bridges and mounts."
    path = _environment()["PATH"]
    missing = [name for name in PACKAGES if not shutil.which(name, path=path)]
    if missing:
        packages = " ".join(sorted({PACKAGES[name] for name in missing}))
        return f"Not installed: {', '.join(missing)}. On Debian: apt install {packages}"
    absent = [name for name in ("/dev/fuse", "/dev/loop-control") if not Path(name).exists()]
    if absent:
        return f"This kernel, or the container this runs in, offers no {' and no '.join(absent)}."
    attempt("modprobe", "overlay")
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        return "This kernel has no overlay file system."
    wiring = "ip link add br0 type bridge && ip link add end0 type veth peer name end1"
    if not attempt("unshare", "--net", "sh", "-c", wiring):
        return "This kernel, or the container this runs in, allows no namespaces with bridges."
    return ""


def cgroup_roots() -> list[Path]:
    """The tops of the cgroup hierarchies: one on cgroup v2, one per controller on v1."""
    if (_CGROUPS / "cgroup.controllers").exists():
        return [_CGROUPS]
    tops = (path for path in _CGROUPS.iterdir() if not path.is_symlink())
    return sorted(path for path in tops if (path / "cgroup.procs").exists())


def make_cgroups(name: str, limits: Iterable[tuple[str, str]] = ()) -> list[Path]:
    """Makes a cgroup in every hierarchy, with those of the limits that apply there."""
    made = []
    for root in cgroup_roots():
        cgroup = root
        for part in Path(name).parts:
            _delegate(cgroup)
            cgroup /= part
            cgroup.mkdir(exist_ok=True)
            # Old-style cpusets start empty, and nothing can join an empty one.
            for file in ("cpuset.cpus", "cpuset.mems"):
                if (cgroup / file).exists() and (cgroup.parent / file).exists():
                    (cgroup / file).write_text((cgroup.parent / file).read_text())
        for file, value in limits:
            if (cgroup / file).exists():
                (cgroup / file).write_text(value)
        made.append(cgroup)
    return made


def _delegate(cgroup: Path) -> None:
    """On cgroup v2: lets children have limits of their own."""
    if (cgroup / "cgroup.subtree_control").exists():
        for controller in ("cpu", "cpuset", "memory", "pids"):
            with suppress(OSError):
                (cgroup / "cgroup.subtree_control").write_text(f"+{controller}")


def cgroups_of(name: str) -> list[Path]:
    """The cgroups of that name and all below them, the deepest first."""
    tops = [root / name for root in cgroup_roots()]
    # What a host at work makes there comes and goes: os.walk does not mind, Path.rglob does.
    found = [Path(folder) for top in tops for folder, _, _ in os.walk(top)]
    return sorted(found, key=lambda path: len(path.parts), reverse=True)


def cgroups_of_process(pid: int) -> list[Path]:
    """The cgroups that a process is in, as folders."""
    tops = {root.name: root for root in cgroup_roots()}
    found = []
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        names = [controllers, controllers.removeprefix("name="), *controllers.split(",")]
        names += [] if controllers else ["unified", _CGROUPS.name]
        top = next((tops[name] for name in names if name in tops), None)
        if top is not None:
            found.append(top / path.lstrip("/"))
    return found


def processes_in(cgroups: Iterable[Path]) -> set[int]:
    """The processes in some cgroups."""
    found: set[int] = set()
    for cgroup in cgroups:
        with suppress(OSError):
            found.update(map(int, (cgroup / "cgroup.procs").read_text().split()))
    return found - {0}


def freeze(name: str, *, frozen: bool) -> None:
    """Stops, or lets go on, all processes of a cgroup and of those below it."""
    for root in cgroup_roots():
        _freeze(root / name, frozen=frozen)


def end_all(name: str) -> None:
    """Kills all processes of a cgroup and of those below it, then removes these cgroups."""
    for cgroup in cgroups_of(name):
        # Old-style frozen processes cannot even be killed.
        _freeze(cgroup, frozen=False)
    wait_until(lambda: not _kill(processes_in(cgroups_of(name))), f"the processes of {name} end")
    wait_until(lambda: _remove(cgroups_of(name)), f"the cgroups of {name} go")


def _freeze(cgroup: Path, *, frozen: bool) -> None:
    old, new = cgroup / "freezer.state", cgroup / "cgroup.freeze"
    if old.exists():
        old.write_text("FROZEN" if frozen else "THAWED")
    elif new.exists() and len(cgroup_roots()) == 1:
        new.write_text("1" if frozen else "0")


def _kill(processes: set[int]) -> set[int]:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return processes


def _remove(cgroups: list[Path]) -> bool:
    for cgroup in cgroups:
        with suppress(OSError):
            cgroup.rmdir()
    return not any(cgroup.exists() for cgroup in cgroups)


def mounts() -> list[str]:
    """The mount points that this process sees."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines]
