"""Alerts: each event once when it begins, and once when it ends."""

from dataclasses import replace
from pathlib import Path

import pytest

from base.audit import Audit
from fleet.alert_log import Alert, AlertKind, AlertLog
from fleet.alerts import Alerts
from fleet.metrics.samples import Sample, Throttle
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from tests.tui.console.scripted.pis import pi

WELL = Sample(0.0, disk=1000, disk_used=500, temperature=50.0, throttle=Throttle(0))


def told(*samples: Sample | None, seconds: float = 400.0) -> list[tuple[str, str]]:
    """What is told of a Pi that gives these samples, so far apart; None: it does not answer."""
    alerts, lines = Alerts(), []
    for at, sample in enumerate(samples):
        state = PiState.KNOWN if sample else PiState.LOST
        view = pi("kitchen", state, watched=True, sample=sample)
        alerts = alerts.after(FleetSnapshot("eth0", "10.0.0.0/24", (view,), (), at * seconds))
        lines += [("begins", alert.kind.value) for alert in alerts.began]
        lines += [("ends", alert.kind.value) for alert in alerts.ended]
    return lines


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (AlertKind.HOT, replace(WELL, temperature=82.0)),
        (AlertKind.UNDER_VOLTAGE, replace(WELL, throttle=Throttle(0x50001))),
        (AlertKind.READ_ONLY, replace(WELL, read_only=True)),
        (AlertKind.FULL, replace(WELL, disk_used=960)),
        (AlertKind.GONE, None),
    ],
)
def test_an_event_is_told_once_and_so_is_its_end(kind: AlertKind, bad: Sample | None) -> None:
    assert told(WELL, bad, bad, bad, WELL, WELL) == [("begins", kind), ("ends", kind)]


def test_what_goes_up_and_down_about_its_bound_is_one_event() -> None:
    heat = (80.5, 79.0, 80.1, 76.0, 74.0)
    samples = [replace(WELL, temperature=degrees) for degrees in heat]
    assert told(*samples) == [("begins", "too hot"), ("ends", "too hot")]


def test_a_supply_that_gives_way_again_and_again_is_one_event() -> None:
    weak = replace(WELL, throttle=Throttle(0x50001))
    samples = [weak, WELL] * 20
    assert told(*samples, seconds=10.0) == [("begins", "under-voltage")]
    assert told(*samples, *[WELL] * 40, seconds=10.0)[1:] == [("ends", "under-voltage")]


def test_of_a_dead_machine_nobody_is_told_that_it_is_back(tmp_path: Path) -> None:
    def shown(*views: PiView) -> FleetSnapshot:
        return FleetSnapshot("eth0", "10.0.0.0/24", views, (), 9.0)

    there = pi("kitchen", watched=True, node="n1")
    away = replace(there, state=PiState.LOST)
    gone = Alerts().after(shown(there)).after(shown(away))
    (alert,) = gone.began
    # Docker calls it down, or it was taken out of the swarm: it is the same machine, still gone.
    outside = gone.after(shown(replace(away, node="")))
    assert (outside.began, outside.ended, outside.left) == ((), (), ())
    # Forgotten, it is watched no more.
    forgotten = outside.after(shown())
    assert (forgotten.ended, forgotten.left) == ((), (alert,))
    log = AlertLog(Audit(tmp_path / "audit.jsonl"))
    log.begin(alert)
    log.leave(alert)
    assert log.open() == {}
    assert outside.after(shown(replace(there, node=""))).ended == (alert,)


def test_what_was_under_voltage_is_none_now() -> None:
    assert told(WELL, replace(WELL, throttle=Throttle(0x10000))) == []


def test_silence_ends_no_other_alert_and_a_stranger_to_this_run_is_not_gone() -> None:
    hot = replace(WELL, temperature=90.0)
    lines = told(hot, None, hot, WELL)
    assert lines == [
        ("begins", "too hot"),
        ("begins", "gone"),
        ("ends", "gone"),
        ("ends", "too hot"),
    ]
    assert told(None, None) == []


def test_one_event_is_noted_once_by_all_who_watch_and_ends_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    views = [pi("kitchen", sample=replace(WELL, temperature=heat)) for heat in (82.0, 50.0)]
    hot, cool = (FleetSnapshot("eth0", "10.0.0.0/24", (view,), (), 9.0) for view in views)
    for _ in range(2):
        (alert,) = Alerts().after(hot).began
        AlertLog(Audit(path)).begin(alert)
    open_alerts = AlertLog(Audit(path)).open()
    assert [(one.name, one.kind) for one in open_alerts.values()] == [("kitchen", AlertKind.HOT)]
    again = Alerts(open_alerts)
    nobody = FleetSnapshot("eth0", "10.0.0.0/24", (), (), 9.0)
    assert again.after(nobody).ended == ()
    assert again.after(nobody).after(hot).began == ()
    (ended,) = again.after(nobody).after(cool).ended
    for _ in range(2):
        AlertLog(Audit(path)).end(ended, ended.began + 300)
    assert AlertLog(Audit(path)).open() == {}
    assert [(entry.result, entry.said) for entry in Audit(path).read(9)] == [
        ("begun", "kitchen: too hot: it is 82 C: look at its fan, and at what is on top of it."),
        ("ended", "kitchen: no longer too hot, after 5m."),
    ]


def test_a_node_that_was_gone_when_the_last_console_ended_is_gone_until_it_answers() -> None:
    away = pi("kitchen", PiState.LOST, watched=True, node="n1")
    back = replace(away, state=PiState.KNOWN)
    gone, there = (FleetSnapshot("eth0", "10.0.0.0/24", (v,), (), 9.0) for v in (away, back))
    held = Alert("n1", "kitchen", AlertKind.GONE, "", 1.0)
    alerts = Alerts({("n1", AlertKind.GONE): held}).after(gone)
    assert (alerts.began, alerts.ended) == ((), ())
    assert alerts.after(there).ended == (held,)
