"""What can be lit in a set of squares, one thing after the other: pairs, transversals, ..."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from results.result import Result
from solver.classes import places
from solver.classes.places import Cells
from solver.formats.notation import letters
from solver.records import Rows
from tui.console.render.grid import Light

_MOST = 4
"""Squares of a set that can be gone through: the keys would not come to an end."""


@dataclass(frozen=True, slots=True)
class Things:
    """So many places to go through, each with what is said of it; `gathers`: those before stay lit.

    Made one by one: a square may have thousands, and a key waits.
    """

    count: int
    cells: Callable[[int], Cells]
    said: Callable[[int], str]
    gathers: bool = False

    def light(self, number: int) -> Light:
        """What is lit at one of them."""
        shown = self.cells(number) if self.count else frozenset()
        lit = shown
        if self.gathers:
            lit = frozenset().union(*(self.cells(each) for each in range(number + 1)))
        return Light(lit, shown)


class Highlight:
    """What is lit of one set of squares: nothing first, then by turns each kind of thing."""

    def __init__(self) -> None:
        self._squares: Sequence[Rows] = ()
        self._kinds: Sequence[Callable[[], Things]] = ()
        self._kind = -1
        self._number = 0
        self._things: Things | None = None

    def show(self, result: Result) -> None:
        """The squares to light from now on; of the same kind of thing the first."""
        if result.squares is not self._squares:
            self._squares = result.squares
            self._kinds = _kinds(result.squares)
            self._begin(self._kind if self._kind < len(self._kinds) else -1)

    def turn(self) -> None:
        """The next kind of thing; behind the last nothing is lit."""
        self._begin(-1 if self._kind + 1 >= len(self._kinds) else self._kind + 1)

    def step(self, delta: int) -> bool:
        """The next of its kind, or the one before; False where nothing is lit."""
        if self._things is None:
            return False
        self._number = (self._number + delta) % max(1, self._things.count)
        return True

    @property
    def light(self) -> Light | None:
        """The cells that are lit; None where all are as always."""
        return self._things.light(self._number) if self._things else None

    @property
    def text(self) -> str:
        """What is lit; '' for nothing."""
        return self._things.said(self._number) if self._things else ""

    def _begin(self, kind: int) -> None:
        self._kind, self._number = kind, 0
        self._things = self._kinds[kind]() if kind >= 0 else None


def _kinds(squares: Sequence[Rows]) -> list[Callable[[], Things]]:
    numbers = range(min(len(squares), _MOST))
    two = [(i, j) for i, j in combinations(numbers, 2)]
    return [
        *(partial(_pairs, squares, i, j) for i, j in two),
        *(partial(_transversals, squares[i : i + 1], f"of square {i + 1}") for i in numbers),
        *([partial(_transversals, squares, "in common")] if len(squares) > 1 else []),
        *(partial(_intercalates, squares[i], i) for i in numbers),
    ]


def _pairs(squares: Sequence[Rows], i: int, j: int) -> Things:
    places_of = places.pairs(squares[i], squares[j])
    names, cells = list(places_of), list(places_of.values())
    once = sum(len(each) == 1 for each in cells)
    which = "" if len(squares) == 2 else f"squares {i + 1}, {j + 1}: "
    verdict = "all once, orthogonal" if once == len(cells) else f"{once} stand once"

    def said(number: int) -> str:
        one, other = names[number]
        end = f"; {verdict}" if number == len(cells) - 1 else ""
        pair = f"{which}pair {number + 1:,} of {len(cells):,}, {letters(one)}{other}"
        return f"{pair}: {_where(cells[number])}{end}"

    return Things(len(cells), cells.__getitem__, said, gathers=True)


def _where(cells: Cells) -> str:
    if not cells:
        return "nowhere"
    if len(cells) > 1:
        return f"in {len(cells)} cells"
    [(row, column)] = cells
    return f"row {row + 1}, column {column + 1}"


def _transversals(squares: Sequence[Rows], whose: str) -> Things:
    order = len(squares[0])
    listed, whole = places.transversals(squares)
    cells = partial(_cells_of, listed, order)
    return Things(len(listed), cells, partial(_said, len(listed), "transversal", whose, whole))


def _cells_of(listed: Sequence[int], order: int, number: int) -> Cells:
    return places.cells_of(listed[number], order)


def _intercalates(square: Rows, number: int) -> Things:
    cells = places.intercalates(square)
    said = partial(_said, len(cells), "intercalate", f"of square {number + 1}", True)
    return Things(len(cells), cells.__getitem__, said)


def _said(count: int, what: str, whose: str, whole: bool, number: int) -> str:
    if not count:
        return f"no {what} {whose}" if whole else f"{what}s {whose}: too large to look for them"
    of = f"{count:,}" if whole else f"the first {count:,}"
    return f"{what} {number + 1:,} of {of} {whose}"
