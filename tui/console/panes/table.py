"""A pane of rows with columns; a row may carry notes, whole sentences wrapped below it."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeAlias

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from tui.console.panes.pane import FileContent, Title
from tui.console.panes.rows import RowsPane
from tui.console.render.columns import (
    GAP,
    Column,
    Fitted,
    RowT,
    fit_columns,
    row_cells,
    title_cells,
)
from tui.console.render.spans import Span, cell, wrap
from tui.console.render.theme import QUIET
from tui.console.tables import choice

INDENT = 4


Sort: TypeAlias = tuple[str, Callable[[RowT], object], bool]
"""What rows can be sorted by: its name, the key, and whether the largest come first."""


class TablePane(RowsPane[RowT], Generic[RowT]):
    """Rows of columns, one a line, each with its notes below it; first in the order they come."""

    columns: Sequence[Column[RowT]] = ()
    sorts: Sequence[Sort[RowT]] = ()

    endings = ("csv",)

    def __init__(self, name: str, title: str, digit: str = "") -> None:
        super().__init__(name, title, digit)
        self.choice = choice(name)
        if self.choice.columns:
            own = {column.name: column for column in self.columns}
            self.columns = [own[each] for each in self.choice.columns if each in own]
        self._unsorted: Sequence[RowT] = ()
        names = ["", *(name for name, _, _ in self.sorts)]
        self._sort = names.index(self.choice.sort) if self.choice.sort in names else 0
        self._reverse = self.choice.reverse and self._sort > 0
        self._lines: list[tuple[int, int]] = []
        self._notes: list[list[list[Span]]] = []
        self._fitted: Fitted[RowT] = []
        self._laid_out: tuple[int, Sequence[RowT]] = (0, ())
        self._strips: dict[int, tuple[object, Strip]] = {}
        self._strips_before: dict[int, tuple[object, Strip]] = {}

    def notes_of(self, _row: RowT) -> Sequence[Span]:
        """The sentences to show below a row."""
        return ()

    def show(self, rows: Sequence[RowT]) -> None:
        """Show these rows from now on, in the order chosen."""
        self._unsorted = rows
        rows = self._ordered(rows)
        if rows is not self._all and rows != self._all:
            self._all = rows
            self._select_rows()
        self.touch()

    def sort_next(self) -> None:
        """Sort by the next of `sorts`; behind the last, as they come."""
        if self.sorts:
            self._sort = (self._sort + 1) % (len(self.sorts) + 1)
            self._reverse = False
            self.show(self._unsorted)

    def turn_around(self) -> None:
        """Sort the other way round."""
        if self.sorts:
            self._reverse = not self._reverse
            self.show(self._unsorted)

    def sort_by(self, name: str) -> None:
        """Sort by one of `sorts`; by the same again, the other way round."""
        names = ["", *(name for name, _, _ in self.sorts)]
        if name not in names:
            return
        self._reverse = not self._reverse if names.index(name) == self._sort else False
        self._sort = names.index(name)
        self.show(self._unsorted)

    def on_click(self, event: events.Click) -> None:
        """A click on a column's title sorts by it."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y or not self.count() or self._dragged:
            return
        right = 1
        for column, width in self._fitted:
            right += width + GAP
            if offset.x < right:
                self.sort_by(column.sort or column.name)
                return

    def _ordered(self, rows: Sequence[RowT]) -> Sequence[RowT]:
        if not self._sort:
            return rows[::-1] if self._reverse else rows
        _, key, descending = self.sorts[self._sort - 1]
        return sorted(rows, key=key, reverse=descending is not self._reverse)  # type: ignore[arg-type] # ordered

    def status(self) -> Title:
        """How it is sorted, too."""
        parts = list(super().status())
        if self._sort:
            name, _, descending = self.sorts[self._sort - 1]
            parts.append((f" by {name} {'↓' if descending is not self._reverse else '↑'} ", QUIET))
        elif self._reverse:
            parts.append((" the other way round ", QUIET))
        return parts

    def lay_out_anew(self) -> None:
        """Something has changed that rows do not hold: columns or notes."""
        self._laid_out = (0, ())
        self._strips = {}
        self.touch()

    def line_count(self) -> int:
        """Rows and their notes."""
        self._lay_out()
        return len(self._lines)

    def item_lines(self, item: int) -> range:
        """A row and the notes below it."""
        self._lay_out()
        starts = [line for line, (row, _) in enumerate(self._lines) if row == item]
        return range(starts[0], starts[-1] + 1) if starts else range(0)

    def item_at(self, line: int, _column: int) -> int | None:
        """The row at a line."""
        self._lay_out()
        return self._lines[line][0] if line < len(self._lines) else None

    def heading(self, width: int) -> list[Segment] | None:
        """The columns' titles."""
        self._lay_out()
        return [Segment(" "), *title_cells(self._fitted)] if width else None

    def draw(self, line: int, width: int) -> list[Segment]:
        """A row, or a line of its notes."""
        row, part = self._lines[line]
        mark = self.mark(selected=self.is_chosen(row))
        if part == 0:
            return [mark, *row_cells(self._fitted, self._rows[row])]
        return [
            mark,
            Segment(" " * (INDENT - 1)),
            *cell(self._notes[row][part - 1], width - INDENT),
        ]

    def strip(self, line: int, width: int, *, under_cursor: bool) -> Strip:
        """As it was drawn last, where nothing of the row has changed since, as of most."""
        row, part = self._lines[line]
        seen = (self._rows[row], part, width, under_cursor, self.is_chosen(row))
        before = self._strips_before.get(line)
        if before and before[0] == seen:
            strip = before[1]
        else:
            strip = super().strip(line, width, under_cursor=under_cursor)
        self._strips[line] = (seen, strip)
        return strip

    def file_stem(self) -> str:
        """The table's name."""
        return str(self.name)

    def file_content(self, _ending: str) -> FileContent:
        """The rows that are shown, in the order shown, with all columns there may be."""
        rows = [[column.name for column in self.columns]]
        rows += [[column.value(row) for column in self.columns] for row in self._rows]
        return partial(_csv, rows)

    def copy_text(self) -> str:
        """The key of the row under the cursor."""
        row = self.chosen
        return "" if row is None else str(self.key_of(row))

    def _draw_lines(self, width: int, height: int) -> list[Strip]:
        self._strips_before, self._strips = self._strips, {}
        return super()._draw_lines(width, height)

    def _lay_out(self) -> None:
        width = self.size.width
        if self._laid_out[0] == width and self._laid_out[1] is self._rows:
            return
        self._laid_out = (width, self._rows)
        self._fitted = fit_columns(self.columns, width - 2)
        self._lines, self._notes = [], []
        for index, row in enumerate(self._rows):
            notes = [
                [(line, style)]
                for text, style in self.notes_of(row)
                for line in wrap(text, width - INDENT - 1)
            ]
            self._notes.append(notes)
            self._lines += [(index, part) for part in range(len(notes) + 1)]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
