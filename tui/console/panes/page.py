"""A pane of running text: help, descriptions, one long line of a log."""

from collections.abc import Sequence

from rich.segment import Segment

from tui.console.panes.pane import Title
from tui.console.panes.scrolled import ScrolledPane
from tui.console.render.spans import Line, cell, wrap
from tui.console.render.theme import ACCENT, DIM, QUIET
from tui.needle import matcher


class PagePane(ScrolledPane):
    """Lines to scroll through; there is no cursor. A line too long is wrapped."""

    def __init__(self, name: str, title: str, lines: Sequence[Line] = ()) -> None:
        super().__init__(name, title)
        self._source: Sequence[Line] = lines
        self._lines: list[Line] = []
        self._laid_out: tuple[int, Sequence[Line], str] = (0, (), "")

    def show(self, lines: Sequence[Line]) -> None:
        """Show this text from now on."""
        if lines != self._source:
            self._source = lines
            self.touch()

    def count(self) -> int:
        """How many lines there are after wrapping and filtering."""
        key = (self.size.width, self._source, self.needle)
        if self._laid_out != key and key[0]:
            self._laid_out = key
            matches = matcher(self.needle)
            self._lines = [
                part
                for line in self._source
                if matches("".join(text for text, _ in line))
                for part in _wrapped(line, key[0] - 3)
            ]
        return len(self._lines)

    def draw(self, line: int, width: int) -> list[Segment]:
        """One line."""
        return [Segment("  "), *cell(self._lines[line], width - 2)]

    def status(self) -> Title:
        """How far it is scrolled, where it does not fit."""
        if self.needle:
            return [(f"{self.count()} match", QUIET), (f" /{self.needle}", f"bold {ACCENT}")]
        below = self.count() - self.top - self.room
        return [(f"{below} more below", QUIET)] if below > 0 else []

    def copy_text(self) -> str:
        """All of it."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._source)

    def empty(self) -> Sequence[Line]:
        """What stands where no line matches."""
        return [[("No line matches.", DIM)]] if self.needle else []


def _wrapped(line: Line, width: int) -> list[Line]:
    if len(line) == 1 and len(line[0][0]) > width:
        text, style = line[0]
        return [[(part, style)] for part in wrap(text, width)]
    if line and len(line[-1][0]) > (room := width - sum(len(text) for text, _ in line[:-1])) > 20:
        text, style = line[-1]
        first, *others = wrap(text, room)
        return [
            [*line[:-1], (first, style)],
            *([(" " * (width - room) + o, style)] for o in others),
        ]
    return [line]
