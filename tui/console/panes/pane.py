"""What every pane is: a bordered list with a cursor, painting only the lines that changed."""

import itertools
from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.console.panes.selection import CellSelection
from tui.console.render.spans import Span, cell, safe
from tui.console.render.theme import (
    ACCENT,
    BRIGHT,
    DIM,
    KEY,
    PANE,
    PILL,
    QUIET,
    on_cursor,
)

Title = Sequence[tuple[str, str]]
"""Text and style name of each part of a border title."""
FileContent: TypeAlias = Callable[[], str | bytes]
"""Makes what a file holds; touches nothing that changes meanwhile."""
WHEEL = 3
_TITLE_AT = 3
"""Where the title begins in the border: behind its corner, a line and a blank."""


class Pane(Widget, can_focus=True):
    """A list on the line API; subclasses say how many items and lines, and draw a line.

    `name` is the context in which its actions apply. Items are what the cursor moves over; an
    item may take several lines, a line may hold several items.
    """

    ALLOW_SELECT = False
    endings: Sequence[str] = ()
    """What the names of files end in that its content can be written to, the usual one first."""

    class Opened(Message):
        """The item under the cursor was double-clicked."""

    class TabPressed(Message):
        """The pane of this number was clicked, among the tabs in the border."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Selected(Message):
        """Some text was selected with the mouse."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, name: str, title: str, digit: str = "") -> None:
        super().__init__(name=name, id=name)
        self.title = title
        self.digit = digit
        self.tabs: Title = ()
        """Key and name of each pane of its screen, in turn."""
        self.cursor = 0
        self.lost = False
        """Whether the item that the cursor was on is shown no more: it is on none then."""
        self.top = 0
        self.needle = ""
        self._drawn: list[Strip] = []
        self._pressed: Offset | None = None
        self._selection: CellSelection | None = None
        self._dragged = False
        self._labels: tuple[Title, Title] = ((), ())

    def count(self) -> int:
        """How many items there are."""
        raise NotImplementedError

    def line_count(self) -> int:
        """How many lines the items take at the present width."""
        return self.count()

    def item_lines(self, item: int) -> range:
        """The lines an item takes."""
        return range(item, item + 1)

    def item_at(self, line: int, _column: int) -> int | None:
        """The item shown at a line and column."""
        return line if line < self.count() else None

    def heading(self, _width: int) -> list[Segment] | None:
        """The line above the list that does not scroll."""
        return None

    def draw(self, line: int, width: int) -> Sequence[Segment]:
        """One line of the list."""
        raise NotImplementedError

    def strip(self, line: int, width: int, *, under_cursor: bool) -> Strip:
        """One line of the list, on its background."""
        return _strip(self.draw(line, width), width, under_cursor=under_cursor)

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty list: what to do next."""
        return ()

    def status(self) -> Title:
        """What stands in the bottom border."""
        if self.needle:
            return [(f"{self.count()} match", QUIET), (f" /{self.needle}", f"bold {ACCENT}")]
        return ()

    def copy_text(self) -> str:
        """The item under the cursor as text for the clipboard."""
        return ""

    def file_stem(self) -> str:
        """What such a file may be called, without its ending."""
        return ""

    def file_content(self, _ending: str) -> FileContent | None:
        """What such a file holds, made in a thread; None where there is nothing to write."""
        return None

    def set_filter(self, needle: str) -> None:
        """Show only what contains every word of `needle`."""
        self.needle = needle
        self.touch()

    @property
    def narrowed(self) -> bool:
        """Whether something is shown in part, or looked for, that Esc ends."""
        return bool(self.needle)

    def widen(self) -> None:
        """End that."""
        self.set_filter("")

    @property
    def room(self) -> int:
        """How many lines of the list fit on screen."""
        return max(1, self.size.height - (0 if self.heading(self.size.width) is None else 1))

    def move_rows(self, rows: int) -> None:
        """Move the cursor down, or up, by `rows` items."""
        self.go(self.cursor + rows)

    def move_side(self, delta: int) -> None:
        """Move sideways, where that has a meaning."""

    def move_page(self, pages: int) -> None:
        """Move by whole pages."""
        self.move_rows(pages * max(1, self.room - 1))

    def go(self, item: int) -> None:
        """Put the cursor on an item, or on the nearest there is."""
        self.cursor = min(max(0, item), max(0, self.count() - 1))
        self._reveal()

    def _reveal(self) -> None:
        lines = self.item_lines(self.cursor)
        self.top = max(min(self.top, lines.start), lines.stop - self.room)
        self.touch()

    def go_start(self) -> None:
        """Put the cursor on the first item."""
        self.go(0)

    def go_end(self) -> None:
        """Put the cursor on the last item."""
        self.go(self.count() - 1)

    def touch(self) -> None:
        """Something may have changed: draw anew, and paint the lines that differ."""
        width, height = self.size
        if not self.is_mounted or width <= 0 or height <= 0:
            return
        self.top = min(max(0, self.top), max(0, self.line_count() - self.room))
        lines = self._draw_lines(width, height)
        before, self._drawn = self._drawn, lines
        if len(before) != len(lines) or before[0].cell_length != width:
            self.refresh()
        else:
            dirty = [Region(0, y, width, 1) for y in range(height) if before[y] != lines[y]]
            if dirty:
                self.refresh(*dirty)
        self._label()

    def on_mount(self) -> None:
        """The first frame shall have its titles."""
        self._label()

    def render_line(self, y: int) -> Strip:
        """A line drawn by the last `touch`; in the first frame there was none."""
        if not self._drawn:
            self._drawn = self._draw_lines(*self.size)
        strip = self._drawn[y] if y < len(self._drawn) else _strip([], self.size.width)
        return strip if self._selection is None else self._selection.marked(strip, y)

    def on_resize(self, _event: events.Resize) -> None:
        """Lines depend on the width."""
        self._resized()

    def _resized(self) -> None:
        self.go(self.cursor)

    def on_show(self, _event: events.Show) -> None:
        """A hidden pane was not drawn."""
        self.touch()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor is shown in the focused pane only."""
        # Not where the focus goes, or comes: that is heard of before it is so.
        super().watch_has_focus(has_focus)
        self.touch()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.move_rows(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.move_rows(-WHEEL)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """What is selected begins here."""
        self._dragged = False
        if event.button == 1 and event.get_content_offset(self) is not None:
            self._pressed = self._place(event)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """While the button is held, what is selected reaches to here."""
        if self._pressed is not None and (self._selection or self._place(event) != self._pressed):
            self._select(CellSelection(self._pressed, self._place(event)))

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        """What is selected is copied."""
        self.release_mouse()
        self._pressed = None
        if self._selection is not None:
            self._dragged = True
            self.post_message(self.Selected(self._selection.text(self._drawn)))
            self._select(None)

    def _place(self, event: events.MouseEvent) -> Offset:
        region = self.content_region
        x, y = event.screen_x - region.x, event.screen_y - region.y
        return Offset(min(max(0, x), region.width - 1), min(max(0, y), region.height - 1))

    def _select(self, selection: CellSelection | None) -> None:
        if selection != self._selection:
            self._selection = selection
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click selects; a double click opens. One on a tab brings its pane."""
        offset = event.get_content_offset(self)
        if offset is None and event.y == 0:
            self._press_tab(event.x - _TITLE_AT)
        if offset is None or self._dragged:
            return
        line = self.top + offset.y - (self.size.height - self.room)
        item = self.item_at(line, offset.x) if line >= self.top else None
        if item is not None:
            self.go(item)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _press_tab(self, column: int) -> None:
        ends = itertools.accumulate(cell_len(text) for text, _ in self.tabs)
        number = next((part // 2 for part, end in enumerate(ends) if column < end), None)
        if number is not None and column >= 0:
            self.post_message(self.TabPressed(number))

    def is_chosen(self, item: int) -> bool:
        """Whether the cursor is on this item, and shown: in the focused pane only."""
        return item == self.cursor and self.has_focus and not self.lost

    def mark(self, *, selected: bool) -> Segment:
        """The mark at the left of the item under the cursor, in the focused pane."""
        return Segment("▌", KEY) if selected and self.has_focus else Segment(" ")

    def _draw_lines(self, width: int, height: int) -> list[Strip]:
        lines: list[Strip] = []
        if self.count() == 0:
            lines.append(_strip([], width))
            lines += [_strip(cell([(" ", DIM), *spans], width), width) for spans in self.empty()]
        else:
            heading = self.heading(width)
            if heading is not None:
                lines.append(_strip(heading, width))
            last = min(self.line_count(), self.top + height - len(lines))
            shown = self.has_focus and not self.lost
            chosen = self.item_lines(self.cursor) if shown else range(0)
            for line in range(self.top, last):
                under_cursor = self.cursor_fills_line and line in chosen
                lines.append(self.strip(line, width, under_cursor=under_cursor))
        lines += [_strip([], width)] * (height - len(lines))
        return lines[:height]

    @property
    def cursor_fills_line(self) -> bool:
        """True where the cursor is a whole line."""
        return True

    def _label(self) -> None:
        title: list[tuple[str, str]] = list(self.tabs) or self.own_title()
        if self.needle and not self.status():
            title.append((f" /{self.needle}", f"bold {ACCENT}"))
        labels = (tuple(title), tuple(self.status()))
        if labels != self._labels:
            self._labels = labels
            self.border_title = _label_content(labels[0])
            self.border_subtitle = _label_content(labels[1])

    def own_title(self) -> list[tuple[str, str]]:
        """The pane's name with its hot key."""
        digit = [(f"{self.digit} ", f"bold {ACCENT}")] if self.digit else []
        return [*digit, (self.title, f"bold {BRIGHT}")]


def pill(text: str) -> Title:
    """A note in the border that wants to be seen."""
    return [(f" {text} ", PILL)]


def _label_content(parts: Title) -> Content:
    return Content.assemble(*((safe(text), style) for text, style in parts))


def _strip(segments: Sequence[Segment], width: int, *, under_cursor: bool = False) -> Strip:
    strip = Strip(segments).adjust_cell_length(width)
    return Strip(on_cursor(strip), width) if under_cursor else strip.apply_style(PANE)
