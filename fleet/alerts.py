"""What is wrong with machines right now, told once when it begins and once when it ends. Pure.

What comes and goes about its bound is one event: an alert begins at one bound and ends at another,
or after a while without.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from fleet.alert_log import Alert, AlertKind
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView

_HOT, _COOL = 80.0, 75.0
"""Degrees Celsius: a Pi slows itself down from 80 on."""
_FULL, _ROOM = 0.95, 0.90
_STEADY = 300.0
"""Seconds without under-voltage after which it is over: a weak supply gives way with each load."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts that hold; `began` and `ended`: those of them that the last snapshot brought.

    `holding` may begin with alerts that were left open before: each holds until its machine is
    seen. `seen`: ids of machines that were in some snapshot; `met`: of those that were there at
    some moment: others cannot be gone. `nodes`: the node's id of each that ever had one; `weak`:
    when each had under-voltage last. `left`: alerts of machines that are not looked at any more.
    """

    holding: Mapping[tuple[str, AlertKind], Alert] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()
    began: tuple[Alert, ...] = ()
    ended: tuple[Alert, ...] = ()
    nodes: Mapping[str, str] = field(default_factory=dict)
    weak: Mapping[str, float] = field(default_factory=dict)
    left: tuple[Alert, ...] = ()

    def after(self, snapshot: FleetSnapshot) -> "Alerts":
        """The alerts after one more snapshot."""
        views = snapshot.pis
        nodes = {**self.nodes, **{view.id: view.node for view in views if view.node}}
        weak = {**self.weak, **{view.id: snapshot.taken for view in views if _is_weak(view)}}
        ids = {view.id: (view.id, nodes.get(view.id, "")) for view in views}
        names = {name: view.name for view in views for name in ids[view.id] if name}
        seen = self.seen.union(names)
        met = self.met.union(view.id for view in views if view.state is not PiState.LOST)
        holding = {key: alert for key, alert in self.holding.items() if key[0] not in seen}
        for view in views:
            keys = {kind: self._key(ids[view.id], kind) for kind in AlertKind}
            held = frozenset(kind for kind, key in keys.items() if key in self.holding)
            is_weak = snapshot.taken - weak.get(view.id, -_STEADY) < _STEADY
            for kind, sentence in _wrong(view, held, met=view.id in met, weak=is_weak):
                key = keys[kind]
                alert = Alert(key[0], view.name, kind, sentence, snapshot.taken)
                holding[key] = self.holding.get(key, alert)
        over = [alert for key, alert in self.holding.items() if key not in holding]
        ended = [alert for alert in over if alert.machine in names]
        return Alerts(
            holding,
            seen,
            met,
            tuple(alert for key, alert in holding.items() if key not in self.holding),
            tuple(replace(alert, name=names[alert.machine]) for alert in ended),
            nodes,
            weak,
            tuple(alert for alert in over if alert.machine not in names),
        )

    def _key(self, ids: tuple[str, str], kind: AlertKind) -> tuple[str, AlertKind]:
        """What an alert of a machine (by its own id, and its node's) is known by, till it ends."""
        machine, node = ids
        meant = node if kind is AlertKind.GONE and node else machine
        return (machine if (machine, kind) in self.holding else meant), kind


def _is_weak(view: PiView) -> bool:
    throttle = view.sample.throttle if view.sample and not view.stale else None
    return throttle is not None and "under-voltage" in throttle.now


def _wrong(
    view: PiView, held: frozenset[AlertKind], *, met: bool, weak: bool
) -> Iterator[tuple[AlertKind, str]]:
    """What is wrong with one machine; of one that says nothing now, what was wrong before."""
    if view.state is PiState.LOST:
        if view.watched and (met or AlertKind.GONE in held):
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
    if weak:
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
