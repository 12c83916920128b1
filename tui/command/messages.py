"""What the command line says besides its output: sentences and progress on standard error."""

import io
import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from base.errors import UsageError
from base.text import clean_text

FIRST = 3.0
"""Seconds before the first line of progress where there is no terminal."""
EVERY = 10.0
"""Seconds between two of them."""


def open_streams() -> None:
    """Make the standard streams such that printing to them cannot fail; raises UsageError.

    One that was closed would make the next file opened the standard stream of its number.
    """
    for number, name, mode in ((0, "stdin", "r"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, mode))
    if sys.stdout is None:
        raise UsageError("Standard output is closed: send it somewhere, such as to /dev/null.")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name need not be text, nor a terminal's encoding know every character.
        sys.stdout.reconfigure(errors="backslashreplace")


def discard(stream: TextIO) -> None:
    """Send what is still to be written to it nowhere: it has no room or no reader any more.

    Python would complain once more at its exit.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(sentence: str) -> None:
    """One sentence for the user, marked as ours."""
    # A file's name need not be text: its other bytes are shown by their numbers.
    shown = str(sentence).encode(errors="backslashreplace").decode()
    _tell(f"squarm: {clean_text(shown)}\n")


def _tell(text: str) -> None:
    """Write it on standard error; work goes on where that cannot be."""
    try:
        print(text, end="", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def confirm(question: str, consequence: str = "", *, yes: bool) -> bool:
    """Whether the user wants it, knowing the consequence; `yes` when that was said already.

    Raises UsageError where nobody can be asked.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to confirm this: say --yes to do it without being asked.")
    for line in consequence.splitlines():
        print(clean_text(line), file=sys.stderr)
    print(f"{clean_text(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class Progress:
    """One line on a terminal's standard error, rewritten in place.

    Elsewhere lines, one now and then, so that who reads a file or a pipe sees that work goes on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown = False
        self._live = sys.stderr.isatty()
        self._clock = clock
        self._next = clock() + FIRST
        self._said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._live:
            _tell(f"\r\x1b[K{clean_text(text)}")
            self._shown = True
        elif text != self._said and self._clock() >= self._next:
            say(text)
            self._said = text
            self._next = self._clock() + EVERY

    def clear(self) -> None:
        """Take the line away, so that other output can follow."""
        if self._shown:
            _tell("\r\x1b[K")
            self._shown = False
