"""The last minutes of a machine's samples, for sparklines."""

from collections import deque
from dataclasses import dataclass

from fleet.metrics.samples import Sample

LENGTH = 120
_GAP_SECONDS = 3.0
"""A machine that has much to do takes longer than a second for its line."""
_NOTHING = (None,) * 5


@dataclass(frozen=True, slots=True)
class History:
    """Newest last, at most LENGTH each, None where unknown: shares from 0 to 1, and Celsius."""

    cpu: tuple[float | None, ...] = ()
    memory: tuple[float | None, ...] = ()
    temperature: tuple[float | None, ...] = ()
    received: tuple[float | None, ...] = ()
    sent: tuple[float | None, ...] = ()


class Recorder:
    """Keeps what a History is made of: a row a second, empty ones where nothing was heard."""

    def __init__(self) -> None:
        self._rows: deque[tuple[float | None, ...]] = deque(maxlen=LENGTH)
        self._made: History | None = History()
        self._last: Sample | None = None

    def add(self, sample: Sample) -> None:
        """One more second."""
        if self._last is not None:
            self._rows.extend([_NOTHING] * _missed(self._last, sample))
        self._last = sample
        memory = None
        if sample.memory and sample.memory_used is not None:
            memory = sample.memory_used / sample.memory
        row = (sample.cpu, memory, sample.temperature, sample.received, sample.sent)
        self._rows.append(row)
        self._made = None

    def history(self) -> History:
        """Everything kept, as it is now; the same object until a sample is added."""
        if self._made is None:
            self._made = History(*zip(*self._rows, strict=True))
        return self._made


def _missed(before: Sample, now: Sample) -> int:
    """Seconds between two samples of which nothing is known, by the machine's own time."""
    if before.uptime is None or now.uptime is None:
        seconds = now.at - before.at
    elif now.uptime < before.uptime:
        # It has started anew: for how long it was away, our time tells.
        seconds = max(now.at - before.at, _GAP_SECONDS)
    else:
        seconds = now.uptime - before.uptime
    return min(LENGTH, round(seconds) - 1) if seconds >= _GAP_SECONDS else 0
