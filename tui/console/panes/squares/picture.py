"""One pair of squares as large as the screen allows, with what is known about it."""

from rich.segment import Segment

from results.result import Result
from tui.console.panes.pane import FileContent, Title
from tui.console.panes.scrolled import ScrolledPane
from tui.console.panes.squares.files import ENDINGS, square_content
from tui.console.panes.squares.highlight import Highlight
from tui.console.render.grid import GridLine, picture_lines
from tui.console.render.spans import Span, cell
from tui.console.render.squares import result_facts
from tui.console.render.theme import ACCENT, BRIGHT, DIM, DONE, PLAIN, QUIET, STRONG

FACTS = 15


class PicturePane(ScrolledPane):
    """The large view; `show` says which result, and where in the walk it stands."""

    endings = ENDINGS

    def __init__(self) -> None:
        super().__init__("square", "Square")
        self.result: Result | None = None
        self.place = ""
        self._lines: list[GridLine] = []
        self._laid_out: tuple[object, ...] = ()
        self._highlight = Highlight()

    def show(self, result: Result, place: str) -> None:
        """Show this result."""
        self.result, self.place = result, place
        self.title = f"Square #{result.id}"
        self.cursor = self.top = 0
        self._highlight.show(result)
        self.touch()

    def turn_highlight(self) -> None:
        """Light the next kind of thing."""
        self._highlight.turn()
        self.touch()

    def step(self, delta: int) -> bool:
        """Light the next thing of its kind, or the one before; False where nothing is lit."""
        stepped = self._highlight.step(delta)
        self.touch()
        return stepped

    def own_title(self) -> list[tuple[str, str]]:
        """Which square, and what is lit in it."""
        lit = self._highlight.text
        return [*super().own_title(), *([(f"  {lit}", f"bold {ACCENT}")] if lit else [])]

    def file_stem(self) -> str:
        """Its number."""
        return f"square-{self.result.id}" if self.result else ""

    def file_content(self, ending: str) -> FileContent | None:
        """The square as it is shown."""
        light = self._highlight.light
        lit = light.lit if light else None
        return square_content(self.result, ending, lit) if self.result else None

    def count(self) -> int:
        """The lines of the picture and its margins."""
        if self.result is None:
            return 0
        width, height = self.size
        light = self._highlight.light
        key = (self.result.id, width, height, light)
        if key != self._laid_out:
            self._laid_out = key
            self._lines = self._lay_out(self.result, width, height)
        return len(self._lines)

    def draw(self, line: int, _width: int) -> list[Segment]:
        """One line of the picture and the facts beside it."""
        return self._lines[line]

    def status(self) -> Title:
        """What steps through what is lit, and where in the walk it stands."""
        steps = [(" , . step  t next ", BRIGHT)] if self._highlight.light is not None else []
        return [*steps, *([(self.place, QUIET)] if self.place else [])]

    def _lay_out(self, result: Result, width: int, height: int) -> list[GridLine]:
        picture = picture_lines(result.squares, width - FACTS - 3, height, self._highlight.light)
        across = sum(segment.cell_length for segment in picture[0])
        facts = _facts_lines(result)
        # Where there is ample room, the whole stands in the middle.
        facts_width = max(FACTS, min(36, width - across - 5))
        margin = max(1, (width - across - 2 - min(24, facts_width)) // 2)
        tall = max(len(picture), len(facts))
        above = max(0, (height - tall) // 2)
        sunk = (tall - len(picture)) // 2
        if width - margin - across - 2 < FACTS - 1:
            blank: GridLine = [Segment("")]
            lines = [[Segment(" "), *line] for line in picture]
            return [*lines, blank, *([Segment(" "), *cell(f, width - 1)] for f in facts)]
        lines = [[Segment("")] for _ in range(above)]
        for y in range(tall):
            inside = sunk <= y < sunk + len(picture)
            body = picture[y - sunk] if inside else [Segment(" " * across)]
            fact = facts[y] if y < len(facts) else []
            lines.append([Segment(" " * margin), *body, Segment("  "), *cell(fact, facts_width)])
        return lines


def _facts_lines(result: Result) -> list[list[Span]]:
    lines: list[list[Span]] = [
        [(f"order {result.order}", STRONG)],
        [("✓ verified", DONE)],
        [],
    ]
    for label, value in result_facts(result):
        if label:
            lines.append([(label, DIM)])
        lines.append([(value, PLAIN)])
        if label != "found":
            lines.append([])
    return lines[:-1]
