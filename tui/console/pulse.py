"""The last hour of every machine, minute by minute: how much it found, how hot, how slowed down."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.console.node_row import NodeRow

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """Squares found, the greatest heat in °C, and every limit that held; None: unknown.

    `limits`: as `Throttle.now` names them.
    """

    found: float | None = None
    heat: float | None = None
    limits: tuple[str, ...] | None = None


UNKNOWN = Minute()
_IDLE = Minute(0.0)


class Pulse:
    """Touched on the event loop only; MINUTES of each machine that was there within them."""

    def __init__(self) -> None:
        self._machines: dict[str, deque[Minute]] = {}
        self._heard: dict[str, int] = {}
        self.minute = 0
        """The one that goes on, since the epoch."""
        self.began = 0
        """The first one."""

    def take(self, rows: Sequence[NodeRow], now: float) -> None:
        """The machines as they are `now`, in seconds since the epoch."""
        self._go_on(int(now // 60))
        for row in rows:
            if row.node is None and row.sample is None:
                continue
            minutes = self._of(row)
            last = minutes[-1]
            throttle = row.sample.throttle if row.sample else None
            heats = [heat for heat in (last.heat, row.temperature) if heat is not None]
            limits = last.limits
            if throttle is not None:
                limits = tuple(dict.fromkeys((*(limits or ()), *throttle.now)))
            found = row.rate if row.node else None
            minutes[-1] = Minute(found, max(heats, default=None), limits)
            self._heard[row.key] = self.minute

    def of(self, row: NodeRow) -> Sequence[Minute]:
        """The minutes of a machine, the one that goes on last."""
        key = next((key for key in (row.key, *row.ids) if key in self._machines), "")
        return tuple(self._machines[key]) if key else ()

    def fill(
        self, rows: Sequence[NodeRow], found: Mapping[str, Mapping[int, int]], since: int
    ) -> None:
        """What nodes found before this console was there, by name and minute, from `since` on."""
        first = self.minute - MINUTES + 1
        for row in rows:
            if row.node is None or row.key not in self._machines:
                continue
            minutes, of_node = self._machines[row.key], found.get(row.node.name, {})
            for place in range(max(0, since - first), max(0, self.began - first)):
                number, before = of_node.get(first + place), minutes[place]
                # Of 300 machines there are 18,000 minutes, most of them alike.
                if number is None and before is UNKNOWN:
                    minutes[place] = _IDLE
                else:
                    minutes[place] = Minute(float(number or 0), before.heat, before.limits)

    def _go_on(self, minute: int) -> None:
        if not self.minute:
            self.began = minute
        gone = min(MINUTES, minute - self.minute if self.minute else 0)
        if gone < 0:
            return  # The clock was set back: until it is there again, the minute goes on.
        self.minute = minute
        for key in [key for key, heard in self._heard.items() if heard <= minute - MINUTES]:
            del self._machines[key], self._heard[key]
        for minutes in self._machines.values():
            minutes.extend([UNKNOWN] * gone)

    def _of(self, row: NodeRow) -> "deque[Minute]":
        if row.key not in self._machines:
            # A node gets another key when it is found as a Pi.
            before = next((key for key in row.ids if key in self._machines), "")
            fresh = deque([UNKNOWN] * MINUTES, MINUTES)
            self._machines[row.key] = self._machines.pop(before) if before else fresh
            self._heard.pop(before, None)
        return self._machines[row.key]
