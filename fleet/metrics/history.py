"""The last minutes of a machine's samples, for sparklines."""

from collections import deque
from dataclasses import dataclass

from fleet.metrics.samples import Sample

LENGTH = 120


@dataclass(frozen=True, slots=True)
class History:
    """Newest last, at most LENGTH each, None where unknown: shares from 0 to 1, and Celsius."""

    cpu: tuple[float | None, ...] = ()
    memory: tuple[float | None, ...] = ()
    temperature: tuple[float | None, ...] = ()
    received: tuple[float | None, ...] = ()
    sent: tuple[float | None, ...] = ()


class Recorder:
    """Keeps what a History is made of."""

    def __init__(self) -> None:
        self._rows: deque[tuple[float | None, ...]] = deque(maxlen=LENGTH)
        self._made: History | None = History()

    def add(self, sample: Sample) -> None:
        """One more second."""
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
