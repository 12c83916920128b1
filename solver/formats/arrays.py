"""Orthogonal arrays, tables of row, column and symbol, b-files: a run or a term a line."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

from solver.formats.cells import Judge, Reading
from solver.formats.items import Problem
from solver.formats.symbols import Named, Row, numbered

_LONGEST = 9
"""Digits of a term's number."""
_FEWEST = 8
"""Runs of the smallest array: order 3 without one run."""


def array(table: Sequence[Sequence[str]], _: int, judge: Judge) -> Reading:
    """An orthogonal array, a run a line: two columns say the cell, the others its symbols.

    Columns in which no symbol comes twice number the runs.
    """
    order = math.isqrt(len(table))
    if order < 2 or order * order != len(table) or not 3 <= len(table[0]) <= order + 3:
        return []
    columns = [
        numbered([column])[0]
        for column in zip(*table, strict=True)
        if len(set(column)) < max(len(table), 5)
    ]
    if not 3 <= len(columns) <= order + 1:
        return []
    rows, cells, *symbols = columns
    if {max(rows), max(cells)} != {order - 1}:
        return []
    if len(set(zip(rows, cells, strict=True))) < len(table):
        return []
    squares = []
    for column in symbols:
        where = dict(zip(zip(rows, cells, strict=True), column, strict=True))
        one = judge([[str(where[r, c]) for c in range(order)] for r in range(order)])
        if one is None:
            return []
        squares.append(one)
    return [tuple(squares)]


def turned(table: Sequence[Sequence[str]], group: int, judge: Judge) -> Reading:
    """An orthogonal array, a factor a line."""
    if len(table) >= len(table[0]):
        return []
    return array(list(zip(*table, strict=True)), group, judge)


