"""Every pair found, newest first, drawn as a coloured grid."""

from bisect import bisect_right
from collections.abc import Sequence

from rich.segment import Segment
from textual.message import Message

from results.result import Result
from results.selection import Selection
from tui.console.panes.pane import FileContent, Pane, Title, pill
from tui.console.panes.squares.files import ENDINGS, square_content
from tui.console.render.grid import GridLine, tile_lines, tile_width
from tui.console.render.spans import Span, cell
from tui.console.render.squares import clock_of
from tui.console.render.theme import ACCENT, DIM, KEY, PLAIN, QUIET, VALUE, on_cursor
from tui.needle import matcher

GAPS = (2, 4)
"""Blanks between tiles, where it is narrow and where there is room."""
USUAL = 30
"""Width of a square of order 10."""
CAPTION = 24
LIMIT = 1_000
"""Squares held while browsing; the others stay in the store."""
AT_REST = 120
"""Squares held while the newest is looked at."""
NEAR = 3
"""Rows from an end of what is held at which more is wanted."""
EVERYTHING = Selection()
TILES = 64
"""Grids kept drawn: more than any screen shows."""


def _text_of(result: Result) -> str:
    words = f"#{result.id} order {result.order} {result.job} {result.node} {result.source}"
    return f"{words} {result.main_class}"


