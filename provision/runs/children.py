"""Ending what a run has started, down to the last ssh in the background."""

import re
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_GRACE_SECONDS = 2.0
_ASKPASS = "_ANSIBLE_SSH_ASKPASS_SHM"
_PIECE = re.compile(r"psm_[0-9a-f]+")


def end_all(find: Callable[[], Iterable[psutil.Process]]) -> None:
    """First interrupted, so that Ansible tidies up, then asked, then killed, until none is left."""
    handed: set[str] = set()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        children = list(find())
        for child in children:
            with suppress(psutil.Error):
                handed.add(child.environ().get(_ASKPASS, ""))
                child.send_signal(number)
        _await_end_of(children)
    # Where Ansible had no time to, the password it handed to an ssh would stay in memory.
    for name in filter(_PIECE.fullmatch, handed):
        Path("/dev/shm", name).unlink(missing_ok=True)  # noqa: S108 - where the kernel has it


def below(number: int) -> list[psutil.Process]:
    """All that a process has started, directly or not."""
    with suppress(psutil.Error):
        return psutil.Process(number).children(recursive=True)
    return []


def working_in(folder: Path) -> list[psutil.Process]:
    """Those whose environment or arguments name a folder, and all that they have started.

    An ssh-agent lets nobody read its environment.
    """
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(folder) in value for value in _told(process)):
                found |= {each.pid: each for each in (process, *below(process.pid))}
    found.pop(psutil.Process().pid, None)
    return list(found.values())


def _told(process: psutil.Process) -> list[str]:
    told = list(process.cmdline())
    with suppress(psutil.AccessDenied):
        told += process.environ().values()
    return told


def _await_end_of(children: list[psutil.Process]) -> None:
    """Wait a while; without taking their exit status, for which ansible-runner waits, too."""
    end = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < end and any(map(_runs, children)):
        time.sleep(0.05)


def _runs(child: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(child.is_running() and child.status() != psutil.STATUS_ZOMBIE)
    return False
