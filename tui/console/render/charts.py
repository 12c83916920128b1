"""Numbers over time, drawn with characters: a sparkline in a row, a chart of several lines."""

from collections.abc import Callable, Sequence
from itertools import groupby

from rich.style import Style

from tui.console.render.spans import Span
from tui.console.render.theme import FAINT

BLOCKS = " ▁▂▃▄▅▆▇█"
Values = Sequence[float | None]
StyleOf = Callable[[float], Style]


def sparkline(values: Values, width: int, style: StyleOf) -> list[Span]:
    """The newest `width` shares, from 0 to 1, one a cell; what is unknown is blank."""
    return chart(values, width, 1, style)[0]


def chart(
    values: Values, width: int, height: int, style: StyleOf, top: float = 1.0
) -> list[list[Span]]:
    """`height` lines, the highest first, of the newest `width` values from 0 to `top`.

    A known value shows as something, however little it is.
    """
    shown = [None] * (width - len(values)) + list(values[max(0, len(values) - width) :])
    eighths = [_eighths(value, height, top) for value in shown]
    lines = []
    for line in reversed(range(height)):
        cells = [
            (BLOCKS[min(8, max(0, filled - 8 * line))], FAINT if value is None else style(value))
            for filled, value in zip(eighths, shown, strict=True)
        ]
        lines.append([("".join(char for char, _ in run), style) for style, run in _runs(cells)])
    return lines


def _runs(cells: list[tuple[str, Style]]) -> list[tuple[Style, list[tuple[str, Style]]]]:
    return [(style, list(run)) for style, run in groupby(cells, key=lambda cell: cell[1])]


def _eighths(value: float | None, height: int, top: float) -> int:
    if value is None:
        return 0
    share = min(1.0, max(0.0, value / top)) if top > 0 else 0.0
    return max(1, round(share * height * 8))
