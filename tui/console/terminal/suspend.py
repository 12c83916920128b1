"""Another program in the terminal, in place of the screen, until it ends."""

import asyncio
import shutil
import signal
import termios
from collections.abc import Sequence
from contextlib import suppress

from textual.app import App

from base.errors import SquarmError

SSH_FAILED = 255
"""The status with which ssh itself ends where there was no session; see ssh(1)."""
_STDIN = 0


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
                status = await process.wait()
            except OSError as error:
                failure = error
            with suppress(OSError, termios.error):
                termios.tcsetattr(_STDIN, termios.TCSADRAIN, modes)
    finally:
        signal.signal(signal.SIGINT, before)
    if failure is not None:
        raise NoShell(f"{command[0]} cannot be started ({failure.strerror}).")
    return status
