"""Squares written in blocks, as Sudokus are: blank lines between the rows of one square."""

from collections.abc import Iterator, Sequence

from solver.formats.cells import latin
from solver.formats.grid_reader import GridReader
from solver.formats.items import MAX_ORDER, Given, Lone, Read
from solver.formats.symbols import Row, row_of


class BlockReader:
    """Takes line after line, and gives what a GridReader does.

    Where the rows so far may be blocks of one larger square, that waits until it is known.
    """

    def __init__(self) -> None:
        self._grid = GridReader()
        self._held: list[Read] = []
        self._rows: list[Sequence[str]] = []
        """The first rows of a square, each with all its symbols."""
        self._start = 0
        self._parted: list[int] = []
        """Before which rows a blank line or a rule stands."""

    def feed(self, number: int, text: str) -> Iterator[Read]:
        """One line that is not blank."""
        given = row_of(number, text)
        row = _wide(given)
        if not self._goes_on(row):
            yield from self._let_go()
            self._start = number
        if row:
            self._rows.append(row)
        self._held += self._grid.feed(given)
        if not row:
            yield from self._let_go()
        elif len(self._rows) == len(row):
            yield from self._whole()

    def rule(self) -> None:
        """A line that is drawn, or a comment."""
        self._grid.rule()
        self._part()

    def columns(self, *, more: bool) -> Iterator[Read]:
        """A line that says which columns of a square stand behind it; `more`: not the first."""
        self._held += self._grid.columns(more=more)
        yield from self._let_go()

    def close(self) -> Iterator[Read]:
        """A blank line."""
        self._held += self._grid.close()
        self._part()
        if not self._rows:
            yield from self._let_go()

    def end(self) -> Iterator[Read]:
        """The end, or the beginning of something else."""
        self._held += self._grid.end()
        yield from self._let_go()

    def _part(self) -> None:
        if self._rows and self._parted[-1:] != [len(self._rows)]:
            self._parted.append(len(self._rows))

    def _goes_on(self, row: Sequence[str]) -> bool:
        """Whether these symbols may be the next row of the square begun."""
        first = self._rows[0] if self._rows else ()
        if len(row) != len(first) or set(row) != set(first):
            return False
        return not any(a == b for one in self._rows for a, b in zip(one, row, strict=True))

    def _whole(self) -> Iterator[Read]:
        """What the last row makes of the blocks before it, if these are blocks."""
        one = latin(self._rows) if _even(self._parted, len(self._rows)) else None
        if one is None:
            yield from self._let_go()
            return
        self._held += self._grid.end()
        yield from (item for item in self._held if _line(item) < self._start)
        yield Given(self._start, (one,))
        self._held, self._rows, self._parted = [], [], []

    def _let_go(self) -> Iterator[Read]:
        held, self._held, self._rows, self._parted = self._held, [], [], []
        yield from held


def _wide(row: Row) -> Sequence[str]:
    """The symbols of a row whose parts stand apart, each for itself; none where one comes twice."""
    words = row.words
    if len({len(word) for word in words}) == 1 < len(words[0]):
        words = tuple("".join(words))
    return words if 3 < len(words) <= MAX_ORDER and len(set(words)) == len(words) else ()


def _even(parted: Sequence[int], order: int) -> bool:
    """Whether blocks of equally many rows, two or more, end at each of these."""
    size = parted[0] if parted else order
    return 1 < size < order and order % size == 0 and [*range(size, order, size)] == [*parted]


def _line(item: Read) -> int:
    return item.alone.line if isinstance(item, Lone) else item.line
