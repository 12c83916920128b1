"""The last lines of all logs, and views on them: nothing grows without bound."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from results.log_text import Level, told
from swarm.engine import LogLine
from tui.needle import Matches, matcher

CAPACITY = 3_000
"""Lines kept; a square of order 10 takes about 800 bytes."""


class LogRing:
    """The newest lines of all jobs; each has a serial number that never changes."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.lines: deque[LogLine] = deque(maxlen=capacity)
        self.end = 0

    @property
    def start(self) -> int:
        """The serial number of the oldest line still here."""
        return self.end - len(self.lines)

    def extend(self, lines: Sequence[LogLine]) -> None:
        """Add lines, dropping the oldest."""
        self.lines.extend(lines)
        self.end += len(lines)

    def draw_line(self, clock: str) -> None:
        """A line below the newest, with the time it was drawn, for who looks at what comes next."""
        self.extend([LogLine("", 0, "", "", "", f"{'─' * 16} {clock} {'─' * 48}")])

    def since(self, serial: int) -> Iterator[tuple[int, LogLine]]:
        """The lines from `serial` on that are still here."""
        first = max(serial, self.start)
        return enumerate(islice(self.lines, first - self.start, None), first)


class LogView:
    """The lines of a ring that match a filter, and of one job where one is given."""

    def __init__(self, ring: LogRing, job: str = "") -> None:
        self.ring = ring
        self.job = job
        self.level = Level.ALL
        self._filter: Matches | None = None
        self.shown: deque[tuple[int, LogLine]] = deque()
        self.begin = 0
        """The serial number below which nothing is shown."""
        self._next = 0

    def set_filter(self, needle: str) -> None:
        """Show lines that match `needle`; u7 means unit 7."""
        self._filter = matcher(needle) if needle.strip() else None
        self._read_anew()

    def set_level(self, level: Level) -> None:
        """Show so much."""
        self.level = level
        self._read_anew()

    def begin_at(self, serial: int) -> None:
        """Show nothing below this serial number."""
        self.begin = serial
        self._read_anew()

    def _read_anew(self) -> None:
        self.shown.clear()
        self._next = self.begin
        self.catch_up()

    def catch_up(self) -> tuple[int, int]:
        """Take in what came since; how many lines were added at the end, dropped at the start."""
        dropped, start = 0, self.ring.start
        while self.shown and self.shown[0][0] < start:
            self.shown.popleft()
            dropped += 1
        before = len(self.shown)
        came = self.ring.since(self._next)
        # Thousands a second, and mostly all of them are shown.
        if self.job or self.level is not Level.ALL or self._filter is not None:
            self.shown.extend(item for item in came if self._matches(item[1]))
        else:
            self.shown.extend(came)
        self._next = self.ring.end
        return len(self.shown) - before, dropped

    def position(self, serial: int) -> int:
        """Where the line of a serial number stands, or the first after it."""
        return bisect_left(self.shown, serial, key=lambda item: item[0])

    def _matches(self, line: LogLine) -> bool:
        if is_drawn(line):
            return True
        if self.job and line.job != self.job:
            return False
        if not self.level.shows(line.text, stderr=line.stderr):
            return False
        return self._filter is None or holds(self._filter, line)


def is_drawn(line: LogLine) -> bool:
    """Whether it is a line that the user drew: no task's."""
    return not line.job


def holds(matches: Matches, line: LogLine) -> bool:
    """Whether a line is meant: as it is shown, or as it is written."""
    return matches(f"{line.node} {line.job} {told(line.text)} {line.text}", line.unit)
