"""What the daemon does side by side: where one fails, the others go on."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from base.text import clean_text

_AGAIN = 60.0
"""Seconds after which what has failed is begun again."""
_STEADY = 3600.0
"""Seconds that it must go on before it counts as well: some of it looks only now and then."""
_LOG = logging.getLogger(__name__)


class Guard:
    """Runs one task; whatever it raises that nobody foresaw ends it alone, and for a minute only.

    `name`: what the task sees to, as a sentence begins with it.
    """

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._run = run
        self._problem = ""
        self._failed = 0.0

    @property
    def problem(self) -> str:
        """What it failed at, in a sentence; '' where it has not, or not of late."""
        return self._problem if time.monotonic() - self._failed < _STEADY else ""

    async def run(self) -> None:
        """Go on until cancelled, or until the task has ended by itself."""
        while True:
            try:
                return await self._run()
            except Exception as error:  # noqa: BLE001 - one subject's trouble is that subject's
                self._note(error)
            await asyncio.sleep(_AGAIN)

    def _note(self, error: Exception) -> None:
        first = _first(error)
        what = clean_text(f"{type(first).__name__}: {first}", 200)
        problem = (
            f"{self._name} failed by squarm's own fault ({what}), and is begun again each minute: "
            "all else goes on."
        )
        if self.problem != problem:
            # The sentence for the journal, where it failed for the log file.
            _LOG.warning("%s", problem)
            _LOG.info("%s failed here", self._name, exc_info=error)
        self._problem, self._failed = problem, time.monotonic()


def _first(error: Exception) -> Exception:
    """What was raised, out of the groups that tasks put it in."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
