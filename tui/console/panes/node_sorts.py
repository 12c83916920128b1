"""What the table of machines can be sorted by."""

import re
from collections.abc import Callable, Sequence

from tui.console.node_row import NodeRow
from tui.console.render.badges import state_badge

SORTS: tuple[tuple[str, Callable[[NodeRow], object], bool], ...] = (
    ("role", lambda row: row.place, False),
    ("name", lambda row: _natural(row.name), False),
    ("state", lambda row: state_badge(row)[1], False),
    ("cpu", lambda row: row.cpu or 0.0, True),
    ("memory", lambda row: (row.memory_used or 0) / (row.memory or 1), True),
    ("temperature", lambda row: row.temperature or -99.0, True),
    ("tasks", lambda row: len(row.tasks), True),
    ("squares", lambda row: row.rate, True),
    ("age", lambda row: row.age or 0.0, True),
)
"""What rows can be sorted by: its name, the key, and whether the largest come first."""


def in_order(rows: Sequence[NodeRow], sort: int, *, reverse: bool) -> list[NodeRow]:
    """The rows by SORTS[sort], or the other way round; equal ones stay as they came."""
    _, key, descending = SORTS[sort]
    return sorted(rows, key=key, reverse=descending is not reverse)  # type: ignore[arg-type] # ordered


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """pi-2 before pi-10."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part.lower())
        for part in re.split(r"([0-9]{1,18})", name)
        if part
    )
