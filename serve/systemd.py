"""systemd: which unit this is, and what it is told: ready, alive, stopping, a line of status."""

import os
import socket
from contextlib import suppress
from pathlib import Path


def notify(*states: str) -> None:
    """Tell systemd, where it asked to be told; nothing otherwise."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A leading @ stands for Linux's abstract namespace.
    address = "\0" + address[1:] if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.connect(address)
        telling.sendall("\n".join(states).encode())


def unit() -> str:
    """The service that this process is of, '' where it is of none."""
    with suppress(OSError):
        name = Path("/proc/self/cgroup").read_text("utf-8").strip().rpartition("/")[2]
        return name if name.endswith(".service") and os.environ.get("INVOCATION_ID") else ""
    return ""


def watchdog_seconds() -> float:
    """How often systemd wants to hear that we are alive, halved to be safe; 0 for never."""
    text = os.environ.get("WATCHDOG_USEC", "")
    mine = os.environ.get("WATCHDOG_PID", "")
    if not text.isdecimal() or (mine and mine != str(os.getpid())):
        return 0.0
    return int(text) / 2_000_000
