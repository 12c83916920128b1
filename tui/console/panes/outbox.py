"""What waits for Slack, what could not be sent, and what was sent of late."""

import time
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from base.text import age_text
from tui.console.panes.table import Sort, TablePane
from tui.console.render.columns import Column
from tui.console.render.spans import Span
from tui.console.render.theme import BAD, DIM, DONE, GOOD, PLAIN, VALUE, WARN

if TYPE_CHECKING:
    from chat.outbox.items import OutboxItem

_GLYPHS: dict[str, tuple[str, Style]] = {
    "waiting": ("○", WARN),
    "sending": ("●", GOOD),
    "sent": ("✓", DONE),
    "failed": ("✗", BAD),
    "dropped": ("■", DIM),
}


def _state(item: "OutboxItem", _width: int) -> list[Span]:
    glyph, style = _GLYPHS[item.state]
    return [(f"{glyph} {item.state}", style)]


def _age(item: "OutboxItem", _width: int) -> list[Span]:
    return [(age_text(time.time() - item.made), DIM)]


class OutboxPane(TablePane["OutboxItem"]):
    """One message a row."""

    columns: Sequence[Column["OutboxItem"]] = (
        Column("NO", 5, 5, lambda item, _: [(str(item.id), DIM)], right=True),
        Column("STATE", 9, 9, _state),
        Column("TO", 14, 6, lambda item, _: [(item.channel, PLAIN)]),
        Column("WHAT", 24, 8, lambda item, _: [(item.subject, VALUE)], grow=1),
        Column("TRIES", 5, 3, lambda item, _: [(str(item.attempts), DIM)], right=True),
        Column("AGE", 4, 4, _age, right=True),
    )

    sorts: Sequence[Sort["OutboxItem"]] = (
        ("state", lambda item: item.state, False),
        ("channel", lambda item: item.channel, False),
        ("tries", lambda item: item.attempts, True),
        ("age", lambda item: item.made, False),
    )

    def __init__(self) -> None:
        super().__init__("outbox", "Outbox to Slack")

    def key_of(self, row: "OutboxItem") -> Hashable:
        """A message is known by its number."""
        return row.id

    def text_of(self, row: "OutboxItem") -> str:
        """State, channel, subject, error."""
        return f"{row.id} {row.state} {row.channel} {row.subject} {row.error}"

    def notes_of(self, row: "OutboxItem") -> Sequence[Span]:
        """Why it has not been sent."""
        return [(row.error, BAD if row.state == "failed" else WARN)] if row.error else []

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty outbox."""
        if self.needle:
            return [[("No message matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return [[("Nothing waits. S on a square, a job, a node or a line shares it.", DIM)]]
