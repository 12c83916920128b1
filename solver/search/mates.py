"""Orthogonal mates: n disjoint transversals that cover a Latin square.

Exact cover with minimum remaining values. The transversals are grouped by the cell they take in
one row, so a mate is one of each group, all disjoint. The smallest group is branched on and the
others filtered, until they are small enough for one machine word a group; then a table of who
is disjoint from whom turns every further step into eight ANDs.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.cover import UNKNOWN, keep, word_search
from solver.search.disjoint import (
    BOUND,
    CHOSEN,
    CONSTANT,
    FOUND,
    KEPT,
    LOWEST,
    ROWS,
    SCRATCH,
    SHIFTED,
    SPENT,
    START,
    SWAPPED,
    WANTED,
    WORD,
)
from solver.search.latin import MAX_ORDER, zeros

__all__ = ["UNKNOWN", "Mates"]


@final
class Mates:
    """Finds a mate among a square's transversals, in memory bounded when it is made."""

    def __init__(self, order: int, room: int = 1, transversals: int = 0) -> None:
        """About 0.4 MB up to order 10, 1.7 MB above; `room`: for so many mates of a square.

        `transversals`: of squares with so many, at least.
        """
        assert 1 <= order <= MAX_ORDER
        assert room >= 1
        self.order: i64 = order
        # Where the first row is grouped by in any case, the others need not be in order.
        self.sorted_rows: i64 = ROWS if order > 9 else 1
        # [depth]: the groups left, and which of them is chosen from.
        self.open_groups: vec[i64] = zeros(MAX_ORDER + 1)
        self.chosen_group: vec[i64] = zeros(MAX_ORDER + 1)
        self.scratch: vec[i64] = zeros(SCRATCH)
        self.lists: vec[i64] = zeros(max(4 * transversals, 32768 if order < 11 else 196608))
        self.counts: vec[i64] = zeros(256)
        self.kept: vec[i64] = zeros(16 * room)
        self.scratch[KEPT] = room
        constants = [
            0x5555_5555_5555_5555,
            0x3333_3333_3333_3333,
            0x0F0F_0F0F_0F0F_0F0F,
            0x0101_0101_0101_0101,
            0x0218_A392_CD3D_5DBF,
            1 << WORD,
            sum(1 << (4 * r) for r in range(order)),
            sum(8 << (4 * r) for r in range(order)),
        ]
        for i, constant in enumerate(constants):
            self.scratch[CONSTANT + i] = constant
        for mask in range(1, 256):
            self.scratch[LOWEST + mask] = 8 | ((mask & -mask).bit_length() - 1)

    def find(self, transversals: vec[i64], count: i64, bound: i64) -> i64:
        """Search for one mate of the square with these `count` transversals.

        Returns 1 where there is one (then see `rows`), 0 where there is none, UNKNOWN where
        more than `bound` steps were needed.
        """
        return self.search(transversals, count, bound, 1)

    def search(self, transversals: vec[i64], count: i64, bound: i64, wanted: i64) -> i64:
        """Search until `wanted` mates are found: 1; 0 where all there are, fewer, were found.

        UNKNOWN where the `bound` came first, or memory did not suffice. `found` tells how many.
        """
        n = self.order
        scratch = self.scratch
        scratch[SPENT] = 0
        scratch[BOUND] = bound
        scratch[FOUND] = 0
        scratch[WANTED] = wanted
        _count(self.counts, transversals, count, n)
        if not _sort_rows(scratch, self.counts, n, self.sorted_rows):
            return 0
        if not self._group(transversals, count):
            return UNKNOWN
        one: i64 = 1
        return _search(scratch, self.kept, self.lists, n, 0, (one << n) - 1)

    def divide(self, transversals: vec[i64], count: i64) -> i64:
        """Begin to go through all mates of a square in parts: `open`, `choose`, `search_below`.

        1, or 0 where there is none, UNKNOWN where memory does not suffice.
        """
        _count(self.counts, transversals, count, self.order)
        if not _sort_rows(self.scratch, self.counts, self.order, self.sorted_rows):
            return 0
        one: i64 = 1
        self.open_groups[0] = (one << self.order) - 1
        return 1 if self._group(transversals, count) else UNKNOWN

    def _group(self, transversals: vec[i64], count: i64) -> bool:
        return _group(
            self.scratch, self.lists, self.counts, transversals, count, self.order,
            self.sorted_rows,
        )  # fmt: skip

    def open(self, depth: i64) -> i64:
        """How many transversals the smallest group has that is left at a depth."""
        group = _smallest(self.scratch, self.order, depth, self.open_groups[depth])
        self.chosen_group[depth] = group
        return _size(self.scratch, depth, group)

    def divided_by(self) -> tuple[int, int]:
        """The cell, row and column, that the transversals of the first group have in common."""
        return int(self.scratch[SWAPPED]), int(self.chosen_group[0])

    def listed(self, depth: i64) -> int:
        """How many transversals are left at a depth."""
        at = START + depth * 16
        return int(self.scratch[(at + self.order) & 16383] - self.scratch[at & 16383])

    def choose(self, depth: i64, which: i64) -> i64:
        """Choose one of them, counted from 0, for what is then searched below.

        1, or 0 where that leaves no mate, UNKNOWN where memory does not suffice.
        """
        one: i64 = 1
        group = self.chosen_group[depth]
        rest = self.open_groups[depth] & ~(one << group)
        self.open_groups[depth + 1] = rest
        return _choose(self.scratch, self.lists, self.order, depth, group, which, rest)

    def search_below(self, depth: i64, bound: i64, wanted: i64) -> i64:
        """As `search`, for the mates with the transversals chosen above a depth."""
        scratch = self.scratch
        scratch[SPENT] = 0
        scratch[BOUND] = bound
        scratch[FOUND] = 0
        scratch[WANTED] = wanted
        rest = self.open_groups[depth]
        if rest == 0:
            scratch[SHIFTED] = depth
            return keep(scratch, self.kept, depth)
        return _search(scratch, self.kept, self.lists, self.order, depth, rest)

    def widen(self, room: int) -> None:
        """Make room for so many mates."""
        self.kept = zeros(16 * room)
        self.scratch[KEPT] = room

    def room(self) -> int:
        """How many mates there is room for."""
        return int(self.scratch[KEPT])

    def found(self) -> int:
        """Mates found by the last search; only as many as there is room for are kept."""
        return int(self.scratch[FOUND])

    def steps(self) -> int:
        """Steps of the last search."""
        return int(self.scratch[SPENT])

    def list_kept(self, into: vec[i64]) -> i64:
        """Put the mates kept in `into`, 16 words each, a packed transversal a symbol; how many."""
        count = min(self.scratch[FOUND], self.scratch[KEPT])
        i: i64 = 0
        while i < count:
            depth: i64 = 0
            while depth < self.order:
                into[i * 16 + depth] = self._packed(i * 16 + depth)
                depth += 1
            i += 1
        return count

    def _packed(self, at: i64) -> i64:
        """What is kept, with its rows in their own order again."""
        nibbles = self.kept[at]
        row = self.sorted_rows - 1
        while row >= 0:
            nibbles = _swap(nibbles, row, self.scratch[(SWAPPED + row) & 16383])
            row -= 1
        return nibbles

    def rows(self, which: int = 0) -> tuple[tuple[int, ...], ...]:
        """A mate kept, row by row; its symbols are 0 to n - 1 along its first row."""
        n = int(self.order)
        rows = [[0] * n for _ in range(n)]
        for depth in range(n):
            nibbles = self._packed(which * 16 + depth)
            symbol = int(nibbles & 15)
            for r in range(n):
                rows[r][int((nibbles >> (4 * r)) & 15)] = symbol
        return tuple(tuple(row) for row in rows)