def parted(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """Arrays that stand behind one another: each begins with the cell of the first run."""
    starts = [at for at, row in enumerate(rows) if row.words[:2] == rows[0].words[:2]]
    starts = [0, *(at for last, at in pairwise(starts) if at - last >= _FEWEST)]
    ends = [*starts[1:], len(rows)]
    if len(ends) > 1 and ends[-1] - starts[-1] < _FEWEST:
        starts, ends = starts[:-1], [*ends[:-2], ends[-1]]
    return [rows[start:end] for start, end in zip(starts, ends, strict=True)]


def array_flaw(rows: Sequence[Row]) -> Problem | None:
    """One sentence on a run or term that is missing or there twice; None where these are none."""
    group = rows[0].group
    if 2 < group < len(rows[0].words) and all(row.group == group for row in rows):
        words = [*chain.from_iterable(row.words for row in rows)]
        table: Named = [words[at : at + group] for at in range(0, len(words), group)]
        where = [f"run {number}" for number in range(1, len(table) + 1)]
    else:
        table = [row.words for row in rows]
        where = [f"line {row.line}" for row in rows]
    if 2 < len(table) < len(table[0]) and len({*map(len, table)}) == 1:
        table = list(zip(*table, strict=True))
        where = [f"run {number}" for number in range(1, len(table) + 1)]
    width = len(table[-1])
    if len(table[0]) == width and not set(table[0]) & {word for run in table[1:] for word in run}:
        table, where = table[1:], where[1:]
    if len(table) < _FEWEST or width < 2 or any(len(run) != width for run in table):
        return None
    said = _list_flaw(table, where) if width == 2 else _runs_flaw(table, where)
    return Problem(rows[0].line, f"line {rows[0].line}: {said}.") if said else None


def in_runs_flaw(rows: Sequence[Row]) -> Problem:
    """One sentence on an array with blank lines between its runs, and not whole."""
    line = rows[0].line
    return array_flaw(rows) or Problem(
        line,
        f"line {line}: the array begun here ends behind {len(rows):,} runs, and not as arrays of "
        "Latin squares do: give n times n runs, one for each cell, and no blank lines between.",
    )


def _list_flaw(table: Named, where: Sequence[str]) -> str:
    """What is wrong with the numbers before the terms of a list."""
    if not all(number.isdecimal() and len(number) <= _LONGEST for number, _ in table):
        return ""
    numbers = [int(number) for number, _ in table]
    breaks = [at for at, (a, b) in enumerate(pairwise(numbers), 1) if b - a != 1]
    if len(breaks) > 2:
        return ""
    if not breaks:
        return f"the list begun here has {len(table):,} terms: squares need n times n, each n times"
    at = breaks[0]
    return (
        f"the list begun here goes from {numbers[at - 1]} to {numbers[at]} ({where[at]}): number "
        "its terms one by one, and leave none out"
    )


def _cut_off(table: Named) -> str:
    """Where runs end that begin as those of an array do, cell by cell; '' where they do not."""
    first = [run[0] for run in table]
    columns = [*dict.fromkeys(run[1] for run in table)]
    order = len(columns)
    rows = [*dict.fromkeys(first)]
    if not 2 < order < len(table) < order * order or any(len(set(run)) > order for run in table):
        return ""
    cells = [(row, column) for row in rows for column in columns][: len(table)]
    if cells != [(run[0], run[1]) for run in table]:
        return ""
    return (
        f"the array begun here has {len(table):,} of {order * order:,} runs: it is "
        f"cut off behind row {table[-1][0]}, column {table[-1][1]}"
    )


def _runs_flaw(table: Named, where: Sequence[str]) -> str:
    """Which cells no run or two runs give; '' where these are no runs of an array."""
    if cut_off := _cut_off(table):
        return cut_off
    order = round(math.sqrt(len(table)))
    for first in (0, 1):
        if len(table[0]) < first + 3 or (first and len({run[0] for run in table}) < len(table)):
            continue
        rows, columns = (_names([run[first + which] for run in table], order) for which in (0, 1))
        seen: dict[tuple[str, str], str] = {}
        doubled = ""
        odd = ""
        for run, place in zip(table, where, strict=True):
            cell = run[first], run[first + 1]
            if cell[0] not in rows or cell[1] not in columns:
                odd = odd or f"{place} gives row {cell[0]}, column {cell[1]}, which is in no other"
            elif cell in seen:
                doubled = (
                    doubled or f"row {cell[0]}, column {cell[1]} twice ({seen[cell]}, {place})"
                )
            seen.setdefault(cell, place)
        missing = [(r, c) for r in rows for c in columns if (r, c) not in seen]
        if len(rows) != order or len(columns) != order or len(missing) > order:
            continue
        lost = f"no row {missing[0][0]}, column {missing[0][1]}" if missing else ""
        if len(missing) > 1:
            lost += f" ({len(missing):,} cells are missing)"
        if found := "; ".join(filter(None, (odd, doubled, lost))):
            return (
                f"the {len(table):,} runs of an array of order {order} begun here have {found}: "
                "give each cell one run"
            )
    return ""


def _names(column: Sequence[str], order: int) -> list[str]:
    """The names of rows or columns: those that most runs have."""
    counted = Counter(column).most_common(order + 1)
    return sorted(
        (name for name, times in counted[:order] if times > 1), key=lambda name: (len(name), name)
    )


class PagedRuns:
    """Takes the runs of an array one by one, where it lists one cell behind the other."""

    def __init__(self) -> None:
        self._ways = [_Cells(0, 1), _Cells(1, 0), _Cells(1, 2), _Cells(2, 1)]
        self._width = 0

    def go_on(self, rows: Sequence[Row]) -> bool:
        """Whether these may be the next runs."""
        return bool(self._ways) and all(self._goes_on(row.words) for row in rows)

    @property
    def whole(self) -> bool:
        """Whether there are as many as an array has."""
        return any(way.whole for way in self._ways)

    def _goes_on(self, words: Sequence[str]) -> bool:
        self._width = self._width or len(words)
        if len(words) != self._width:
            return False
        self._ways = [way for way in self._ways if way.goes_on(words)]
        return bool(self._ways)


class _Cells:
    """Takes cells one by one: one name stays the same until the other has had its turn."""

    def __init__(self, slow: int, fast: int) -> None:
        self._slow, self._fast = slow, fast
        self._had: dict[str, None] = {}
        self._turn: dict[str, None] = {}
        self._names: list[str] = []
        self._number = 0

    def goes_on(self, words: Sequence[str]) -> bool:
        """Whether this run has the next cell, and a symbol at least."""
        if len(words) < max(self._slow, self._fast) + 2:
            return False
        slow, fast = words[self._slow], words[self._fast]
        if not self._names and slow in (self._had or {slow: None}):
            if fast in self._turn:
                return False
            self._had[slow] = self._turn[fast] = None
            self._number += 1
            return True
        self._names = self._names or [*self._turn]
        order = len(self._names)
        at = self._number % order
        self._number += 1
        new = slow not in self._had
        self._had[slow] = None
        stays = new if at == 0 else slow == next(reversed(self._had))
        return order > 1 and len(self._had) <= order and stays and fast == self._names[at]

    @property
    def whole(self) -> bool:
        """Whether all cells have been there."""
        return self._number == len(self._names) ** 2 > 0
