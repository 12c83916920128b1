"""The raw stream of every task's lines: following, or held still while the user reads."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import accumulate

from rich.segment import Segment

from results.log_text import Level
from swarm.engine import LogLine
from tui.console.log_ring import LogRing, LogView, holds, is_drawn
from tui.console.panes.pane import FileContent, Pane, Title, pill
from tui.console.render.log_lines import clock_text, line_text, log_spans, with_matches
from tui.console.render.spans import Span, amount, cell
from tui.console.render.theme import DIM, KEY, PLAIN, QUIET
from tui.needle import Matches, matcher, spans

SHIFT = 16


class LogPane(Pane):
    """Lines as they come; moving up holds them still, the end follows again."""

    endings = ("txt", "jsonl")

    def __init__(self, ring: LogRing, digit: str = "4", job: str = "") -> None:
        super().__init__("log", "Log", digit)
        self.view = LogView(ring, job)
        self.following = True
        self.arrived = 0
        self.shift = 0
        self.words = True
        """Whether records are shown in words, not as the JSON that they are."""
        self.times = True
        self.wrapped = False
        self.sought = ""
        """What is searched for."""
        self.marked: frozenset[int] = frozenset()
        """Serial numbers of lines of the ring."""
        self._heights: deque[int] = deque()
        self._starts: list[int] = [0]
        self._wrapped_at = 0

    def read_from(self, ring: LogRing) -> None:
        """Show another ring's lines from now on."""
        level = self.view.level
        self.view = LogView(ring, self.view.job)
        self.view.level = level
        self.view.set_filter(self.needle)
        self.marked = frozenset()
        self._forget_heights()
        self.go_end()

    def take(self) -> None:
        """Lines have come."""
        before = self._starts
        added, dropped = self.view.catch_up()
        gone = before[min(dropped, len(before) - 1)] if self.wrapped else dropped
        if self.wrapped:
            self._heights = deque(list(self._heights)[dropped:])
            self._measure()
        if self.following:
            self.cursor = max(0, self.count() - 1)
            self.top = max(0, self.line_count() - self.room)
        else:
            self.arrived += added
            self.cursor = max(0, self.cursor - dropped)
            self.top = max(0, self.top - gone)
        self.touch()

    def set_filter(self, needle: str) -> None:
        """Show only lines that contain every word of `needle`."""
        self.needle = needle
        held = self._held()
        self.view.set_filter(needle)
        self._show_again(held)

    def next_level(self) -> None:
        """Show less; behind the least, all."""
        levels = list(Level)
        held = self._held()
        self.view.set_level(levels[(levels.index(self.view.level) + 1) % len(levels)])
        self._show_again(held)

    def _held(self) -> int | None:
        return self.view.shown[self.cursor][0] if self.cursor < self.count() else None

    def _show_again(self, held: int | None) -> None:
        self._forget_heights()
        if held is None or self.following:
            self.go_end()
        else:
            self.cursor = self.view.position(held)
            super().go(self.cursor)

    def toggle_mark(self) -> None:
        """Mark the line under the cursor, or take its mark away, and go one down."""
        if (serial := self._held()) is not None:
            self.follow(on=False)
            if self.chosen:
                self.marked ^= {serial}
            super().go(self.cursor + 1)

    def draw_line(self, clock: str) -> None:
        """A line below the newest, as a sign of what came later."""
        self.view.ring.draw_line(clock)
        self.take()

    def clear(self) -> None:
        """Show only what comes from now on; the lines stay where they are, unmarked."""
        self.marked = frozenset()
        self.view.begin_at(self.view.ring.end)
        self._show_again(None)

    @property
    def at_hand(self) -> Sequence[LogLine]:
        """The lines that are marked and shown; where there are none, that under the cursor."""
        marked = [line for serial, line in self.view.shown if serial in self.marked]
        return marked or ([self.chosen] if self.chosen else [])

    @property
    def narrowed(self) -> bool:
        """Whether a search is what Esc ends, too."""
        return bool(self.needle or self.sought or self.view.begin)

    def widen(self) -> None:
        """End the search; where there is none the filter, and at last show what was cleared."""
        if self.sought:
            self.sought = ""
            self.touch()
        elif self.needle:
            super().widen()
        else:
            held = self._held()
            self.view.begin_at(0)
            self._show_again(held)

    def seek(self, needle: str) -> bool:
        """Search for `needle`: go to the newest line, up from the cursor, that matches."""
        self.sought = needle
        at = self.cursor
        self.cursor = min(at + 1, self.count())
        found = self.step(-1)
        self.cursor = self.cursor if found else at
        return found

    def step(self, delta: int) -> bool:
        """To the next line that the search finds, or the one before, around the ends."""
        matches, number = matcher(self.sought), self.count()
        places = [(self.cursor + delta * ahead) % number for ahead in range(1, number + 1)]
        found = next((each for each in places if self._meant(matches, each)), None)
        if not self.sought.strip() or found is None:
            self.touch()
            return False
        # Held even on the last line: what comes would push it away.
        self.follow(on=False)
        super().go(found)
        return True

    def _meant(self, matches: Matches, item: int) -> bool:
        line = self.view.shown[item][1]
        return not is_drawn(line) and holds(matches, line)

    @property
    def chosen(self) -> LogLine | None:
        """The line under the cursor, where it is a task's."""
        line = self.view.shown[self.cursor][1] if self.cursor < self.count() else None
        return None if line is None or is_drawn(line) else line

    def count(self) -> int:
        """How many lines are shown."""
        return len(self.view.shown)

    def line_count(self) -> int:
        """Lines of the screen that they take."""
        self._measure()
        return self._starts[-1] if self.wrapped else self.count()

    def item_lines(self, item: int) -> range:
        """Where a line is, folded or not."""
        if not self.wrapped:
            return range(item, item + 1)
        self._measure()
        return range(*self._starts[item : item + 2]) if item < self.count() else range(0)

    def item_at(self, line: int, column: int) -> int | None:
        """The line shown there."""
        if not self.wrapped:
            return super().item_at(line, column)
        item = bisect_right(self._starts, line) - 1
        return item if item < self.count() else None

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
        self._show_otherwise()

    def toggle_times(self) -> None:
        """When lines were written, or not."""
        self.times = not self.times
        self._show_otherwise()

    def toggle_wrapped(self) -> None:
        """Long lines folded, or cut."""
        self.wrapped = not self.wrapped
        self._show_otherwise()

    def _show_otherwise(self) -> None:
        self._forget_heights()
        self.shift = 0
        super().go(self.cursor)

    def move_side(self, delta: int) -> None:
        """Shift the text sideways, where it is not folded."""
        self.shift = 0 if self.wrapped else max(0, self.shift + delta * SHIFT)
        self.touch()

    def draw(self, line: int, width: int) -> list[Segment]:
        """One line: time, where from, text; folded ones in parts."""
        item = bisect_right(self._starts, line) - 1 if self.wrapped else line
        spans_of = self._spans(item, width)
        if self.wrapped:
            begin = (line - self._starts[item]) * (width - 1)
            spans_of = _part(spans_of, begin, begin + width - 1)
        chosen = item == self.cursor
        marked = self.view.shown[item][0] in self.marked and not (chosen and self.has_focus)
        mark = Segment("✚", KEY) if marked else self.mark(selected=chosen)
        return [mark, *cell(spans_of, width - 1)]

    def _spans(self, item: int, width: int) -> list[Span]:
        record = self.view.shown[item][1]
        if is_drawn(record):
            return [(record.text, DIM)]
        with_job = width >= 90 and not self.view.job
        unit = f"{record.job} u{record.unit}" if with_job else f"u{record.unit}"
        shown: list[Span] = [(f"{record.node[:12]} ", PLAIN), (f"{unit} ", DIM)]
        if self.times and (clock := clock_text(record)):
            shown.insert(0, (f"{clock} ", DIM))
        shown += log_spans(record, self.shift, words=self.words)
        if not self.needle and not self.sought:
            return shown
        text = "".join(text for text, _ in shown)
        return with_matches(shown, [*spans(self.needle, text), *spans(self.sought, text)])

    def _measure(self) -> None:
        """How many lines of the screen each takes: of those that came since, as of most."""
        if not self.wrapped:
            return
        width = self.size.width
        if width != self._wrapped_at:
            self._forget_heights()
            self._wrapped_at = width
        if len(self._heights) == self.count() == len(self._starts) - 1:
            return
        room = max(1, width - 1)
        for item in range(len(self._heights), self.count()):
            length = sum(len(text) for text, _ in self._spans(item, width))
            self._heights.append(max(1, -(-length // room)))
        self._starts = [0, *accumulate(self._heights)]

    def _forget_heights(self) -> None:
        self._heights.clear()
        self._starts = [0]

    def status(self) -> Title:
        """Whether it follows, and what came while it did not."""
        parts: list[tuple[str, str]] = []
        if self.shift:
            parts.append((f"← {self.shift} · ", QUIET))
        if self.view.level is not Level.ALL:
            parts.append((f"{self.view.level.value} only · ", QUIET))
        if self.view.begin:
            parts.append(("cleared · ", QUIET))
        if self.marked:
            parts.append((f"{len(self.marked)} marked · ", QUIET))
        if self.needle:
            matching = sum(not is_drawn(line) for _, line in self.view.shown)
            parts.append((f"{amount(matching)} match · ", QUIET))
        if self.sought:
            parts.append((f"find {self.sought}: . , · ", QUIET))
        if self.following:
            return [*parts, ("following", QUIET)]
        came = f"+{amount(self.arrived)} lines" if self.arrived else "held"
        return [*parts, *pill(f"{came}, G follows")]

    def copy_text(self) -> str:
        """Whole lines."""
        return "\n".join(line.text for line in self.at_hand)

    def file_stem(self) -> str:
        """The job's, or that of all."""
        return "log" if not self.view.job else f"log-{self.view.job}"

    def file_content(self, ending: str) -> FileContent:
        """The lines that are shown, in words or as they are; with .jsonl, as they were written."""
        lines, words, times = [line for _, line in self.view.shown], self.words, self.times

        def content() -> str:
            if ending == "jsonl":
                return "".join(
                    f"{line.text}\n" for line in lines if not line.stderr and not is_drawn(line)
                )
            return "".join(f"{line_text(line, words=words, times=times)}\n" for line in lines)

        return content

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty log."""
        if self.needle:
            return [[("No line matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        if self.view.level is not Level.ALL:
            return [[("No such line yet. ", PLAIN), ("v shows the others.", DIM)]]
        if self.view.begin:
            return [[("Cleared: what comes stands here. ", PLAIN), ("Esc shows all again.", DIM)]]
        return [[("Quiet. The lines of running jobs appear here as they are written.", DIM)]]


def _part(line: Sequence[Span], begin: int, end: int) -> list[Span]:
    """The characters from `begin` to `end`."""
    part: list[Span] = []
    at = 0
    for text, style in line:
        if piece := text[max(0, begin - at) : max(0, end - at)]:
            part.append((piece, style))
        at += len(text)
    return part
