"""The last hour of all machines: what they found, how hot they were, what held them back."""

from collections.abc import Sequence

from rich.segment import Segment

from tui.console.node_row import NodeRow
from tui.console.panes.pane import Title
from tui.console.panes.scrolled import ScrolledPane
from tui.console.pulse import MINUTES, Minute, Pulse
from tui.console.render.badges import heat_style, limits_badge, state_badge
from tui.console.render.charts import chart
from tui.console.render.spans import Line, Span, cell, rate_text
from tui.console.render.theme import BAD, DIM, DONE, FAINT, QUIET, STRONG, VALUE
from tui.needle import matcher

_LABEL = 8
_BLOCK = _LABEL + MINUTES + 3
"""Columns of one machine."""
_LINES = 6
_COOLEST, _HOTTEST = 30.0, 90.0
_SIGNS = {
    "under-voltage": "v",
    "throttled": "s",
    "frequency capped": "c",
    "soft temperature limit": "h",
}
"""The gravest first."""
LEGEND = "v under-voltage  s slowed  c clock capped  h hot  · none"


def block(row: NodeRow, minutes: Sequence[Minute], width: int, top: float) -> list[Line]:
    """One machine: `top` is the rate at the top of all charts."""
    room = min(MINUTES, width - _LABEL - 1)
    found = [minute.found for minute in minutes]
    heats = [minute.heat for minute in minutes]
    rates = chart(found, room, 2, lambda _: DONE, top)
    warm = [heat and max(0.0, heat - _COOLEST) for heat in heats]
    [heat_line] = chart(
        warm, room, 1, lambda heat: heat_style(heat + _COOLEST), _HOTTEST - _COOLEST
    )
    if all(heat is None for heat in heats):
        heat_line = [("not measured", DIM)]
    return [
        _title(row, heats),
        [(f"{rate_text(top):>7} ", FAINT), *rates[0]],
        [("found   ", DIM), *rates[1]],
        [("heat    ", DIM), *heat_line],
        [("held    ", DIM), *_limits(minutes, room)],
        _slowed(minutes),
    ]


def _title(row: NodeRow, heats: Sequence[float | None]) -> Line:
    glyph, word, style = state_badge(row)
    spans: list[Span] = [(f"{row.name}  ", STRONG), (f"{glyph} {word}  ", style)]
    spans.append((f"{rate_text(row.rate)}  ", VALUE if row.rate else DIM))
    if row.temperature is not None:
        hottest = max((row.temperature, *(heat for heat in heats if heat is not None)))
        spans.append((f"{row.temperature:.0f}°, to {hottest:.0f}°  ", heat_style(hottest)))
    mark, limits, limits_style = limits_badge(row)
    return [*spans, (f"{mark} {limits}", limits_style)]


def _limits(minutes: Sequence[Minute], room: int) -> Line:
    signs: list[Span] = []
    for minute in minutes[-room:]:
        held = [sign for limit, sign in _SIGNS.items() if limit in (minute.limits or ())]
        none = " " if minute.limits is None else "·"
        signs.append((held[0], BAD) if held else (none, FAINT))
    return signs


def _slowed(minutes: Sequence[Minute]) -> Line:
    """What it found in minutes in which something held it, and in the others."""
    known = [minute for minute in minutes if minute.limits is not None]
    held = [minute.found for minute in known if minute.limits and minute.found is not None]
    free = [minute.found for minute in known if not minute.limits and minute.found is not None]
    limited = sum(bool(minute.limits) for minute in known)
    if not limited:
        return []
    text = f"held back in {limited} of {len(known)} minutes"
    if held and free:
        text += f": {_mean(held)} then, {_mean(free)} else"
    return [(" " * _LABEL, DIM), (text, BAD)]


def _mean(values: Sequence[float]) -> str:
    return rate_text(sum(values) / len(values))


class PulsePane(ScrolledPane):
    """Machines in as many columns as there is room for; only those in view are drawn."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__("pulse", "The last hour, a minute a column")
        self._pulse = pulse
        self._all: Sequence[NodeRow] = ()
        self._rows: Sequence[NodeRow] = ()
        self._top = 1.0
        self._drawn_blocks: dict[str, tuple[object, list[Line]]] = {}

    def show(self, rows: Sequence[NodeRow]) -> None:
        """Show these machines, of which something is known."""
        self._all = [row for row in rows if self._pulse.of(row)]
        keys = {row.key for row in self._all}
        self._drawn_blocks = {key: it for key, it in self._drawn_blocks.items() if key in keys}
        self.set_filter(self.needle)

    def set_filter(self, needle: str) -> None:
        """Show only machines whose names match."""
        self.needle = needle
        matches = matcher(needle)
        self._rows = [row for row in self._all if matches(row.name)]
        found = (minute.found for row in self._rows for minute in self._pulse.of(row))
        self._top = max((each for each in found if each), default=1.0)
        self.touch()

    @property
    def _across(self) -> int:
        return max(1, (self.size.width + 2) // (_BLOCK + 2))

    def count(self) -> int:
        """The lines of all of them."""
        return -(-len(self._rows) // self._across) * (_LINES + 1)

    def draw(self, line: int, width: int) -> Sequence[Segment]:
        """A line across machines that stand side by side."""
        first, part = divmod(line, _LINES + 1)
        across = self._across
        each = max(_LABEL + 2, (width - 1) // across)
        segments: list[Segment] = [Segment(" ")]
        for row in self._rows[first * across : (first + 1) * across]:
            lines = self._block(row, each)
            segments += cell(lines[part] if part < len(lines) else [], each)
        return segments

    def _block(self, row: NodeRow, width: int) -> list[Line]:
        minutes = self._pulse.of(row)
        seen = (row, minutes, width, self._top)
        before = self._drawn_blocks.get(row.key)
        if before and before[0] == seen:
            return before[1]
        lines = block(row, minutes, width, self._top)
        self._drawn_blocks[row.key] = (seen, lines)
        return lines

    def status(self) -> Title:
        """What the signs mean."""
        return [*super().status(), (f" {LEGEND} ", QUIET)]

    def empty(self) -> Sequence[Line]:
        """What stands here while nothing is known."""
        if self.needle:
            return [[("No node matches. ", DIM), ("Esc clears the filter.", DIM)]]
        return [[("Nothing is known of any node yet.", DIM)]]
