"""What is wrong with machines right now, told once when it begins and once when it ends. Pure.

A value that goes up and down about its bound is one event: an alert begins at one bound and ends at
another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView

_HOT, _COOL = 80.0, 75.0
"""Degrees Celsius: a Pi slows itself down from 80 on."""
_FULL, _ROOM = 0.95, 0.90


class AlertKind(StrEnum):
    """What is wrong."""

    HOT = "too hot"
    UNDER_VOLTAGE = "under-voltage"
    READ_ONLY = "card read-only"
    FULL = "card nearly full"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something wrong with a machine, by id and name, since `began` (seconds since the epoch)."""

    pi: str
    name: str
    kind: AlertKind
    sentence: str
    began: float


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts that hold; `began` and `ended`: those of them that the last snapshot brought.

    `met`: ids of machines that were there at some moment: others cannot be gone.
    """

    holding: Mapping[tuple[str, AlertKind], Alert] = field(default_factory=dict)
    met: frozenset[str] = frozenset()
    began: tuple[Alert, ...] = ()
    ended: tuple[Alert, ...] = ()

    def after(self, snapshot: FleetSnapshot) -> "Alerts":
        """The alerts after one more snapshot."""
        holding: dict[tuple[str, AlertKind], Alert] = {}
        there = (view.id for view in snapshot.pis if view.state is not PiState.LOST)
        met = self.met.union(there)
        for view in snapshot.pis:
            held = frozenset(kind for pi, kind in self.holding if pi == view.id)
            for kind, sentence in _wrong(view, held, met=view.id in met):
                alert = Alert(view.id, view.name, kind, sentence, snapshot.taken)
                holding[view.id, kind] = self.holding.get((view.id, kind), alert)
        return Alerts(
            holding,
            met,
            tuple(alert for key, alert in holding.items() if key not in self.holding),
            tuple(alert for key, alert in self.holding.items() if key not in holding),
        )


def _wrong(
    view: PiView, held: frozenset[AlertKind], *, met: bool
) -> Iterator[tuple[AlertKind, str]]:
    """What is wrong with one machine; of one that says nothing now, what was wrong before."""
    if view.state is PiState.LOST:
        if view.watched and met:
            yield AlertKind.GONE, "it does not answer: is it on, and is its cable in?"
        for kind in held - {AlertKind.GONE}:
            yield kind, ""
        return
    sample = view.sample
    if sample is None or view.stale:
        for kind in held - {AlertKind.GONE}:
            yield kind, ""
        return
    hot = sample.temperature
    if hot is not None and hot >= (_COOL if AlertKind.HOT in held else _HOT):
        yield AlertKind.HOT, f"it is {hot:.0f} C: look at its fan, and at what is on top of it."
    if sample.throttle and "under-voltage" in sample.throttle.now:
        yield AlertKind.UNDER_VOLTAGE, "its power supply is too weak: give it another."
    if sample.read_only:
        yield (
            AlertKind.READ_ONLY,
            "nothing can be written to its card: it may be worn out.",
        )
    if sample.disk and sample.disk_used is not None:
        used = sample.disk_used / sample.disk
        if used >= (_ROOM if AlertKind.FULL in held else _FULL):
            yield (
                AlertKind.FULL,
                f"{used:.0%} of its card is used (docker image prune makes room).",
            )