def _swap(nibbles: i64, row: i64, other: i64) -> i64:
    """The transversal with two of its nibbles exchanged."""
    differ = ((nibbles >> (4 * row)) ^ (nibbles >> (4 * other))) & 15
    return nibbles ^ ((differ << (4 * row)) | (differ << (4 * other)))


def _count(counts: vec[i64], transversals: vec[i64], count: i64, n: i64) -> None:
    """Count the transversals through each cell."""
    assert len(counts) >= 256
    i: i64 = 0
    while i < 256:
        counts[i] = 0
        i += 1
    i = 0
    while i < count:
        nibbles = transversals[i]
        at: i64 = 0
        while at < n * 16:
            counts[(at + (nibbles & 15)) & 255] += 1
            nibbles >>= 4
            at += 16
        i += 1


def _sort_rows(scratch: vec[i64], counts: vec[i64], n: i64, rows: i64) -> bool:
    """Exchange rows so that the first of them have the scarcest cells; False where one has none.

    The counts are exchanged with them.
    """
    assert len(counts) >= 256
    row: i64 = 0
    while row < min(rows, n):
        least: i64 = -1
        scarcest: i64 = row
        r = row
        while r < n:
            c: i64 = 0
            while c < n:
                size = counts[(r * 16 + c) & 255]
                if least < 0 or size < least:
                    least = size
                    scarcest = r
                c += 1
            r += 1
        if least == 0:
            return False
        scratch[(SWAPPED + row) & 16383] = scarcest
        c = 0
        while c < n:
            at = (row * 16 + c) & 255
            other = (scarcest * 16 + c) & 255
            size = counts[at]
            counts[at] = counts[other]
            counts[other] = size
            c += 1
        row += 1
    return True


