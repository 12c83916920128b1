"""What one unit of a job finds in a minute, on the average of all that ran."""


class JobPace:
    """Of a job that was `seen_from_its_beginning`; nothing is known of another's.

    What had run before would count as found in no time, once its log is read.
    """

    def __init__(self, *, seen_from_its_beginning: bool) -> None:
        self.each = 0.0
        self._known = seen_from_its_beginning
        self._last: float | None = None
        self._unit_minutes = 0.0

    def note(self, now: float, found: int, running: int) -> None:
        """So much is found in all; since the last time, in seconds, so many units have run."""
        if self._last is not None:
            self._unit_minutes += running * (now - self._last) / 60.0
        self._last = now
        if self._known and found and self._unit_minutes:
            self.each = found / self._unit_minutes
