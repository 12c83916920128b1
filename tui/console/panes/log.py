"""The raw stream of every task's lines: following, or held still while the user reads."""

from collections.abc import Sequence

from rich.segment import Segment

from swarm.engine import LogLine
from tui.console.log_ring import LogRing, LogView
from tui.console.panes.pane import Pane, Title, pill
from tui.console.render.log_lines import clock_text, log_spans
from tui.console.render.spans import Span, amount, cell
from tui.console.render.theme import DIM, PLAIN, QUIET

SHIFT = 16


class LogPane(Pane):
    """Lines as they come; moving up holds them still, the end follows again."""

    def __init__(self, ring: LogRing, digit: str = "4", job: str = "") -> None:
        super().__init__("log", "Log", digit)
        self.view = LogView(ring, job)
        self.following = True
        self.arrived = 0
        self.shift = 0
        self.words = True
        """Whether records are shown in words, not as the JSON that they are."""

    def read_from(self, ring: LogRing) -> None:
        """Show another ring's lines from now on."""
        self.view = LogView(ring, self.view.job)
        self.view.set_filter(self.needle)
        self.go_end()

    def take(self) -> None:
        """Lines have come."""
        added, dropped = self.view.catch_up()
        if self.following:
            self.cursor = max(0, self.count() - 1)
            self.top = max(0, self.count() - self.room)
        else:
            self.arrived += added
            self.cursor = max(0, self.cursor - dropped)
            self.top = max(0, self.top - dropped)
        self.touch()

    def set_filter(self, needle: str) -> None:
        """Show only lines that contain every word of `needle`."""
        self.needle = needle
        held = self.view.shown[self.cursor][0] if self.cursor < self.count() else None
        self.view.set_filter(needle)
        if held is None or self.following:
            self.go_end()
        else:
            self.cursor = self.view.position(held)
            super().go(self.cursor)

    @property
    def chosen(self) -> LogLine | None:
        """The line under the cursor."""
        return self.view.shown[self.cursor][1] if self.cursor < self.count() else None

    def count(self) -> int:
        """How many lines are shown."""
        return len(self.view.shown)

    def go(self, item: int) -> None:
        """Moving up holds the stream still; reaching the end follows it again."""
        self.follow(on=item >= self.count() - 1)
        super().go(item)

    def follow(self, *, on: bool) -> None:
        """Follow the stream, or hold it still."""
        if on != self.following:
            self.following, self.arrived = on, 0

    def toggle_follow(self) -> None:
        """Follow where held, hold where following."""
        if self.following:
            self.follow(on=False)
            self.touch()
        else:
            self.go_end()

    def toggle_words(self) -> None:
        """Records in words, or as they are."""
        self.words = not self.words
        self.touch()

    def move_side(self, delta: int) -> None:
        """Shift the text sideways."""
        self.shift = max(0, self.shift + delta * SHIFT)
        self.touch()

    def draw(self, line: int, width: int) -> list[Segment]:
        """One line: time, where from, text."""
        record = self.view.shown[line][1]
        with_job = width >= 90 and not self.view.job
        unit = f"{record.job} u{record.unit}" if with_job else f"u{record.unit}"
        spans: list[Span] = [(f"{record.node[:12]} ", PLAIN), (f"{unit} ", DIM)]
        if clock := clock_text(record):
            spans.insert(0, (f"{clock} ", DIM))
        return [
            self.mark(selected=line == self.cursor),
            *cell([*spans, *log_spans(record, self.shift, words=self.words)], width - 1),
        ]

    def status(self) -> Title:
        """Whether it follows, and what came while it did not."""
        parts: list[tuple[str, str]] = []
        if self.shift:
            parts.append((f"← {self.shift} · ", QUIET))
        if self.needle:
            parts.append((f"{amount(self.count())} match · ", QUIET))
        if self.following:
            return [*parts, ("following", QUIET)]
        came = f"+{amount(self.arrived)} lines" if self.arrived else "held"
        return [*parts, *pill(f"{came}, G follows")]

    def copy_text(self) -> str:
        """The whole line."""
        line = self.chosen
        return "" if line is None else line.text

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty log."""
        if self.needle:
            return [[("No line matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return [[("Quiet. The lines of running jobs appear here as they are written.", DIM)]]
