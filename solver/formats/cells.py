"""Cells of two parts or more, `A0`, `aB`, `47`, `K♠`, `1,2`: each square's symbols out of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TypeAlias

from solver.formats.symbols import HOLES, Named, numbered, odd
from solver.records import Rows

Judge: TypeAlias = Callable[[Named], Rows | None]
"""What says whether n rows are taken for a square, and gives it in numbers."""
Parts: TypeAlias = list[str]
Squares: TypeAlias = tuple[Rows, ...]
"""Squares that belong together."""
Reading: TypeAlias = list[Squares]
"""All that a block of lines says, in one way to read it."""

_BETWEEN = re.compile(r"[.:/\-_·^+*\u00d7~@]")
_KINDS = re.compile(
    r"[A-Z]+|[a-z]+|[0-9]+|[\u0391-\u03a9]+|[\u03b1-\u03c9]+|[^A-Za-z0-9\u0391-\u03c9]"
)
"""Runs of one alphabet: Latin, digits, Greek; other characters each for itself."""


def latin(rows: Named) -> Rows | None:
    """The square in numbers where it is Latin; None where it is none."""
    order = len(rows)
    first = set(rows[0])
    if len(first) != order or not HOLES.isdisjoint(first):
        return None
    if any(len(row) != order or set(row) != first for row in rows):
        return None
    if any(len(set(column)) != order for column in zip(*rows, strict=True)):
        return None
    return numbered(rows)


def nearly_latin(rows: Named) -> Rows | None:
    """The square in numbers where hardly a cell keeps it from being Latin; None otherwise."""
    order = len(rows)
    if order < 3 or any(len(row) != order for row in rows):
        return None
    counted = Counter(chain.from_iterable(rows)).most_common()
    symbols = {symbol for symbol, _ in counted[:order]}
    if not HOLES.isdisjoint(symbols):
        return None
    lines = chain(rows, zip(*rows, strict=True))
    missing = sum(order - len(symbols.intersection(line)) for line in lines)
    if missing > max(order, order * order // 4) or odd(symbol for symbol, _ in counted[order:]):
        return None
    return numbered(rows)


def divided(rows: Named, judge: Judge = latin) -> list[tuple[Rows, ...]]:
    """Every way to take n by n cells apart into Latin squares; mostly one or none."""
    ways: list[tuple[Rows, ...]] = []
    for layers in _ways(rows):
        squares = tuple(square for layer in layers if (square := judge(layer)) is not None)
        if len(squares) < len(layers):
            continue
        # What says the same was cut in more parts: `Ace` and `King` as `A ce` and `K ing`.
        patterns = {*map(_pattern, squares)}
        if all(patterns != {*map(_pattern, way)} for way in ways):
            ways.append(squares)
    return ways


def _pattern(square: Rows) -> Rows:
    """The square in symbols of which the first row has all in their order."""
    names = {symbol: number for number, symbol in enumerate(square[0])}
    return tuple(tuple(names.get(symbol, -1) for symbol in row) for row in square)


def likely(rows: Named) -> tuple[Rows, ...]:
    """The way to take cells apart that gives n symbols each, Latin or not; () where none does."""
    for layers in _ways(rows):
        if all(len({symbol for row in layer for symbol in row}) == len(rows) for layer in layers):
            return tuple(numbered(layer) for layer in layers)
    return ()


def run_together(rows: Named) -> tuple[str, str]:
    """Two ways to read one cell of two numbers with nothing between; '' twice where it has one."""
    cells = {cell for row in rows for cell in row}
    if len(cells) > len(rows):
        for splits in _splits(cells, len(rows)):
            two = sorted(ways for ways in splits.values() if len(ways) > 1)
            if two:
                (a, b), (c, d), *_ = two[0]
                return f"{a}.{b}", f"{c}.{d}"
    return "", ""


def _ways(rows: Named) -> Iterator[list[Named]]:
    cells = {cell for row in rows for cell in row}
    if len(cells) <= len(rows) or "" in cells:
        return
    for rule in _rules(cells, len(rows)):
        parts = {cell: rule(cell) for cell in cells}
        count = {len(part) for part in parts.values()}
        if len(count) == 1 and (number := count.pop()) > 1:
            # What is the same in every cell says nothing: the letters of `x1y2`.
            says = [at for at in range(number) if len({part[at] for part in parts.values()}) > 1]
            yield [[[parts[cell][at] for cell in row] for row in rows] for at in says]


def _rules(cells: set[str], order: int) -> Iterator[Callable[[str], Parts]]:
    lengths = {len(cell) for cell in cells}
    if any(_BETWEEN.search(cell) for cell in cells):
        yield lambda cell: [part for part in re.split(r"[^\w♠♥♦♣♤♡♢♧]|_", cell) if part]
        yield lambda cell: [part for kind in _BETWEEN.split(cell) for part in _KINDS.findall(kind)]
    yield _KINDS.findall
    if len(lengths) == 1:
        length = lengths.pop()
        yield list
        for at in range(1, length):
            yield partial(_cut, at)
    elif 1 not in lengths:
        yield lambda cell: [cell[0], cell[1:]]
        yield lambda cell: [cell[:-1], cell[-1]]
    for splits in _splits(cells, order):
        if all(len(ways) == 1 for ways in splits.values()):
            yield partial(_split, splits)
    if numbers := _counted(cells, order):
        least = min(numbers)
        yield lambda cell: [str(part) for part in divmod(int(cell) - least, order)]


def _cut(at: int, cell: str) -> Parts:
    return [cell[:at], cell[at:]]


def _split(splits: Mapping[str, list[tuple[str, str]]], cell: str) -> Parts:
    return list(splits[cell][0])


def _counted(cells: set[str], order: int) -> Sequence[int]:
    """The cells as numbers, where they are those that n squared have which follow one another."""
    if len(cells) < order * (order - 1) or not all(cell.isdecimal() for cell in cells):
        return ()
    numbers = sorted(int(cell) for cell in cells)
    return numbers if numbers[-1] - numbers[0] == order * order - 1 else ()


def _splits(cells: set[str], order: int) -> Iterator[dict[str, list[tuple[str, str]]]]:
    """Of numbers up to n run together, `1011`, each cell's ways to be two; they begin at 0 or 1."""
    if order < 10 or not all(cell.isdecimal() and 2 <= len(cell) <= 8 for cell in cells):
        return
    for least in (0, 1):
        numbers = {str(number) for number in range(least, least + order)}
        splits = {
            cell: [
                (cell[:at], cell[at:])
                for at in range(1, len(cell))
                if cell[:at] in numbers and cell[at:] in numbers
            ]
            for cell in cells
        }
        if all(splits.values()):
            yield splits
