"""The mate of a square that is nearest to being orthogonal to another of its mates.

A mate is a set of disjoint transversals, and of each it counts how many symbols of the other
square it misses. So this is exact cover at the least cost, by branch and bound: what is missed so
far, and at least by the groups still open, must stay below the best.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import zeros

COST_AT: Final = 48
"""A transversal's cost stands above its nibbles."""
LISTS: Final = 65536

# Offsets into the flat scratch table.
CHOSEN: Final = 0  # [depth]
BEST: Final = 16  # [depth]: the cheapest cover so far
CONSTANT: Final = 32  # ones, then high bits, of nibbles
SPENT: Final = 40
BOUND: Final = 41
LIMIT: Final = 42  # what the cheapest cover so far costs
START: Final = 256  # [depth, group]: where its list begins
SCRATCH: Final = 1024


@final
class Nearest:
    """Finds the cheapest mate among transversals of one order, up to 12."""

    def __init__(self, order: int) -> None:
        """About 0.5 MB."""
        self.order: i64 = order
        self.scratch: vec[i64] = zeros(SCRATCH)
        self.lists: vec[i64] = zeros(LISTS)
        self.scratch[CONSTANT] = sum(1 << (4 * r) for r in range(order))
        self.scratch[CONSTANT + 1] = sum(8 << (4 * r) for r in range(order))

    def find(
        self, transversals: vec[i64], count: i64, other: vec[i64], limit: i64, bound: i64
    ) -> i64:
        """The cost of the cheapest mate, against the square `other` (16 cells a row).

        `limit` where none is cheaper, or none was found within `bound` steps; else see `rows`.
        """
        n = self.order
        scratch = self.scratch
        scratch[SPENT] = 0
        scratch[BOUND] = bound
        scratch[LIMIT] = limit
        if count * 2 > LISTS:
            return limit
        _group(scratch, self.lists, transversals, count, other, n)
        one: i64 = 1
        _search(scratch, self.lists, n, 0, (one << n) - 1, 0)
        return scratch[LIMIT]

    def steps(self) -> int:
        """Steps of the last search."""
        return int(self.scratch[SPENT])

    def rows(self) -> tuple[tuple[int, ...], ...]:
        """The cheapest mate, its symbols 0 to n - 1 along its first row."""
        n = int(self.order)
        rows = [[0] * n for _ in range(n)]
        for depth in range(n):
            nibbles = self.scratch[BEST + depth]
            symbol = int(nibbles & 15)
            for r in range(n):
                rows[r][int((nibbles >> (4 * r)) & 15)] = symbol
        return tuple(tuple(row) for row in rows)


def _cost(nibbles: i64, other: vec[i64], n: i64) -> i64:
    """How many symbols of `other` a transversal misses."""
    assert len(other) >= 256
    one: i64 = 1
    symbols: i64 = 0
    row: i64 = 0
    while row < n * 16:
        symbols |= one << other[(row + (nibbles & 15)) & 255]
        nibbles >>= 4
        row += 16
    missed = n
    while symbols != 0:
        symbols &= symbols - 1
        missed -= 1
    return missed


def _group(
    scratch: vec[i64], lists: vec[i64], transversals: vec[i64], count: i64, other: vec[i64], n: i64
) -> None:
    """Sort the transversals by their column in row 0, the cheap ones first in each group."""
    assert len(scratch) >= SCRATCH
    assert len(lists) >= LISTS
    sizes = zeros(256)
    assert len(sizes) >= 256
    i: i64 = 0
    while i < count:
        nibbles = transversals[i]
        cost = _cost(nibbles, other, n)
        sizes[((nibbles & 15) * 16 + cost) & 255] += 1
        # The second half of the lists is free until the search begins.
        lists[(32768 + i) & 65535] = nibbles | (cost << COST_AT)
        i += 1
    place: i64 = 0
    at: i64 = 0
    while at < 256:
        if at & 15 == 0 and at >> 4 <= n:
            scratch[(START + (at >> 4)) & 1023] = place
        size = sizes[at]
        sizes[at] = place
        place += size
        at += 1
    i = 0
    while i < count:
        priced = lists[(32768 + i) & 65535]
        at = ((priced & 15) * 16 + (priced >> COST_AT)) & 255
        lists[sizes[at] & 65535] = priced
        sizes[at] += 1
        i += 1


def _search(
    scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64, cost: i64
) -> bool:
    """Branch on the group with the fewest choices left; False where the bound was reached."""
    assert len(scratch) >= SCRATCH
    assert len(lists) >= LISTS
    start = START + depth * 16
    least: i64 = cost
    g: i64 = 0
    while g < n:
        if (remaining >> g) & 1:
            least += lists[scratch[(start + g) & 1023] & 65535] >> COST_AT
        g += 1
    slack = scratch[LIMIT] - 1 - least
    if slack < 0:
        return True
    fewest: i64 = LISTS
    group: i64 = 0
    g = 0
    while g < n:
        if (remaining >> g) & 1:
            i = scratch[(start + g) & 1023]
            end = scratch[(start + g + 1) & 1023]
            top = (lists[i & 65535] >> COST_AT) + slack
            first = i
            while i < end and i - first < fewest and lists[i & 65535] >> COST_AT <= top:
                i += 1
            if i - first < fewest:
                fewest = i - first
                group = g
        g += 1
    one: i64 = 1
    rest = remaining & ~(one << group)
    i = scratch[(start + group) & 1023]
    end = scratch[(start + group + 1) & 1023]
    cheapest = lists[i & 65535] >> COST_AT
    while i < end:
        priced = lists[i & 65535]
        extra = priced >> COST_AT
        # The limit may have come down since.
        if least + extra - cheapest >= scratch[LIMIT]:
            return True
        scratch[(CHOSEN + depth) & 1023] = priced
        if rest == 0:
            _note(scratch, n, cost + extra)
            return True
        if not _filter(scratch, lists, n, depth, rest, priced):
            i += 1
            if scratch[SPENT] > scratch[BOUND]:
                return False
            continue
        if not _search(scratch, lists, n, depth + 1, rest, cost + extra):
            return False
        i += 1
    return True


def _note(scratch: vec[i64], n: i64, cost: i64) -> None:
    """CHOSEN holds the cheapest cover so far."""
    scratch[LIMIT] = cost
    depth: i64 = 0
    while depth < n:
        scratch[BEST + depth] = scratch[CHOSEN + depth]
        depth += 1


def _filter(scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, rest: i64, chosen: i64) -> bool:
    """List, one depth down, what is disjoint from `chosen`; False where a group runs empty."""
    assert len(scratch) >= SCRATCH
    assert len(lists) >= LISTS
    ones = scratch[CONSTANT]
    highs = scratch[CONSTANT + 1]
    start = START + depth * 16
    place = scratch[(start + n) & 1023]
    if place + place - scratch[start & 1023] > LISTS:
        scratch[SPENT] = scratch[BOUND] + 1
        return False
    g: i64 = 0
    while g < n:
        scratch[(start + 16 + g) & 1023] = place
        if (rest >> g) & 1:
            before = place
            i = scratch[(start + g) & 1023]
            end = scratch[(start + g + 1) & 1023]
            scratch[SPENT] += end - i
            while i < end:
                other = lists[i & 65535]
                differ = other ^ chosen
                lists[place & 65535] = other
                # A nibble of 0, a shared cell, borrows into its high bit.
                if (differ - ones) & ~differ & highs == 0:
                    place += 1
                i += 1
            if place == before:
                return False
        g += 1
    scratch[(start + 16 + n) & 1023] = place
    return True
