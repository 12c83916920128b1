"""A pane of rows that come, go and move: the cursor stays on its row, or visibly lets go of it."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from tui.console.panes.pane import Pane, Title, pill
from tui.needle import matcher

RowT = TypeVar("RowT")


class RowsPane(Pane, Generic[RowT]):
    """Rows in the order they are given, of which a filter shows some.

    Where the row under the cursor is shown no more, the cursor is on none until the user moves it,
    or the row is back: no key may mean another row than the user saw.
    """

    def __init__(self, name: str, title: str, digit: str = "") -> None:
        super().__init__(name, title, digit)
        self._all: Sequence[RowT] = ()
        self._rows: Sequence[RowT] = ()
        self._at: RowT | None = None

    def key_of(self, row: RowT) -> Hashable:
        """What a row is known by."""
        raise NotImplementedError

    def name_of(self, row: RowT) -> str:
        """What a row is called."""
        return str(self.key_of(row))

    def text_of(self, row: RowT) -> str:
        """What a filter looks in."""
        raise NotImplementedError

    def matcher(self, needle: str) -> Callable[[RowT], bool]:
        """Which rows a filter shows."""
        matches = matcher(needle)
        return lambda row: matches(self.text_of(row))

    def place_of(self, key: Hashable, rows: Sequence[RowT]) -> int | None:
        """Where the row that had this key is among these."""
        return next((place for place, row in enumerate(rows) if self.key_of(row) == key), None)

    @property
    def chosen(self) -> RowT | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) and not self.lost else None

    @property
    def rows(self) -> Sequence[RowT]:
        """The rows shown."""
        return self._rows

    @property
    def all_rows(self) -> Sequence[RowT]:
        """Every row, the filtered out included."""
        return self._all

    def choose(self, key: Hashable) -> bool:
        """Put the cursor on a row by its key; False where it is not shown."""
        place = self.place_of(key, self._rows)
        if place is not None:
            self.go(place)
        return place is not None

    def in_view(self, key: Hashable) -> bool:
        """Whether the user sees the row of this key."""
        place = self.place_of(key, self._rows)
        if place is None or not self.display:
            return False
        lines = self.item_lines(place)
        return bool(lines) and self.top <= lines.start < self.top + self.room

    def count(self) -> int:
        """How many rows are shown."""
        return len(self._rows)

    def set_filter(self, needle: str) -> None:
        """Show only rows that contain every word of `needle`; the cursor is on one of them."""
        self.needle = needle
        self._select_rows()
        if self.lost:
            self.go(0)
        self.touch()

    def go(self, item: int) -> None:
        """Put the cursor on a row, or on the nearest there is."""
        if self._rows:
            self.lost = False
        super().go(item)
        self._at = self.chosen or self._at

    def move_rows(self, rows: int) -> None:
        """Move down or up; from no row, to those beside the place where it was."""
        self.go(self.cursor + rows - (self.lost and rows > 0))

    def status(self) -> Title:
        """How many match, and of which row the cursor has let go."""
        parts = list(super().status())
        if self.lost and self._at is not None:
            choose = ": ↑ ↓ choose" if self._rows else ""
            parts += pill(f"{self.name_of(self._at)} is not listed now{choose}")
        return parts

    def _resized(self) -> None:
        # Not as a key would: the cursor may be on no row.
        self._reveal()

    def _select_rows(self) -> None:
        matches = self.matcher(self.needle)
        self._rows = [row for row in self._all if matches(row)]
        if self._at is None:
            self._at = self._rows[0] if self._rows else None
        place = None if self._at is None else self.place_of(self.key_of(self._at), self._rows)
        self.lost = place is None and self._at is not None
        if place is None:
            self.cursor = min(self.cursor, max(0, len(self._rows) - 1))
            return
        moved = place - self.cursor
        self.cursor = place
        self._at = self._rows[place]
        # What the user looks at stays where it is on screen.
        self.top = max(0, self.top + moved) if self.top else 0
