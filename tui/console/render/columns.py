"""Which columns a table shows at a given width: dropped in a declared order, never squeezed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.segment import Segment

from tui.console.render.spans import Span, cell
from tui.console.render.theme import HEAD

RowT = TypeVar("RowT")
GAP = 2


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column; `keep` orders the dropping (lowest first), `grow` shares what is left over.

    `sort`: what rows are sorted by when its title is clicked, where that has another name.
    `plain` is what a file has of it, where that is not what is drawn.
    """

    title: str
    width: int
    keep: int
    draw: Callable[[RowT, int], Sequence[Span]]
    right: bool = False
    grow: int = 0
    plain: Callable[[RowT], object] | None = None
    sort: str = ""

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self.title.strip().lower()

    def value(self, row: RowT) -> str:
        """What a file of the table holds: nothing that a spreadsheet would take for a formula."""
        if self.plain is not None:
            value = self.plain(row)
        else:
            value = "".join(text for text, _ in self.draw(row, self.width)).strip()
        if value is None or isinstance(value, float | int):
            return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        text = str(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


Fitted = list[tuple[Column[RowT], int]]


def fit_columns(columns: Sequence[Column[RowT]], width: int) -> Fitted[RowT]:
    """The columns that fit in `width` cells, each with its width."""
    shown = list(columns)
    while len(shown) > 1 and _needed(shown) > width:
        shown.remove(min(shown, key=lambda column: column.keep))
    spare = max(0, width - _needed(shown))
    shares = sum(column.grow for column in shown)
    fitted: Fitted[RowT] = []
    for column in shown:
        extra = spare * column.grow // shares if shares else 0
        fitted.append((column, column.width + extra))
    return fitted


def title_cells(fitted: Fitted[RowT]) -> list[Segment]:
    """The heading line."""
    return _joined([cell([(column.title, HEAD)], w, right=column.right) for column, w in fitted])


def row_cells(fitted: Fitted[RowT], row: RowT) -> list[Segment]:
    """One row's line."""
    return _joined([cell(column.draw(row, w), w, right=column.right) for column, w in fitted])


def _needed(columns: Sequence[Column[RowT]]) -> int:
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def _joined(cells: list[list[Segment]]) -> list[Segment]:
    line: list[Segment] = []
    for index, segments in enumerate(cells):
        if index:
            line.append(Segment(" " * GAP))
        line.extend(segments)
    return line
