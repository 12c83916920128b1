"""Two sets of squares beside one another: where they differ, and what they have to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from rich.segment import Segment

from results.pictures import Grid
from results.result import Result
from solver.classes.places import differing, pairs
from solver.formats.notation import grid
from solver.records import Rows
from tui.console.panes.pane import FileContent
from tui.console.panes.scrolled import ScrolledPane
from tui.console.panes.squares.files import ENDINGS, content
from tui.console.render.grid import GridLine, Light, picture_lines
from tui.console.render.spans import Line, Span, cell
from tui.console.render.theme import BAD, DIM, DONE, PLAIN, STRONG, VALUE

_GAP = 3
_MOST = 4
"""Squares of each set that are held against those of the other."""


@dataclass(frozen=True, slots=True)
class Side:
    """A set, or one square of one; `main_class` and `covered` as in `Result`."""

    name: str
    squares: tuple[Rows, ...]
    main_class: str = ""
    covered: tuple[int, int] | None = None

    @property
    def order(self) -> int:
        """How many rows there are."""
        return len(self.squares[0])


def sides(one: Result, other: Result) -> tuple[Side, Side]:
    """Two results; of one and the same its first two squares."""
    if one.id != other.id:
        return _side(one), _side(other)
    first, second = one.squares[0], one.squares[1 % len(one.squares)]
    return Side(f"#{one.id}, square 1", (first,)), Side(f"#{one.id}, square 2", (second,))


def _side(result: Result) -> Side:
    return Side(f"#{result.id}", result.squares, result.main_class, result.covered)


def facts(one: Side, other: Side) -> list[list[Span]]:
    """What can be said of the two."""
    lines = [_differ(one, other), _classes(one, other)]
    if one.order == other.order:
        numbers = product(
            range(min(_MOST, len(one.squares))), range(min(_MOST, len(other.squares)))
        )
        lines += [_meeting(one, other, i, j) for i, j in numbers]
    return lines


def _differ(one: Side, other: Side) -> list[Span]:
    if one.order != other.order:
        return [(f"orders {one.order} and {other.order}: no cells to hold against each other", DIM)]
    if len(one.squares) != len(other.squares):
        return [(f"{len(one.squares)} squares and {len(other.squares)}: other sets", DIM)]
    cells, all_of = len(differing(one.squares, other.squares)), one.order**2
    if not cells:
        return [("the same in every cell", DONE)]
    return [(f"{cells} of {all_of} cells differ", STRONG), (": those are lit", DIM)]


def _classes(one: Side, other: Side) -> list[Span]:
    label: Span = ("main class ", DIM)
    if one.order != other.order or len(one.squares) != len(other.squares):
        return [label, ("not the same", STRONG)]
    if not one.main_class or not other.main_class:
        return [label, ("not known", DIM)]
    if one.main_class == other.main_class:
        return [label, (f"the same, {one.main_class[:12]}", DONE), (": they differ in names", DIM)]
    return [label, (f"{one.main_class[:12]} and {other.main_class[:12]}: not the same", STRONG)]


def _meeting(one: Side, other: Side, i: int, j: int) -> list[Span]:
    made = sum(bool(cells) for cells in pairs(one.squares[i], other.squares[j]).values())
    alike = one.order**2 - len(differing(one.squares[i : i + 1], other.squares[j : j + 1]))
    names = [
        side.name if len(side.squares) == 1 else f"{number + 1} of {side.name}"
        for side, number in ((one, i), (other, j))
    ]
    whole = made == one.order**2
    verdict: Span = ("orthogonal", DONE) if whole else ("not orthogonal", BAD)
    pairs_text = f"{made:,} of {one.order**2:,} pairs, "
    alike_text = f"; {alike} {'cell' if alike == 1 else 'cells'} alike"
    return [(f"{' and '.join(names)}: ", PLAIN), (pairs_text, VALUE), verdict, (alike_text, DIM)]


class ComparePane(ScrolledPane):
    """Two pictures, and below them what can be said."""

    endings = ENDINGS

    def __init__(self, one: Side, other: Side) -> None:
        super().__init__("compare", f"{one.name} beside {other.name}")
        self._sides = (one, other)
        self._lines: list[Sequence[Segment]] = []
        self._laid_out: object = None

    def show(self, one: Side, other: Side) -> None:
        """More is known of them by now."""
        self._sides = (one, other)
        self.touch()

    def count(self) -> int:
        """The lines of pictures and facts."""
        key = (self._sides, *self.size)
        if key != self._laid_out:
            self._laid_out = key
            self._lines = self._lay_out(*self.size)
        return len(self._lines)

    def draw(self, line: int, _width: int) -> Sequence[Segment]:
        """One line."""
        return self._lines[line]

    def copy_text(self) -> str:
        """Both squares and what is said."""
        said = "\n".join("".join(text for text, _ in line) for line in facts(*self._sides))
        return "\n\n".join([*(f"{s.name}\n{grid(s.squares)}" for s in self._sides), said])

    def file_stem(self) -> str:
        """Both numbers."""
        words = "-".join(side.name for side in self._sides)
        return "squares-" + words.replace("#", "").replace(", square ", "-")

    def file_content(self, ending: str) -> FileContent:
        """Both side by side."""
        light = self._light()
        lit = light.lit if light else None
        grids = tuple(Grid(side.squares, lit) for side in self._sides)
        return content(grids, ending, self.copy_text() + "\n")

    def _light(self) -> Light | None:
        one, other = self._sides
        if one.order != other.order or len(one.squares) != len(other.squares):
            return None
        cells = differing(one.squares, other.squares)
        return Light(cells, frozenset())

    def _lay_out(self, width: int, height: int) -> list[Sequence[Segment]]:
        said: Sequence[Line] = facts(*self._sides)
        light = self._light()
        room = (width - 1 - _GAP) // 2, max(1, height - len(said) - 2)
        pictures = [picture_lines(side.squares, *room, light) for side in self._sides]
        across = [sum(segment.cell_length for segment in lines[0]) for lines in pictures]
        beside = sum(across) + _GAP < width
        blocks: list[list[GridLine]] = [
            [cell([(side.name, STRONG)], wide), *lines]
            for side, lines, wide in zip(self._sides, pictures, across, strict=True)
        ]
        lines: list[Sequence[Segment]] = []
        if beside:
            for number in range(max(map(len, blocks))):
                parts = [
                    block[number] if number < len(block) else [Segment(" " * wide)]
                    for block, wide in zip(blocks, across, strict=True)
                ]
                lines.append([Segment(" "), *parts[0], Segment(" " * _GAP), *parts[1]])
        else:
            lines += [[Segment(" "), *line] for line in [*blocks[0], [Segment("")], *blocks[1]]]
        return [*lines, [Segment("")], *([Segment(" "), *cell(line, width - 1)] for line in said)]