def _group(
    scratch: vec[i64],
    lists: vec[i64],
    counts: vec[i64],
    transversals: vec[i64],
    count: i64,
    n: i64,
    rows: i64,
) -> bool:
    """Sort the transversals by their column in the scarcest row; False where they do not fit."""
    assert len(scratch) >= SCRATCH
    assert len(counts) >= 256
    if count > len(lists):
        return False
    place: i64 = 0
    g: i64 = 0
    while g < n:
        scratch[(START + g) & 16383] = place
        size = counts[g & 255]
        counts[g & 255] = place
        place += size
        g += 1
    scratch[(START + n) & 16383] = place
    i: i64 = 0
    while i < count:
        nibbles = transversals[i]
        i += 1
        row: i64 = 0
        while row < rows:
            nibbles = _swap(nibbles, row, scratch[(SWAPPED + row) & 16383])
            row += 1
        at = counts[nibbles & 15]
        counts[nibbles & 15] = at + 1
        lists[at] = nibbles
    return True


def _search(
    scratch: vec[i64], kept: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64
) -> i64:
    """Branch on the smallest of the `remaining` groups (a mask), filtering the others' lists."""
    assert len(scratch) >= SCRATCH
    start = START + depth * 16
    smallest: i64 = 0
    least: i64 = len(lists) + 1
    most: i64 = 0
    groups: i64 = 0
    g: i64 = 0
    while g < n:
        if (remaining >> g) & 1:
            size = scratch[(start + g + 1) & 16383] - scratch[(start + g) & 16383]
            if size < least:
                least = size
                smallest = g
            most = max(most, size)
            groups += 1
        g += 1
    if groups <= 9 and most <= WORD:
        return word_search(scratch, kept, lists, n, depth)
    total = scratch[(start + n) & 16383]
    if total + total - scratch[start & 16383] > len(lists):
        return UNKNOWN
    one: i64 = 1
    rest = remaining & ~(one << smallest)
    i = scratch[(start + smallest) & 16383]
    end = scratch[(start + smallest + 1) & 16383]
    while i < end:
        scratch[SPENT] += 1
        if scratch[SPENT] > scratch[BOUND]:
            return UNKNOWN
        if _filter(scratch, lists, n, depth, rest, lists[i]):
            scratch[(CHOSEN + depth) & 16383] = lists[i]
            answer = _search(scratch, kept, lists, n, depth + 1, rest)
            if answer != 0:
                return answer
        i += 1
    return 0


def _size(scratch: vec[i64], depth: i64, group: i64) -> i64:
    """How many transversals a group lists at a depth."""
    at = START + depth * 16 + group
    return scratch[(at + 1) & 16383] - scratch[at & 16383]


def _smallest(scratch: vec[i64], n: i64, depth: i64, remaining: i64) -> i64:
    """The group of the `remaining` that lists the fewest at a depth."""
    smallest: i64 = -1
    least: i64 = 0
    g: i64 = 0
    while g < n:
        if (remaining >> g) & 1:
            size = _size(scratch, depth, g)
            if smallest < 0 or size < least:
                least = size
                smallest = g
        g += 1
    return smallest


def _choose(
    scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, group: i64, which: i64, rest: i64
) -> i64:
    """Choose a transversal of a group and list, one depth down, what of the `rest` is disjoint.

    0 where a group runs empty, UNKNOWN where the lists do not fit, else 1.
    """
    total = scratch[(START + depth * 16 + n) & 16383]
    if total + total - scratch[(START + depth * 16) & 16383] > len(lists):
        return UNKNOWN
    chosen = lists[scratch[(START + depth * 16 + group) & 16383] + which]
    if not _filter(scratch, lists, n, depth, rest, chosen):
        return 0
    scratch[(CHOSEN + depth) & 16383] = chosen
    return 1


def _filter(scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, rest: i64, chosen: i64) -> bool:
    """List, one depth down, what is disjoint from `chosen`; False where a group runs empty."""
    assert len(scratch) >= SCRATCH
    ones = scratch[CONSTANT + 6]
    highs = scratch[CONSTANT + 7]
    start = START + depth * 16
    place = scratch[(start + n) & 16383]
    g: i64 = 0
    while g < n:
        scratch[(start + 16 + g) & 16383] = place
        if (rest >> g) & 1:
            before = place
            i = scratch[(start + g) & 16383]
            end = scratch[(start + g + 1) & 16383]
            while i < end:
                other = lists[i]
                differ = other ^ chosen
                lists[place] = other
                # A nibble of 0, a shared cell, borrows into its high bit.
                if (differ - ones) & ~differ & highs == 0:
                    place += 1
                i += 1
            if place == before:
                return False
        g += 1
    scratch[(start + 16 + n) & 16383] = place
    return True
