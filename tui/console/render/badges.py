"""How a machine and a task are shown: a glyph and a word, in a colour."""

from collections.abc import Sequence
from typing import TypeAlias

from rich.style import Style

from fleet.pi_state import PiState
from tui.console.node_row import HUES, NodeRow, TaskOn
from tui.console.render.theme import BAD, DIM, GOOD, PLAIN, SYMBOLS, WARN

Badge: TypeAlias = tuple[str, str, Style]
"""Glyph, word and style: a colour never stands alone."""
_HOT = 80.0
"""Degrees Celsius from which a Pi slows itself down (raspberrypi.com, "Frequency management")."""
_WARM = 70.0


def heat_style(celsius: float) -> Style:
    """The style of a temperature."""
    if celsius >= _HOT:
        return BAD
    return WARN if celsius >= _WARM else PLAIN


def job_style(task: TaskOn) -> Style:
    """The colours of a task's cell: its job's."""
    return SYMBOLS.job(task.hue, HUES)


def state_badge(row: NodeRow) -> Badge:
    """How a machine is, gravest first."""
    pi, node = row.pi, row.node
    if pi and pi.key_changed:
        return "▲", "new key", BAD
    if pi and pi.twins:
        return "▲", "cloned", BAD
    if pi and pi.state is PiState.LOST:
        return "✗", "lost", BAD
    if node and node.state != "ready":
        return "✗", node.state, BAD
    if node and node.problem:
        return "✗", "no tasks", BAD
    if pi and pi.silent:
        return "◷", "silent", WARN
    if node and node.availability != "active":
        return "◐", node.availability, WARN
    if node and (pi is None or pi.sample is not None or pi.state is PiState.IN_SWARM):
        return "●", "in swarm" if pi else node.state, GOOD
    return _BADGES[pi.state] if pi else ("○", "seen", DIM)


_BADGES: dict[PiState, Badge] = {
    PiState.SEEN: ("◌", "seen", DIM),
    PiState.REACHABLE: ("○", "reachable", WARN),
    PiState.KNOWN: ("◉", "known", GOOD),
    PiState.IN_SWARM: ("●", "in swarm", GOOD),
    PiState.LOST: ("✗", "lost", BAD),
}


def limits_badge(row: NodeRow) -> Badge:
    """What holds the processor back now, or did since it started; ('', '', …) where unknown."""
    throttle = row.sample.throttle if row.sample else None
    if throttle is None:
        return "", "", DIM
    if throttle.now:
        return "▲", _short(throttle.now), BAD
    if throttle.since_boot:
        return "△", f"was {_short(throttle.since_boot)}", WARN
    return "✓", "ok", DIM


_LIMITS = {
    "under-voltage": "volts",
    "frequency capped": "capped",
    "throttled": "slowed",
    "soft temperature limit": "hot",
}


def _short(limits: Sequence[str]) -> str:
    return "+".join(_LIMITS.get(limit, limit) for limit in limits)
