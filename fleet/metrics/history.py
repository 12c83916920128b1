"""The last minutes of a machine's samples, for sparklines."""

from dataclasses import dataclass

from fleet.metrics.samples import Sample

LENGTH = 120
_GAP_SECONDS = 3.0
"""A machine that has much to do takes longer than a second for its line."""


@dataclass(frozen=True, slots=True)
class MetricsHistory:
    """Newest last, at most LENGTH each, None where unknown: shares from 0 to 1, and Celsius."""

    cpu: tuple[float | None, ...] = ()
    memory: tuple[float | None, ...] = ()
    temperature: tuple[float | None, ...] = ()
    received: tuple[float | None, ...] = ()
    sent: tuple[float | None, ...] = ()


class Recorder:
    """Makes a MetricsHistory: a value a second, None where nothing was heard."""

    def __init__(self) -> None:
        self._history = MetricsHistory()
        self._last: Sample | None = None

    def add(self, sample: Sample) -> None:
        """One more second."""
        missed = 0 if self._last is None else _missed(self._last, sample)
        self._last = sample
        memory = None
        if sample.memory and sample.memory_used is not None:
            memory = sample.memory_used / sample.memory
        before, gap = self._history, (None,) * missed
        self._history = MetricsHistory(
            cpu=(*before.cpu, *gap, sample.cpu)[-LENGTH:],
            memory=(*before.memory, *gap, memory)[-LENGTH:],
            temperature=(*before.temperature, *gap, sample.temperature)[-LENGTH:],
            received=(*before.received, *gap, sample.received)[-LENGTH:],
            sent=(*before.sent, *gap, sample.sent)[-LENGTH:],
        )

    def history(self) -> MetricsHistory:
        """Everything kept, as it is now; the same object until a sample is added."""
        return self._history


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
