"""How much of a run is done and how long it will still take, learnt from earlier runs. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import median

from provision.runs.view import CellState, RunRow, RunView

_ONE_BY_ONE = ("upgrade",)
_GUESS = 10.0
_GUESSES = {"common": 15.0, "docker": 60.0, "solver_image": 120.0, "os_upgrade": 120.0}
"""Seconds, until a run has been seen: shares follow from them, but no promise of when it ends."""


def learn(views: Iterable[RunView]) -> dict[str, float]:
    """Seconds that each step took where it changed something; check runs teach nothing."""
    seen: defaultdict[str, list[float]] = defaultdict(list)
    for view in views:
        if view.check:
            continue
        for row in view.rows:
            for cell in row.cells:
                if cell.state is CellState.CHANGED:
                    seen[cell.step].append(cell.seconds(cell.ended))
    return {step: median(times) for step, times in seen.items()}


def paced(view: RunView, learnt: Mapping[str, float], at: float) -> RunView:
    """The view with its share and what remains at that time."""
    expected = {step: learnt.get(step, _GUESSES.get(step, _GUESS)) for step in view.steps}
    whole = sum(expected.values()) * max(1, len(view.rows))
    left = [_left(row, expected, at) for row in view.rows]
    share = 1.0 if view.over else min(0.99, max(0.0, 1 - sum(left) / whole)) if whole else 0.0
    known = bool(learnt) and not view.over
    # Machines are worked on side by side, and the last one decides; or one after the other.
    ahead = sum(left) if view.playbook in _ONE_BY_ONE else max(left, default=0.0)
    remaining = ahead * _pace(view, expected) if known else None
    return replace(view, share=share, remaining=remaining)


def _left(row: RunRow, expected: Mapping[str, float], at: float) -> float:
    """Seconds that one machine's steps would still take at the usual pace."""
    if any(cell.state.bad for cell in row.cells):
        return 0.0
    seconds = 0.0
    for cell in row.cells:
        if cell.state is CellState.RUNNING:
            # However long it has taken: until it is over it is not done.
            seconds += max(expected[cell.step] * 0.1, expected[cell.step] - cell.seconds(at))
        elif cell.state is CellState.WAITING:
            seconds += expected[cell.step]
    return seconds


def _pace(view: RunView, expected: Mapping[str, float]) -> float:
    """How much slower than usual this run has been so far: a quarter to four times."""
    over = [
        (cell.seconds(cell.ended), expected[cell.step])
        for row in view.rows
        for cell in row.cells
        if cell.state in (CellState.OK, CellState.CHANGED)
    ]
    usual = sum(known for _, known in over)
    return min(4.0, max(0.25, sum(took for took, _ in over) / usual)) if usual else 1.0
