"""What is selected with the mouse: from one cell to another, lines between them whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.strip import Strip

_SELECTED = Style(reverse=True)


@dataclass(frozen=True, slots=True)
class CellSelection:
    """The cells from where the button went down to where the mouse is, both included."""

    start: Offset
    end: Offset

    def span(self, y: int, width: int) -> tuple[int, int]:
        """The columns of a line, from and up to; (0, 0) for none."""
        (first_y, first_x), (last_y, last_x) = sorted((p.y, p.x) for p in (self.start, self.end))
        if not first_y <= y <= last_y:
            return 0, 0
        start = first_x if y == first_y else 0
        end = last_x + 1 if y == last_y else width
        return min(start, width), min(end, width)

    def marked(self, strip: Strip, y: int) -> Strip:
        """A line with what is selected in reverse."""
        width = strip.cell_length
        start, end = self.span(y, width)
        if start >= end:
            return strip
        inside = strip.crop(start, end)
        reverse = [Segment(text, (style or Style()) + _SELECTED) for text, style, _ in inside]
        return Strip.join(
            [strip.crop(0, start), Strip(reverse, end - start), strip.crop(end, width)]
        )

    def text(self, strips: Sequence[Strip]) -> str:
        """What is selected of these lines."""
        lines = []
        for y, strip in enumerate(strips):
            start, end = self.span(y, strip.cell_length)
            if start < end:
                lines.append(strip.crop(start, end).text.rstrip())
        return "\n".join(lines).strip("\n")
