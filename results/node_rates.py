"""How many squares a minute each node finds, counted from the lines as they come."""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime

from swarm.engine import LogLine

SPAN_SECONDS = 60.0
_SQUARE = '{"type":"square"'


class NodeRates:
    """Counts by node over the last minute of the node's own clock: a backlog is no rate."""

    def __init__(self) -> None:
        self._found: defaultdict[str, deque[float]] = defaultdict(deque)
        self._heard: dict[str, float] = {}

    def count(self, lines: Iterable[LogLine], now: float) -> None:
        """Take note of lines that came at `now`, in seconds of any clock that only goes ahead."""
        for line in lines:
            if line.node and line.text.startswith(_SQUARE):
                found = self._found[line.node]
                at = _seconds(line.time)
                found.append(now if at is None else at)
                self._heard[line.node] = now
                if found[-1] < found[0] - SPAN_SECONDS:
                    found = self._found[line.node] = deque((found[-1],))  # its clock was set back
                while found[0] < found[-1] - SPAN_SECONDS:
                    found.popleft()

    def rates(self, now: float) -> dict[str, float]:
        """Squares a minute by node; nodes that found none are left out."""
        rates = {}
        for node, found in self._found.items():
            quiet = now - self._heard[node]
            while found and found[0] < found[-1] + quiet - SPAN_SECONDS:
                found.popleft()
            if found:
                rates[node] = len(found) * 60.0 / SPAN_SECONDS
        return rates


def _seconds(time: str) -> float | None:
    """Seconds since the epoch of an RFC 3339 timestamp; None for none, or for nonsense."""
    try:
        # Docker writes nanoseconds, which Python does not read.
        return datetime.fromisoformat(time[:19] + "+00:00").timestamp() if time else None
    except ValueError:
        return None