class SquaresPane(Pane):
    """A gallery; while the cursor is not on the newest, nothing moves under it."""

    endings = ENDINGS

    class WantsPage(Message):
        """Of what is kept more is wanted: older than `before`, or the first newer than `after`."""

        def __init__(
            self, pane: "SquaresPane", before: int | None = None, after: int | None = None
        ) -> None:
            super().__init__()
            self.pane = pane
            self.before = before
            self.after = after

    def __init__(self, digit: str = "3", selection: Selection = EVERYTHING, of: str = "") -> None:
        super().__init__("squares", f"Squares{of}", digit)
        self.selection = selection
        self.kept = 0
        self._newest: list[Result] = []
        self._page: list[Result] = []
        self._held: list[Result] = []
        self._newer = 0
        self._seen = 0
        """The newest number ever held: paging back makes nothing new."""
        self._shown: list[Result] = []
        self.pinned = False
        self._rows: list[range] = []
        self._starts: list[int] = [0]
        self._laid_out: tuple[int, list[Result]] = (0, [])
        self._gap = GAPS[0]
        self._asked: tuple[int | None, int | None] = (None, None)
        self._drawn_tiles: dict[int, list[GridLine]] = {}

    def show(self, results: Sequence[Result], kept: int) -> None:
        """These are the newest results, newest first; `kept` is how many there are in all."""
        self._count(kept)
        self._newest = self._without_holes(results)
        if not self.browsing:
            self._catch_up()
        self.touch()

    def take_newest(self, results: Sequence[Result]) -> None:
        """The newest of the selection, as the store has them."""
        self._page = list(results)
        self.show(results, self.kept)

    def _without_holes(self, results: Sequence[Result]) -> list[Result]:
        """Of the newest of all, those selected: above their own newest page, none below."""
        if self.selection == EVERYTHING:
            return list(results)
        top = self._page[0].id if self._page else 0
        newer = (r for r in results if r.id > top and self.selection.holds(r))
        return [*newer, *self._page]

    def count_kept(self, kept: int) -> None:
        """How many there are in all by now."""
        self._count(kept)
        self.touch()

    def _count(self, kept: int) -> None:
        if self._newer:
            self._newer += max(0, kept - self.kept)
        self.kept = kept

    def take_page(self, page: Sequence[Result], wanted: WantsPage) -> None:
        """What was wanted, newest first; not where the user is elsewhere by now."""
        if not self._held or (wanted.before, wanted.after) != self._asked:
            return
        if wanted.after is not None:
            self._asked = (None, None)
        chosen = self.chosen
        if wanted.after == 0:
            self._newer = max(0, self.kept - len(page))
            self._hold(list(page))
            chosen = self._shown[-1] if self._shown else None
        elif wanted.after is not None:
            if not page:
                self._newer = 0
            self._newer = max(0, self._newer - len(page))
            self._hold([*page, *self._held][:LIMIT])
        else:
            held = [*self._held, *page]
            # Where a filter shows few of them, none of these may go.
            dropped = 0 if self.needle else max(0, len(held) - LIMIT)
            self._newer += dropped
            self._hold(held[dropped:][:LIMIT])
        if chosen in self._shown:
            above = self.item_lines(self.cursor).start - self.top
            self.cursor = self._shown.index(chosen)
            self.top = max(0, self.item_lines(self.cursor).start - above)
        super().go(self.cursor)

    @property
    def wanted_height(self) -> int:
        """Lines, borders included, that show the newest square whole."""
        return (self._shown[self.cursor].order if self._shown else 10) + 3

    @property
    def browsing(self) -> bool:
        """True while the user looks at one square, and others must not push it aside."""
        return self.cursor > 0 or self.pinned or self._newer > 0

    @property
    def waiting(self) -> int:
        """How many newer ones are held back while browsing."""
        if not self._held:
            return 0
        return sum(result.id > self._seen for result in self._newest)

    @property
    def chosen(self) -> Result | None:
        """The result under the cursor."""
        return self._shown[self.cursor] if self.cursor < len(self._shown) else None

    @property
    def shown(self) -> Sequence[Result]:
        """What can be walked through, newest first."""
        return self._shown

    def file_stem(self) -> str:
        """The number of the square under the cursor."""
        return f"square-{self.chosen.id}" if self.chosen else ""

    def file_content(self, ending: str) -> FileContent | None:
        """The square under the cursor."""
        return square_content(self.chosen, ending) if self.chosen else None

    def set_filter(self, needle: str) -> None:
        """Show only squares that match every word of `needle`."""
        self.needle = needle
        self.cursor = self.top = 0
        self._hold(self._held)
        self.touch()

    def go(self, item: int) -> None:
        """Back at the newest, whatever was held back is shown."""
        if item <= 0 and self.browsing and not self.pinned and not self._newer:
            self.cursor = self.top = 0
            self._catch_up()
        super().go(item)
        row = self._row_of(self.cursor)
        if row + NEAR >= len(self._rows) and self._held:
            if not self.needle or len(self._held) < LIMIT:
                self._ask(before=self._held[-1].id)
        elif row < NEAR and self._newer:
            self._ask(after=self._held[0].id)

    def go_start(self) -> None:
        """The newest of all that are kept."""
        if self._newer and not self.pinned:
            self._newer = 0
            self._asked = (None, None)
            self._hold(self._newest[:AT_REST])
        self.go(0)

    def go_end(self) -> None:
        """The oldest of all that are kept; of those that a filter shows, the last."""
        if not self.needle and self._newer + len(self._held) < self.kept:
            self._ask(after=0)
        else:
            super().go_end()

    def _ask(self, before: int | None = None, after: int | None = None) -> None:
        if self._asked != (before, after):
            self._asked = (before, after)
            self.post_message(self.WantsPage(self, before, after))

    def move_side(self, delta: int) -> None:
        """One to the left or right."""
        self.go(self.cursor + delta)

    def move_rows(self, rows: int) -> None:
        """Up or down by rows of tiles, in the same column while there is one."""
        self._lay_out()
        row = self._row_of(self.cursor)
        target = min(max(0, row + rows), len(self._rows) - 1)
        if self._rows and target != row:
            column = self.cursor - self._rows[row].start
            self.go(min(self._rows[target].start + column, self._rows[target].stop - 1))

    def _row_of(self, item: int) -> int:
        return max(0, bisect_right(self._rows, item, key=lambda row: row.start) - 1)

    def count(self) -> int:
        """How many squares are shown."""
        return len(self._shown)

    def line_count(self) -> int:
        """All tiles' lines, without the last blank one."""
        self._lay_out()
        return max(0, self._starts[-1] - 1)

    def item_lines(self, item: int) -> range:
        """The lines of a tile's row."""
        self._lay_out()
        row = self._row_of(item)
        return range(self._starts[row], self._starts[row + 1] - 1) if self._rows else range(0)

    def item_at(self, line: int, column: int) -> int | None:
        """The tile at a place."""
        row = bisect_right(self._starts, line) - 1
        if row >= len(self._rows):
            return None
        right = 1
        for item in self._rows[row]:
            right += _width(self._shown[item]) + self._gap
            if column < right:
                return item
        return None

    @property
    def cursor_fills_line(self) -> bool:
        """The cursor is one tile."""
        return False

    def draw(self, line: int, _width: int) -> list[Segment]:
        """A line across a row of tiles: captions, or one row of each grid."""
        row = bisect_right(self._starts, line) - 1
        part = line - self._starts[row]
        segments = [Segment(" ")]
        for item in self._rows[row]:
            segments += self._tile_part(item, part)
            segments.append(Segment(" " * self._gap))
        return segments

    def _tile_part(self, item: int, part: int) -> list[Segment]:
        result = self._shown[item]
        width = _width(result)
        if part == 0:
            return self._caption(item, result, width)
        lines = self._drawn_tiles.get(result.id)
        if lines is None:
            if len(self._drawn_tiles) >= TILES:
                self._drawn_tiles.clear()
            lines = self._drawn_tiles[result.id] = tile_lines(result.squares)
        if part > len(lines):
            return [Segment(" " * width)]
        return [*lines[part - 1], Segment(" " * (width - tile_width(result.squares)))]

    def _caption(self, item: int, result: Result, width: int) -> list[Segment]:
        chosen = self.has_focus and item == self.cursor
        spans: list[Span] = [(f"#{result.id}", VALUE), (f" {result.node} ", PLAIN)]
        when = clock_of(result)
        segments = [
            self.mark(selected=chosen),
            *cell(spans, width - len(when) - 1),
            Segment(when, DIM),
        ]
        return on_cursor(segments) if chosen else segments

    def place(self) -> str:
        """Where the cursor stands."""
        total = self.count() if self.needle else max(self.kept, self.count())
        newer = 0 if self.needle else self._newer
        return f"{newer + self.cursor + 1:,} of {total:,}"

    def status(self) -> Title:
        """How many there are, and what is held back while browsing."""
        if self.needle:
            return [(f"{self.count()} match", QUIET), (f" /{self.needle}", f"bold {ACCENT}")]
        if self.browsing:
            where = (self.place(), QUIET)
            return [
                where,
                (" ", QUIET),
                *(pill(f"+{self.waiting} new, g shows") if self.waiting else ()),
            ]
        return [(f"{self.kept:,} kept", QUIET)] if self.kept else []

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty gallery."""
        if self.needle:
            return [[("No square matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        if self.selection.order:
            none = f"No squares of {self.selection} are kept: "
            return [[(none, DIM), ("n", KEY), (" searches for some.", DIM)]]
        if self.selection.main_class:
            return [[(f"No squares of {self.selection} are kept.", DIM)]]
        return [[("No squares yet. Each pair is drawn here when it is found and verified.", DIM)]]

    def _catch_up(self) -> None:
        oldest = self._newest[-1].id if self._newest else 0
        older = [r for r in self._held if r.id < oldest or not self._newest]
        if self._newest != self._held[: len(self._newest)] or len(self._held) > AT_REST:
            self._hold([*self._newest, *older][:AT_REST])

    def _hold(self, results: list[Result]) -> None:
        self._held = results
        self._seen = max(self._seen, results[0].id if results else 0)
        matches = matcher(self.needle)
        found = [r for r in results if matches(_text_of(r))] if self.needle.strip() else results
        self._shown = found

    def _lay_out(self) -> None:
        width = self.size.width
        if self._laid_out[0] == width and self._laid_out[1] is self._shown:
            return
        self._laid_out = (width, self._shown)
        across = max(2, (width + 1) // (USUAL + GAPS[0]))
        self._gap = min(GAPS[1], max(GAPS[0], (width - 2 - across * USUAL) // (across - 1)))
        self._rows, self._starts = [], [0]
        first, used, tallest = 0, 0, 0
        for item, result in enumerate(self._shown):
            tile = _width(result)
            if item > first and 1 + used + tile > width:
                self._end_row(range(first, item), tallest)
                first, used, tallest = item, 0, 0
            used += tile + self._gap
            tallest = max(tallest, result.order)
        if self._shown:
            self._end_row(range(first, len(self._shown)), tallest)

    def _end_row(self, row: range, tallest: int) -> None:
        self._rows.append(row)
        self._starts.append(self._starts[-1] + tallest + 2)


def _width(result: Result) -> int:
    return max(CAPTION, tile_width(result.squares))
