"""What is in the way at this moment, one sentence about each thing, until it works again."""

import logging
import math
import time
from collections.abc import Callable

_LOG = logging.getLogger(__name__)


class Problems:
    """Sentences by what they are about; each is logged once. `noted` is called at every one."""

    def __init__(self, noted: Callable[[], None]) -> None:
        self._noted = noted
        self._told: dict[str, tuple[str, float]] = {}

    def __bool__(self) -> bool:
        return bool(self._told)

    def note(self, about: str, error: Exception, seconds: float = math.inf) -> None:
        """Show an error until `over`, or for so many seconds."""
        before, _ = self._told.get(about, ("", 0.0))
        if before != str(error):
            _LOG.warning("%s: %s", about, error)
        self._told[about] = (str(error), time.monotonic() + seconds)
        self._noted()

    def over(self, about: str) -> None:
        """It works again."""
        if self._told.pop(about, None):
            _LOG.info("%s: works again", about)

    def first(self) -> str:
        """The oldest that is still in the way, '' where nothing is."""
        now = time.monotonic()
        self._told = {about: told for about, told in self._told.items() if now < told[1]}
        return next((sentence for sentence, _ in self._told.values()), "")
