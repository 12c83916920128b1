"""A program in a terminal of its own: bytes in, screen and modes out."""

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte

from tests.waiting import wait_until

SQUARM = (sys.executable, "-m", "tui", "--engine", "local", "--interface", "none")
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[([<>])[\d]*u")
_OTHER_SCREEN = b"\x1b[?1049l"
_USUAL = {7: True, 25: True}
"""Modes of a terminal that are on where nobody said anything: wrapped lines, the cursor."""


def modes_left(output: bytes) -> dict[int | str, bool | int]:
    """What a program has left otherwise than it found it; Kitty's flags as how many deep."""
    modes: dict[int, bool] = {}
    for numbers, end in _MODE.findall(output):
        for number in numbers.split(b";"):
            modes[int(number)] = end == b"h"
    left: dict[int | str, bool | int] = {
        number: on for number, on in modes.items() if on != _USUAL.get(number, False)
    }
    deep = sum(1 if sign == b">" else -1 for sign in _KITTY.findall(output))
    return {**left, "kitty": deep} if deep else left


def state_of(process: int) -> str:
    """The letter that ps(1) shows; '' for one that has ended, also where nobody took note yet."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
    return state.strip("ZX")


class Terminal:
    """A running program, the leader of its session."""

    def __init__(
        self,
        command: Sequence[str],
        home: Path,
        size: tuple[int, int],
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._master, slave = os.openpty()
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._written: list[bytes | tuple[int, int]] = []
        self._drawn = 0
        self.resize(*size)
        self.before = termios.tcgetattr(slave)
        names = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME")
        environment = {
            **os.environ,
            **dict.fromkeys(names, str(home)),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PS1": "$ ",
            **(environ or {}),
        }
        # The latter two, which the tests' own process may have, count for more than the size.
        for name in ("TMUX", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self._slave = slave
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=Path(__file__).parents[3],
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self._master, 65536):
                self._written.append(data)

    @property
    def output(self) -> bytes:
        """All that was written."""
        return b"".join(part for part in self._written if isinstance(part, bytes))

    def type(self, keys: bytes | str) -> None:
        """Bytes as a keyboard would send them."""
        with suppress(OSError):
            os.write(self._master, keys if isinstance(keys, bytes) else keys.encode())

    def resize(self, width: int, height: int) -> None:
        """Another size of the terminal."""
        # Before: what is written for it may come at once.
        self._written.append((height, width))
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def screen(self) -> str:
        """What is on the screen; drawn here, for who never looks need not wait for pyte."""
        for part in self._written[self._drawn :]:
            self._drawn += 1
            if isinstance(part, bytes):
                # pyte has no second screen to come back from.
                self._stream.feed(part.replace(_OTHER_SCREEN, _OTHER_SCREEN + b"\x1b[2J\x1b[H"))
            else:
                self._screen.resize(*part)
        return "\n".join(self._screen.display)

    def until(self, holds: Callable[[str], object], seconds: float = 60) -> str:
        """The screen as soon as it is so."""
        wait_until(lambda: holds(self.screen()), seconds, self.screen)
        return self.screen()

    def ended(self, seconds: float = 60) -> int:
        """The exit code, once it has ended and all it wrote has been read."""
        code = self.process.wait(seconds)
        os.close(self._slave)
        self._slave = -1
        self._reader.join(seconds)
        return code

    @property
    def foreground(self) -> int:
        """The process group that the keys go to."""
        return os.tcgetpgrp(self._master)

    @property
    def in_order(self) -> bool:
        """Whether lines are typed and shown as they were before the program."""
        return termios.tcgetattr(self._slave)[:4] == self.before[:4]

    def hang_up(self) -> None:
        """Away with the terminal, as where its window is closed."""
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """Away with all of it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for file in (self._master, self._slave):
            if file >= 0:
                with suppress(OSError):
                    os.close(file)


@contextmanager
def terminal(
    home: Path,
    command: Sequence[str] = SQUARM,
    size: tuple[int, int] = (80, 24),
    environ: Mapping[str, str] | None = None,
) -> Iterator[Terminal]:
    """The program in a terminal of this size, until the block is left."""
    running = Terminal(command, home, size, environ)
    try:
        yield running
    finally:
        running.close()
