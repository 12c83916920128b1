"""The last two minutes of one machine, as charts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from tui.console.node_row import NodeRow
from tui.console.panes.scrolled import ScrolledPane
from tui.console.render.badges import heat_style
from tui.console.render.charts import Values, chart
from tui.console.render.spans import Span, bar, bytes_text, cell
from tui.console.render.theme import DIM, DONE, PLAIN, STRONG, VALUE, load_style

if TYPE_CHECKING:
    from fleet.metrics.samples import Sample
    from fleet.snapshot import PiView

_TALL = 30
"""Lines from which every chart gets one line more."""
_HOTTEST = 90.0
_LEAST_RATE = 1024.0
"""Bytes a second at the top of a network chart, at least: noise is not drawn as a flood."""


def chart_lines(pi: "PiView", width: int, *, tall: bool) -> list[list[Span]]:
    """Everything that has a history, each with its newest value above it."""
    sample, history = pi.sample, pi.history
    if sample is None:
        return []
    height = 4 if tall else 3
    lines = _titled("cpu", _share(sample.cpu))
    lines += chart(history.cpu, width, height, load_style)
    lines += _cores(sample, width)
    lines += _titled("memory", _memory(sample))
    lines += chart(history.memory, width, height, load_style)
    if sample.temperature is not None:
        lines += _titled("temperature", f"{sample.temperature:.1f} °C")
        lines += chart(history.temperature, width, height, heat_style, _HOTTEST)
    for label, values in (("received", history.received), ("sent", history.sent)):
        if any(value is not None for value in values):
            lines += _rate(label, values, width, height - 1)
    return lines


def _titled(label: str, value: str) -> list[list[Span]]:
    return [[], [(f"{label} ", DIM), (value, STRONG)]]


def _rate(label: str, values: Values, width: int, height: int) -> list[list[Span]]:
    top = max(_LEAST_RATE, *(value for value in values if value is not None))
    newest = values[-1]
    shown = "unknown" if newest is None else f"{_amount(newest)}/s"
    title = _titled(label, f"{shown}, {_amount(top)}/s at the top")
    return [*title, *chart(values, width, height, _flow, top)]


def _flow(_rate: float) -> Style:
    return DONE


def _amount(size: float) -> str:
    if size < 1000:
        return f"{size:.0f} B"
    return f"{size / 1000:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def _share(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}"


def _memory(sample: "Sample") -> str:
    if sample.memory is None or sample.memory_used is None:
        return "unknown"
    return f"{bytes_text(sample.memory_used)} of {bytes_text(sample.memory)}"


def _cores(sample: "Sample", width: int) -> list[list[Span]]:
    """The cores side by side, as many in a line as there is room for."""
    each = max(16, min(26, width // 4))
    across = max(1, width // each)
    lines = []
    for first in range(0, len(sample.cores), across):
        line: list[Span] = []
        for number, share in enumerate(sample.cores[first : first + across], first):
            line += [(f"{number:>2} ", DIM), *bar([(share, "━", load_style(share))], each - 9)]
            line.append((f" {share:4.0%} ", VALUE))
        lines.append(line)
    return lines


class ChartsPane(ScrolledPane):
    """One machine's charts, drawn to the pane's width; there is no cursor."""

    def __init__(self) -> None:
        super().__init__("charts", "Last two minutes", "2")
        self._row: NodeRow | None = None
        self._lines: list[list[Span]] = []
        self._laid_out: tuple[object, int, int] = (None, 0, 0)

    def show(self, row: NodeRow) -> None:
        """Show this machine's from now on."""
        self._row = row
        self.touch()

    def count(self) -> int:
        """How many lines there are."""
        pi = self._row.pi if self._row else None
        width, height = self.size
        key = (pi, width, height)
        if self._laid_out != key:
            self._laid_out = key
            self._lines = chart_lines(pi, width - 3, tall=height >= _TALL) if pi else []
        return len(self._lines)

    def draw(self, line: int, width: int) -> list[Segment]:
        """One line."""
        return [Segment("  "), *cell(self._lines[line], width - 2)]

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands here while nothing was measured."""
        if self._row and self._row.pi:
            return [[("Nothing is measured: that takes a login. ", PLAIN), ("L gives one.", DIM)]]
        return [[("Charts are of Pis found on the network and logged in to.", DIM)]]
