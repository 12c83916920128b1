"""What one unit of a job finds in a minute, on the average of all that ran while anyone looked."""


class Pace:
    """Of a job that was watched from its beginning; nothing is known of another's."""

    def __init__(self) -> None:
        self.each = 0.0
        self._last: float | None = None
        self._unit_minutes = 0.0
        self._known = True

    def note(self, now: float, found: int, running: int) -> None:
        """So much is found in all, and so many units have run since the last time, or begin now."""
        if self._last is None:
            self._known = found == 0
        else:
            self._unit_minutes += running * (now - self._last) / 60.0
        self._last = now
        if self._known and found and self._unit_minutes:
            self.each = found / self._unit_minutes
