"""Styled text of an exact width: the small change that every pane's lines are made of."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from base.text import clean_text
from tui.console.render.theme import FAINT

Span: TypeAlias = tuple[str, Style]
Line: TypeAlias = Sequence[Span]


def safe(text: str) -> str:
    """Foreign text with nothing in it that a terminal would obey."""
    # Engines clean what they report; this is the last door, for whatever slipped past them.
    return text if text.isprintable() else clean_text(text)


def fit(text: str, width: int) -> str:
    """`text` cut to `width` cells; a cut shows as an ellipsis."""
    text = safe(text[: width * 4])
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def cell(spans: Iterable[Span], width: int, *, right: bool = False) -> list[Segment]:
    """Spans cut or padded to exactly `width` cells."""
    segments: list[Segment] = []
    left = width
    for text, style in spans:
        if left <= 0:
            break
        shown = fit(text, left)
        if shown:
            segments.append(Segment(shown, style))
            left -= cell_len(shown)
    if left > 0:
        segments.insert(0 if right else len(segments), Segment(" " * left))
    return segments


def spans_width(spans: Iterable[Span]) -> int:
    """How many cells spans take."""
    return sum(cell_len(text) for text, _ in spans)


def bar(parts: Sequence[tuple[float, str, Style]], width: int) -> list[Span]:
    """A thin bar of `width` cells: each part (share, character, style), then a faint rest."""
    spans: list[Span] = []
    used, reached = 0, 0.0
    for share, char, style in parts:
        reached += share
        end = min(width, round(reached * width))
        if share > 0 and end == used < width:
            end = used + 1  # something, however little, is never shown as nothing
        if end > used:
            spans.append((char * (end - used), style))
            used = end
    if used < width:
        spans.append(("─" * (width - used), FAINT))
    return spans


def styled_text(lines: Sequence[Line]) -> Text:
    """Lines as one text; what is too long is folded."""
    text = Text(overflow="fold")
    for number, line in enumerate(lines):
        text.append("\n" if number else "")
        for part, style in line:
            text.append(safe(part), style)
    return text


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces where possible."""
    lines: list[str] = []
    line = ""
    for word in _words(safe(text), max(2, width)):
        if line and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while cell_len(rest) > width:
            head = set_cell_size(rest, width).rstrip()
            yield head
            rest = rest[len(head) :]
        yield rest


def amount(number: int) -> str:
    """A count in at most five cells: 1,284 or 12.8k or 724k or 3.4M."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1_000:.1f}k" if number < 99_950 else short(number)


def short(number: int, *, whole: bool = False) -> str:
    """A count in at most five cells: 940, 1.8k, 5k, 12.8k, 724k, 1M, 1.2G.

    `whole`: in at most four, and never more than there are: 1k, 12k.
    """
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= size:
            if whole or number >= 99.95 * size:
                return f"{number // size}{letter}"
            return f"{number / size:.1f}".removesuffix(".0") + letter
    return str(number)


def bytes_text(size: int) -> str:
    """A size in memory: 512M, 1.9G."""
    mebibytes = size / (1024 * 1024)
    return f"{mebibytes:.0f}M" if mebibytes < 1000 else f"{mebibytes / 1024:.1f}G"


def rate_text(per_minute: float) -> str:
    """Squares a minute: 37/min, 0.4/min, or a dash for none."""
    if per_minute <= 0:
        return "—"
    if per_minute < 10:
        return f"{per_minute:.1f}/min"
    return f"{amount(round(per_minute))}/min"
