"""The terminal in other hands: those of a program until it ends, of the shell until `fg`."""

import asyncio
import os
import shutil
import signal
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from textual.app import App

from base.errors import SquarmError

SSH_FAILED = 255
"""The status with which ssh itself ends where there was no session; see ssh(1)."""
_STDIN = 0
_BACKGROUND_SECONDS = 0.05


class NoShell(SquarmError):
    """It could not be started: one sentence."""


async def run_in_terminal(app: App[int], command: Sequence[str], title: str) -> int:
    """Give the terminal to a program; returns its exit status. Raises NoShell.

    The event loop goes on meanwhile: Pis are watched, jobs collected.
    """
    if shutil.which(command[0]) is None:
        raise NoShell(f"There is no {command[0]} here: sudo apt install openssh-client.")
    # Before the program has the terminal to itself, Ctrl-C comes to us, too. A handler, unlike
    # SIG_IGN, is not inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    failure: OSError | None = None
    status = 0
    try:
        # Nothing is painted meanwhile, and nothing raised: Textual hangs on both (#6692).
        with app.suspend(), app.batch_update():
            modes = termios.tcgetattr(_STDIN)
            print(f"{title}; exit or Ctrl-D comes back to squarm.", flush=True)
            try:
                process = await asyncio.create_subprocess_exec(*command)
                status = await _end_of(process)
            except OSError as error:
                failure = error
            with suppress(OSError, termios.error):
                termios.tcsetattr(_STDIN, termios.TCSADRAIN, modes)
    finally:
        signal.signal(signal.SIGINT, before)
    if failure is not None:
        raise NoShell(f"{command[0]} cannot be started ({failure.strerror}).")
    return status


async def _end_of(process: asyncio.subprocess.Process) -> int:
    """Its exit status; where we end before it, it ends with us."""
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()


def stop_until_continued(terminal: int) -> bool:
    """Stop this process and its group, as Ctrl-Z does, until a shell gives the terminal back.

    False where a signal came meanwhile that ends us. In a group that no shell watches over, which
    the kernel does not stop, it returns at once.
    """
    ends: list[int] = []
    with _handling(signal.SIGTSTP, signal.SIG_DFL), _noting(ends):
        while not ends:
            os.killpg(os.getpgrp(), signal.SIGTSTP)
            try:
                if os.tcgetpgrp(terminal) == os.getpgrp():
                    return not ends
            except OSError:
                return False
            # `bg`: there is nothing to do without the terminal.
            time.sleep(_BACKGROUND_SECONDS)
    return False


@contextmanager
def _handling(number: int, handler: "signal._HANDLER") -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def _noting(ends: list[int]) -> Iterator[None]:
    """Note which signals came that end us; the event loop hears of them all the same."""

    def note(number: int, _frame: object) -> None:
        ends.append(number)

    with _handling(signal.SIGTERM, note), _handling(signal.SIGHUP, note):
        yield
