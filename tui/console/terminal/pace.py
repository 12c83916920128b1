"""The pace of frames: a slow terminal (SSH) gets fewer of them, so that keys need not queue."""

import asyncio
import time
from dataclasses import dataclass

from textual.app import App

REST = 3
"""How many times as long as a frame took to go out the line is then left to keys."""
LONGEST_REST = 2.0
"""Seconds: a line that stood still is no slow line, and what it shows by then is old."""
QUICK = 0.3
"""Seconds; a frame that was out by the next check or so needs no rest."""
SLOW = 1.5
"""Seconds a frame takes to go out from which on the user is told."""
TOLD = 5.0
"""Seconds for which that is said."""

SOON = 0.005
"""Seconds between checks whether a frame is out."""


@dataclass(slots=True)
class NextFrame:
    """When the next frame may go out, by how long the last one took; times in seconds."""

    sent: float
    took: float = 0.0
    told_until: float = 0.0

    def is_free(self, now: float, *, waiting: bool) -> bool:
        """True where the last frame is out, and the line has had its rest; looked at each tick."""
        if waiting:
            self.took = now - self.sent
            if self.took >= SLOW:
                self.told_until = now + TOLD
            return False
        rest = min(self.took * REST, LONGEST_REST)
        return self.took < QUICK or now >= self.sent + self.took + rest

    def is_slow(self, now: float) -> bool:
        """Whether a frame took long of late."""
        return now < self.told_until


class FramePace:
    """Watches the queue to Textual's writer thread; the one place that looks into its privates."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._pace = NextFrame(time.monotonic())

    def is_free(self, now: float) -> bool:
        """True where the terminal has taken the last frame and has had its rest."""
        return self._pace.is_free(now, waiting=self._waiting())

    @property
    def is_slow(self) -> bool:
        """Whether a frame took long of late."""
        return self._pace.is_slow(time.monotonic())

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
        self._pace.sent, self._pace.took = now, 0.0

    def _mark(self) -> None:
        # Nothing, written behind the frame: it waits in the queue until the frame is out.
        if self._app._driver is not None:  # noqa: SLF001 - Textual has no public way to write
            self._app._driver.write("")  # noqa: SLF001 - as above

    def _waiting(self) -> bool:
        writer = getattr(self._app._driver, "_writer_thread", None)  # noqa: SLF001 - no public way
        queue = getattr(writer, "_queue", None)
        return queue is not None and queue.qsize() > 0
