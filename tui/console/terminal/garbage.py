"""Python's full searches for garbage, kept away from keys: one takes as long as several frames."""

import gc
import time
from collections.abc import Callable

QUIET = 2.0
"""Seconds without a key after which nobody waits for a frame."""
_NEVER = 1_000_000
_DUE = 10
"""Searches of the middle generation since the last full one: Python's own measure."""
_OVERDUE = 200


class Garbage:
    """From `begin` to `end` full searches are made by `look` alone: when due, and between keys."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._typed = now()
        self._before = gc.get_threshold()

    def begin(self) -> None:
        """What was made until now stays: it is not searched again."""
        self._before = gc.get_threshold()
        gc.set_threshold(*self._before[:2], _NEVER)
        gc.freeze()
        gc.enable()

    def typed(self) -> None:
        """A key came; more may come behind it."""
        self._typed = self._now()

    def look(self) -> None:
        """Search, if it is due and nobody types, or long overdue."""
        passed = gc.get_count()[2]
        quiet = self._now() - self._typed >= QUIET
        if passed >= _OVERDUE or (passed >= _DUE and quiet):
            gc.collect()

    def end(self) -> None:
        """As before."""
        gc.set_threshold(*self._before)
