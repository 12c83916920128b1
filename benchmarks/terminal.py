"""A program in a pseudo-terminal, and what it takes: processor time, memory, key to echo."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, LINES = 160, 48
KEYS = "§¤¥µ¶ßæðþø¡¢£¿÷"
"""Characters that nothing else on the screen holds: what comes back is the echo."""
_SLICE = 0.01
"""Seconds after which a slow reader reads again."""


_BYTECODE = ROOT / "build" / "bytecode"


def environment_in(home: str) -> dict[str, str]:
    """For a program with a home of its own, compiled as an installation is."""
    ours = {
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "HOME": home,
        "XDG_DATA_HOME": f"{home}/data",
        "XDG_STATE_HOME": f"{home}/state",
        "PYTHONPYCACHEPREFIX": str(_BYTECODE),
    }
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")} | ours


@dataclass(frozen=True, slots=True)
class MeasuredLoad:
    """What a program takes: share of a core, bytes of memory, bytes a second to the terminal."""

    cpu: float
    memory: int
    output: float


class MeasuredTerminal:
    """A program in a pseudo-terminal; `rate`: so many bytes a second are read of it at most."""

    def __init__(
        self, command: list[str], environment: dict[str, str], rate: float = float("inf")
    ) -> None:
        self.started = time.perf_counter()
        self.rate = rate
        self.written = 0
        self._read_at = self.started
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execvpe(command[0], command, environment)  # noqa: S606 - the point of a pty.fork
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def wait_for(self, text: str, seconds: float = 60.0) -> float:
        """Seconds until the output holds `text`; raises TimeoutError."""
        began = time.perf_counter()
        wanted, seen = text.encode(), b""
        while time.perf_counter() - began < seconds:
            seen = seen[-200:] + self.read(0.05)
            if wanted in seen:
                return time.perf_counter() - began
        raise TimeoutError(f"{text!r} did not appear on the screen")

    def read(self, seconds: float) -> bytes:
        """What comes within so many seconds, at once when something does."""
        most = 65536
        if self.rate < float("inf"):
            time.sleep(min(seconds, _SLICE))
            now = time.perf_counter()
            # A link that was idle carries no more than one that was not.
            most = int(self.rate * min(now - self._read_at, 5 * _SLICE))
            self._read_at = now
        ready, _, _ = select.select([self.fd], [], [], seconds if most == 65536 else 0)
        if not ready or not most:
            return b""
        data = os.read(self.fd, most)
        self.written += len(data)
        return data

    def drain(self, seconds: float) -> None:
        """Read on for so many seconds."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def send(self, text: str) -> None:
        """Type."""
        os.write(self.fd, text.encode())

    def load(self, seconds: float) -> MeasuredLoad:
        """What the program takes over so many seconds."""
        process = psutil.Process(self.pid)
        before, began, bytes_before = _busy(process), time.perf_counter(), self.written
        self.drain(seconds)
        spent = time.perf_counter() - began
        busy = _busy(process) - before
        return MeasuredLoad(
            busy / spent, process.memory_info().rss, (self.written - bytes_before) / spent
        )

    def echoes(self, rounds: int) -> Iterator[float]:
        """Types into the command line; how long each character takes to come back."""
        for _ in range(rounds):
            self.send(":")
            self.drain(0.5)
            for key in KEYS:
                self.send(key)
                yield self.wait_for(key)
                # Not in step with the program's own ticks.
                self.drain(0.05 + 0.013 * (KEYS.index(key) % 7))
            self.send("\x1b")
            self.drain(0.5)

    def close(self) -> None:
        """End the program."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, 9)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
