"""An application in its terminal: no key meets half a screen, every end leaves it in order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable

from rich.console import RenderableType
from textual import events
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.widget import MountError

from base import log_file
from tui.console.terminal.clipboard import copy_sequence
from tui.console.terminal.driver import ConsoleDriver
from tui.console.terminal.frames import FrameDiffApp
from tui.console.terminal.garbage import Garbage
from tui.console.terminal.suspend import stop_until_continued

_BY_SIGNAL = 128
"""A shell's exit code for what a signal ended is so much more than its number."""


class TerminalApp(FrameDiffApp):
    """Holds keys until the screen in front is whole, and drops them once it is `leaving`.

    `failure`: the sentence it ended with where something went wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failure = ""
        self.garbage = Garbage()
        self._held_until: Awaitable[object] | None = None
        self._left = asyncio.Event()

    @property
    def leaving(self) -> bool:
        """Whether the console ends."""
        return self._left.is_set()

    @leaving.setter
    def leaving(self, now: bool) -> None:
        if now:
            self._left.set()
        else:
            self._left.clear()

    def get_driver_class(self) -> type[Driver]:
        """One that nothing typed can end."""
        return ConsoleDriver

    async def on_event(self, event: events.Event) -> None:
        """Keys come before the first paint, behind `q`, and faster than a screen is made."""
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            if self.leaving:
                return
            self.garbage.typed()
            if not await self.settle():
                return
            await self.screen._mounted_event.wait()  # noqa: SLF001 - `is_mounted` cannot be awaited
        await super().on_event(event)

    def hold_keys(self, until: Awaitable[object]) -> None:
        """The next key waits for this."""
        self._held_until = until

    async def settle(self) -> bool:
        """Wait for what keys wait for, which may never come once the console ends: then False."""
        until, self._held_until = self._held_until, None
        if until is None:
            return True
        waiting = [asyncio.ensure_future(each) for each in (until, self._left.wait())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        return not self.leaving

    def exit(
        self,
        result: int | None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """Leave; what is typed from now on is for somebody else.

        The code of a signal stands, also where it came while the user left.
        """
        self.leaving = True
        super().exit(result, return_code or self.return_code or 0, message)

    def send_to_clipboard(self, text: str) -> None:
        """By OSC 52, wrapped for tmux; raises TooLong for more than terminals take."""
        sequence = copy_sequence(text, os.environ)
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(sequence)

    def end_by_signal(self, number: int) -> None:
        """Leave in order, with the exit code of what a signal ended."""
        self.exit(return_code=_BY_SIGNAL + number)

    def terminal_gone(self) -> None:
        """Nobody can see or say anything any more."""
        self.end_by_signal(signal.SIGHUP)

    def suspend_process(self) -> None:
        """Give the terminal back to the shell until it says `fg`."""
        driver = self._driver
        if not isinstance(driver, ConsoleDriver) or self.leaving:
            return
        if not driver.has_terminal:
            # It is lent to another program, which has been stopped with us.
            driver.stop_alone()
            return
        self.app_suspend_signal.publish(self)
        driver.suspend_application_mode()
        if not stop_until_continued(driver.fileno):
            return
        driver.drop_input()
        driver.resume_application_mode()
        self.app_resume_signal.publish(self)
        self.refresh(layout=True)

    def _handle_exception(self, error: Exception) -> None:
        """A screen that opens while the application leaves gets no widgets, and misses them."""
        if not (self.leaving and isinstance(error, NoMatches | MountError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Instead of Textual's page of variables, which may hold a password: one sentence."""
        self.leaving = True
        if (error := sys.exception()) is not None:
            self.failure = log_file.failed(error)
        self._close_messages_no_wait()
