"""Alerts: each event once when it begins, and once when it ends."""

from dataclasses import replace

import pytest

from fleet.alerts import AlertKind, Alerts
from fleet.metrics.samples import Sample, Throttle
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot
from tests.tui.console.scripted_pis import pi

WELL = Sample(0.0, disk=1000, disk_used=500, temperature=50.0, throttle=Throttle(0))


def told(*samples: Sample | None) -> list[tuple[str, str]]:
    """What is told of a Pi that gives these samples; None: it does not answer."""
    alerts, lines = Alerts(), []
    for at, sample in enumerate(samples):
        state = PiState.KNOWN if sample else PiState.LOST
        view = pi("kitchen", state, watched=True, sample=sample)
        alerts = alerts.after(FleetSnapshot("eth0", "10.0.0.0/24", (view,), (), float(at)))
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
