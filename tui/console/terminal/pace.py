"""The pace of frames: a slow terminal (SSH) gets fewer of them, so that keys need not queue."""

import asyncio
import time

from textual.app import App

REST = 3
"""How many times as long as a frame took to go out the line is then left to keys."""
QUICK = 0.3
"""Seconds; a frame that was out by the next check or so needs no rest."""

SOON = 0.005
"""Seconds between checks whether a frame is out."""


class FramePace:
    """Watches the queue to Textual's writer thread; the one place that looks into its privates."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._sent = time.monotonic()
        self._took = 0.0

    def is_free(self, now: float) -> bool:
        """True where the terminal has taken the last frame and has had its rest."""
        if self._waiting():
            self._took = now - self._sent
            return False
        return self._took < QUICK or now >= self._sent + self._took * (1 + REST)

    async def written(self) -> None:
        """Wait until all that was painted is out."""
        while self._waiting():  # noqa: ASYNC110 - Textual has no event for it
            await asyncio.sleep(SOON)

    def sent(self, now: float) -> None:
        """A frame is about to go out."""
        self.begin_anew(now)
        self._app.call_after_refresh(self._mark)

    def begin_anew(self, now: float) -> None:
        """The terminal was somebody else's: how long it was says nothing about it."""
        self._sent, self._took = now, 0.0

    def _mark(self) -> None:
        # Nothing, written behind the frame: it waits in the queue until the frame is out.
        if self._app._driver is not None:  # noqa: SLF001 - Textual has no public way to write
            self._app._driver.write("")  # noqa: SLF001 - as above

    def _waiting(self) -> bool:
        writer = getattr(self._app._driver, "_writer_thread", None)  # noqa: SLF001 - no public way
        queue = getattr(writer, "_queue", None)
        return queue is not None and queue.qsize() > 0
