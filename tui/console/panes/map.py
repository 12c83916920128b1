"""The swarm as a map: every machine a block, its tasks coloured cells that move as they move."""

from collections.abc import Callable, Hashable, Sequence

from rich.segment import Segment
from rich.style import Style

from tui.console.node_row import HUES, NodeRow, place_of
from tui.console.panes.node_filter import node_matcher
from tui.console.panes.pane import Title
from tui.console.panes.rows import RowsPane
from tui.console.render.badges import job_style, state_badge
from tui.console.render.spans import Span, cell, rate_text
from tui.console.render.theme import DIM, FAINT, PLAIN, QUIET, RAISED, SYMBOLS, VALUE, on_cursor

CARD = 26
_CELL = 4
_ACROSS = (CARD - 1) // (_CELL + 1)
_MOST_LINES = 4
"""Lines of cells in one block; what does not fit is counted."""
_LEGEND = 3


def task_cells(row: NodeRow) -> list[Span]:
    """A machine's tasks, each with its unit's number, then the cores that have none."""
    room = _ACROSS * _MOST_LINES
    cells: list[Span] = [
        (f"{task.unit % 10_000:^{_CELL}}", job_style(task)) for task in row.tasks[:room]
    ]
    if len(row.tasks) > room:
        cells[-1] = (f"+{len(row.tasks) - room + 1}"[:_CELL].ljust(_CELL), PLAIN)
    takes = row.node is not None and row.node.state == "ready" and row.node.availability == "active"
    if takes and row.node is not None:
        free = min(row.node.cpus, room) - len(cells)
        cells += [("╌" * _CELL, FAINT)] * max(0, free)
    return cells


class MapPane(RowsPane[NodeRow]):
    """Blocks in a grid, in the same order as the table."""

    def __init__(self, digit: str = "2") -> None:
        super().__init__("map", "Map", digit)
        self._cells: list[list[Span]] = []
        self._starts: list[int] = [0]
        self._laid_out: tuple[int, Sequence[NodeRow]] = (0, ())

    def show(self, rows: Sequence[NodeRow]) -> None:
        """Show these machines from now on."""
        changed = [_drawn_of(row) for row in rows] != [_drawn_of(row) for row in self._all]
        self._all = rows
        self._select_rows()
        if changed:
            self.touch()

    def key_of(self, row: NodeRow) -> Hashable:
        """A machine is known by its id; names may repeat."""
        return row.key

    def name_of(self, row: NodeRow) -> str:
        """Its name."""
        return row.name

    def text_of(self, row: NodeRow) -> str:
        """Name, role, state and jobs."""
        jobs = " ".join({task.job for task in row.tasks})
        return f"{row.name} {row.role} {state_badge(row)[1]} {jobs}"

    def matcher(self, needle: str) -> Callable[[NodeRow], bool]:
        """By labels, too."""
        return node_matcher(needle, self.text_of)

    def place_of(self, key: Hashable, rows: Sequence[NodeRow]) -> int | None:
        """Where the machine that had this key is."""
        return place_of(key, rows)

    def line_count(self) -> int:
        """All blocks' lines, without the last blank one."""
        self._lay_out()
        return max(0, self._starts[-1] - 1)

    def item_lines(self, item: int) -> range:
        """The lines of a block's row."""
        self._lay_out()
        line = item // self._across
        if line + 1 >= len(self._starts):
            return range(0)
        return range(self._starts[line], self._starts[line + 1] - 1)

    def item_at(self, line: int, column: int) -> int | None:
        """The block at a place."""
        row = self._row_of(line)
        item = row * self._across + max(0, column - 1) // (CARD + 1)
        return item if row + 1 < len(self._starts) and item < self.count() else None

    @property
    def cursor_fills_line(self) -> bool:
        """The cursor is one block."""
        return False

    def move_rows(self, rows: int) -> None:
        """Up or down by rows of blocks."""
        target = self.cursor + (0 if self.lost else rows * self._across)
        if 0 <= target < self.count():
            self.go(target)

    def move_side(self, delta: int) -> None:
        """One to the left or right."""
        self.go(self.cursor + delta)

    def draw(self, line: int, _width: int) -> list[Segment]:
        """A line across a row of blocks."""
        row = self._row_of(line)
        part = line - self._starts[row]
        segments = [Segment(" ")]
        if line == self._starts[row + 1] - 1:
            return segments
        first = row * self._across
        for item in range(first, min(first + self._across, self.count())):
            chosen = self.is_chosen(item)
            segments += _on(self._part(item, part, chosen=chosen), chosen=chosen)
            segments.append(Segment(" "))
        return segments

    def _part(self, item: int, part: int, *, chosen: bool) -> list[Segment]:
        row = self._rows[item]
        if part == 0:
            glyph, word, style = state_badge(row)
            spans = [(f"{glyph} ", style), (row.name, VALUE)]
            shown = word if not row.node or style is not state_badge(row)[2] else ""
            tail = rate_text(row.rate) if row.rate else shown
            return [
                self.mark(selected=chosen),
                *cell(spans, CARD - 2 - len(tail)),
                Segment(tail, DIM),
                Segment(" "),
            ]
        cells = self._cells[item][(part - 1) * _ACROSS : part * _ACROSS]
        spans = [(" ", PLAIN)]
        for text, style in cells:
            spans += [(text, style), (" ", PLAIN)]
        if not cells and part == 1:
            spans.append((state_badge(row)[1] if row.node else "not in the swarm", DIM))
        return cell(spans, CARD)

    def status(self) -> Title:
        """Which colour is which job."""
        if self.needle or self.lost:
            return super().status()
        jobs = {task.job: task for row in self._all for task in row.tasks}
        parts: list[tuple[str, str]] = []
        for job, task in list(jobs.items())[:_LEGEND]:
            parts += [("■ ", SYMBOLS.job_mark(task.hue, HUES)), (f"{job} ", QUIET)]
        more = len(jobs) - _LEGEND
        return [*parts, (f"and {more} more ", QUIET)] if more > 0 else parts

    def copy_text(self) -> str:
        """The name of the machine under the cursor."""
        return self.chosen.name if self.chosen else ""

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands on an empty map."""
        if self.needle:
            return [[("No node matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return [[("Each node appears here as a block, its tasks as coloured cells.", DIM)]]

    @property
    def _across(self) -> int:
        return max(1, (self.size.width - 1) // (CARD + 1))

    def _row_of(self, line: int) -> int:
        return max(0, sum(start <= line for start in self._starts) - 1)

    def _lay_out(self) -> None:
        across = self._across
        if self._laid_out[0] == across and self._laid_out[1] is self._rows:
            return
        self._laid_out = (across, self._rows)
        self._cells = [task_cells(row) for row in self._rows]
        self._starts = [0]
        for first in range(0, len(self._rows), across):
            tallest = max(len(cells) for cells in self._cells[first : first + across])
            self._starts.append(self._starts[-1] + 2 + max(1, -(-tallest // _ACROSS)))


def _drawn_of(row: NodeRow) -> tuple[object, ...]:
    """All of a machine that its block shows, or a filter finds: the rest changes each second."""
    node = row.node
    takes = (node.state, node.availability, node.cpus) if node else ()
    return (row.key, row.name, row.role, state_badge(row), row.tasks, row.rate, takes)


def _on(card: list[Segment], *, chosen: bool) -> list[Segment]:
    return on_cursor(card) if chosen else list(Segment.apply_style(card, Style(bgcolor=RAISED)))
