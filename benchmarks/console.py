"""The console in a pseudo-terminal: start-up, memory, processor time, key to echo."""

import contextlib
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, LINES = 160, 48
STARTS = 7
SETTLE = 5.0
KEYS = "§¤¥µ¶ßæðþø¡¢£¿÷"
"""Characters that nothing else on the screen holds: what comes back is the echo."""
ROUNDS = 6


class Terminal:
    """A program in a pseudo-terminal, its output read as bytes."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execvpe(command[0], command, environment)  # noqa: S606 - the point of a pty.fork
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.written = 0

    def wait_for(self, text: str, seconds: float = 20.0) -> float:
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
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        data = os.read(self.fd, 65536)
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


@contextlib.contextmanager
def console(lines: int, folder: Path) -> Iterator[Terminal]:
    """The console on an engine that writes so many log lines a second."""
    environment = os.environ | {
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "XDG_DATA_HOME": str(folder),
    }
    results = str(folder / "results.sqlite3")
    terminal = Terminal(
        [sys.executable, "-m", "benchmarks.flood", str(lines), results], environment
    )
    try:
        yield terminal
    finally:
        with contextlib.suppress(OSError):
            os.kill(terminal.pid, 9)
        os.close(terminal.fd)
        os.waitpid(terminal.pid, 0)


def main() -> None:
    """Print the figures."""
    print(f"Console, {COLUMNS}x{LINES}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(_start_up(folder))
        for lines in (0, 5_000):
            print(_under_load(lines, folder))


def _start_up(folder: Path) -> str:
    """To the first paint, beside a bare import of the framework, in turns."""
    ours, bare = [], []
    for _ in range(STARTS):
        with console(0, folder) as terminal:
            terminal.wait_for("squarm")
            ours.append(time.perf_counter() - terminal.started)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
        bare.append(time.perf_counter() - began)
    median, framework = statistics.median(ours), statistics.median(bare)
    return (
        f"first paint: median of {STARTS} {median:.2f} s "
        f"({median / framework:.1f} times `import textual.app`, {framework:.2f} s)"
    )


def _under_load(lines: int, folder: Path) -> str:
    with console(lines, folder) as terminal:
        terminal.wait_for("pi3")
        terminal.drain(SETTLE)
        process = psutil.Process(terminal.pid)
        before, began, bytes_before = _busy(process), time.perf_counter(), terminal.written
        terminal.drain(SETTLE)
        spent = time.perf_counter() - began
        share = (_busy(process) - before) / spent
        rate = (terminal.written - bytes_before) / spent / 1000
        delays = sorted(_echoes(terminal))
        resident = process.memory_info().rss / 1e6
    p50, p95 = statistics.median(delays), delays[int(len(delays) * 0.95)]
    return (
        f"{lines:5} log lines/s: key to echo p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms "
        f"({len(delays)} keys); {share:.0%} of a core; {resident:.0f} MB; {rate:.1f} kB/s"
    )


def _echoes(terminal: Terminal) -> Iterator[float]:
    """Types into the command line; how long each character takes to come back."""
    for _ in range(ROUNDS):
        terminal.send(":")
        terminal.drain(0.5)
        for key in KEYS:
            terminal.send(key)
            yield terminal.wait_for(key)
            # Not in step with the program's own ticks.
            terminal.drain(0.05 + 0.013 * (KEYS.index(key) % 7))
        terminal.send("\x1b")
        terminal.drain(0.5)


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
