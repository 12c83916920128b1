"""Orthogonal mates: n disjoint transversals that cover a Latin square.

Exact cover with minimum remaining values. The transversals are grouped by the cell they take in
one row, so a mate is one of each group, all disjoint. The smallest group is branched on and the
others filtered, until they are small enough for one machine word a group; then a table of who
is disjoint from whom turns every further step into eight ANDs.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.latin import MAX_ORDER, zeros

WORD: Final = 61
"""Transversals a group may have in the word search; bit 61 marks a group already used."""

# Offsets into the flat scratch table.
DISJOINT: Final = 0  # [transversal, group]: the group's members disjoint from it
THROUGH: Final = 8192  # [row, column, group]: the group's members through that cell
LISTED: Final = 12288  # [transversal]: its nibbles
BASE: Final = 13312  # [group]: its first transversal's number
CHOSEN: Final = 13328  # [depth]: the transversals of the mate being built
NUMBER: Final = 13376  # [64]: bit numbers, by de Bruijn product
CONSTANT: Final = 13440
SPENT: Final = 13448  # search steps so far
BOUND: Final = 13449  # steps after which the search gives up
START: Final = 14336  # [depth, group]: where its list begins
SCRATCH: Final = 16384

UNKNOWN: Final = -1
"""The search gave up at its bound: whether there is a mate is not known."""


@final
class Mates:
    """Finds a mate among a square's transversals, in memory bounded when it is made."""

    def __init__(self, order: int) -> None:
        """About 0.4 MB up to order 10, 1.7 MB above."""
        assert 1 <= order <= MAX_ORDER
        self.order: i64 = order
        self.line: i64 = 0
        self.scratch: vec[i64] = zeros(SCRATCH)
        self.lists: vec[i64] = zeros(32768 if order < 11 else 196608)
        self.counts: vec[i64] = zeros(256)
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
        for i in range(64):
            product = (constants[4] << i) & (2**64 - 1)
            self.scratch[NUMBER + (product >> 58)] = i

    def find(self, transversals: vec[i64], count: i64, bound: i64) -> i64:
        """Search for one mate of the square with these `count` transversals.

        Returns 1 where there is one (then see `rows`), 0 where there is none, UNKNOWN where
        more than `bound` steps were needed.
        """
        n = self.order
        scratch = self.scratch
        scratch[SPENT] = 0
        scratch[BOUND] = bound
        self.line = _scarcest_row(self.counts, transversals, count, n)
        if self.line < 0:
            return 0
        if not _group(scratch, self.lists, self.counts, transversals, count, n, self.line):
            return UNKNOWN
        one: i64 = 1
        return _search(scratch, self.lists, n, 0, (one << n) - 1)

    def steps(self) -> int:
        """Steps of the last search."""
        return int(self.scratch[SPENT])

    def rows(self) -> list[list[int]]:
        """The mate last found, row by row; its symbols are 0 to n - 1 along its first row."""
        n = int(self.order)
        rows = [[0] * n for _ in range(n)]
        for depth in range(n):
            nibbles = _swap(self.scratch[CHOSEN + depth], self.line)
            symbol = int(nibbles & 15)
            for r in range(n):
                rows[r][int((nibbles >> (4 * r)) & 15)] = symbol
        return rows


def _swap(nibbles: i64, line: i64) -> i64:
    """The transversal with its nibbles 0 and `line` exchanged."""
    differ = (nibbles ^ (nibbles >> (4 * line))) & 15
    return nibbles ^ (differ | (differ << (4 * line)))


def _scarcest_row(counts: vec[i64], transversals: vec[i64], count: i64, n: i64) -> i64:
    """Count the transversals through each cell; returns the scarcest cell's row, -1 for none."""
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
    row: i64 = 0
    least = count + 1
    r: i64 = 0
    while r < n:
        c: i64 = 0
        while c < n:
            if counts[(r * 16 + c) & 255] < least:
                least = counts[(r * 16 + c) & 255]
                row = r
            c += 1
        r += 1
    return row if least > 0 else -1


def _group(
    scratch: vec[i64],
    lists: vec[i64],
    counts: vec[i64],
    transversals: vec[i64],
    count: i64,
    n: i64,
    line: i64,
) -> bool:
    """Sort the transversals by their column in row `line`; False where they do not fit."""
    assert len(scratch) >= SCRATCH
    assert len(counts) >= 256
    if count > len(lists):
        return False
    place: i64 = 0
    g: i64 = 0
    while g < n:
        scratch[(START + g) & 16383] = place
        size = counts[(line * 16 + g) & 255]
        counts[(line * 16 + g) & 255] = place
        place += size
        g += 1
    scratch[(START + n) & 16383] = place
    i: i64 = 0
    while i < count:
        nibbles = transversals[i]
        g = (nibbles >> (4 * line)) & 15
        at = counts[(line * 16 + g) & 255]
        counts[(line * 16 + g) & 255] = at + 1
        lists[at] = _swap(nibbles, line)
        i += 1
    return True


def _search(scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64) -> i64:
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
        return _word_search(scratch, lists, n, depth, remaining)
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
            answer = _search(scratch, lists, n, depth + 1, rest)
            if answer != 0:
                return answer
        i += 1
    return 0


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


def _word_search(scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64) -> i64:
    """Number the remaining transversals group by group, smallest group first, and search."""
    assert len(scratch) >= SCRATCH
    start = START + depth * 16
    groups: i64 = 0
    g: i64 = 0
    while g < n:
        if (remaining >> g) & 1:
            size = scratch[(start + g + 1) & 16383] - scratch[(start + g) & 16383]
            at = groups
            while at > 0 and _size_at(scratch, start, at - 1) > size:
                scratch[(BASE + at) & 16383] = scratch[(BASE + at - 1) & 16383]
                at -= 1
            scratch[(BASE + at) & 16383] = g
            groups += 1
        g += 1
    i: i64 = THROUGH
    while i < THROUGH + 4096:
        scratch[i & 16383] = 0
        i += 1
    number: i64 = 0
    at = 0
    while at < 9:
        if at < groups:
            g = scratch[(BASE + at) & 16383]
            scratch[(BASE + at) & 16383] = number
            number = _number_group(scratch, lists, n, start + g, at - 1, number)
        at += 1
    scratch[(BASE + groups) & 16383] = number
    _tabulate(scratch, n, number)
    return _first_group(scratch, depth, groups)


def _size_at(scratch: vec[i64], start: i64, at: i64) -> i64:
    g = scratch[(BASE + at) & 16383]
    return scratch[(start + g + 1) & 16383] - scratch[(start + g) & 16383]


def _number_group(
    scratch: vec[i64], lists: vec[i64], n: i64, list_at: i64, word: i64, number: i64
) -> i64:
    """Give a group's transversals the next numbers and enter them in THROUGH[..., word]."""
    assert len(scratch) >= SCRATCH
    i = scratch[list_at & 16383]
    end = scratch[(list_at + 1) & 16383]
    bit: i64 = 1
    while i < end:
        nibbles = lists[i]
        scratch[(LISTED + number) & 16383] = nibbles
        number += 1
        i += 1
        if word < 0:
            continue
        at = THROUGH + word
        while at < THROUGH + n * 128:
            scratch[(at + ((nibbles & 15) << 3)) & 16383] |= bit
            nibbles >>= 4
            at += 128
        bit += bit
    return number


def _tabulate(scratch: vec[i64], n: i64, count: i64) -> None:
    """Fill DISJOINT for `count` transversals from THROUGH."""
    assert len(scratch) >= SCRATCH
    k: i64 = 0
    while k < count:
        nibbles = scratch[(LISTED + k) & 16383]
        a0: i64 = 0
        a1: i64 = 0
        a2: i64 = 0
        a3: i64 = 0
        a4: i64 = 0
        a5: i64 = 0
        a6: i64 = 0
        a7: i64 = 0
        row: i64 = THROUGH
        while row < THROUGH + n * 128:
            at = (row + ((nibbles & 15) << 3)) & 16376
            a0 |= scratch[at]
            a1 |= scratch[at + 1]
            a2 |= scratch[at + 2]
            a3 |= scratch[at + 3]
            a4 |= scratch[at + 4]
            a5 |= scratch[at + 5]
            a6 |= scratch[at + 6]
            a7 |= scratch[at + 7]
            nibbles >>= 4
            row += 128
        at = (DISJOINT + k * 8) & 8184
        scratch[at] = ~a0
        scratch[at + 1] = ~a1
        scratch[at + 2] = ~a2
        scratch[at + 3] = ~a3
        scratch[at + 4] = ~a4
        scratch[at + 5] = ~a5
        scratch[at + 6] = ~a6
        scratch[at + 7] = ~a7
        k += 1


def _first_group(scratch: vec[i64], depth: i64, groups: i64) -> i64:
    """Try each member of the smallest group, which has no word of its own."""
    assert len(scratch) >= SCRATCH
    used = scratch[CONSTANT + 5]
    full = zeros(8)
    word: i64 = 0
    while word < 8:
        full[word] = used
        if word + 1 < groups:
            size = scratch[(BASE + word + 2) & 16383] - scratch[(BASE + word + 1) & 16383]
            # Not 1 << size: mypyc emits that as a C int, wrong from 31 on.
            full[word] = (used >> (WORD - size)) - 1
        word += 1
    k: i64 = 0
    end = scratch[BASE + 1]
    while k < end:
        scratch[SPENT] += 1
        at = (DISJOINT + k * 8) & 8184
        k += 1
        b0 = full[0] & scratch[at]
        b1 = full[1] & scratch[at + 1]
        b2 = full[2] & scratch[at + 2]
        b3 = full[3] & scratch[at + 3]
        b4 = full[4] & scratch[at + 4]
        b5 = full[5] & scratch[at + 5]
        b6 = full[6] & scratch[at + 6]
        b7 = full[7] & scratch[at + 7]
        if b0 == 0 or b1 == 0 or b2 == 0 or b3 == 0 or b4 == 0 or b5 == 0 or b6 == 0 or b7 == 0:
            continue
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + k - 1) & 16383]
        if groups == 1:
            return 1
        answer = _cover(scratch, depth + 1, groups - 1, b0, b1, b2, b3, b4, b5, b6, b7)
        if answer != 0:
            return answer
    return 0


def _cover(
    scratch: vec[i64],
    depth: i64,
    left: i64,
    c0: i64,
    c1: i64,
    c2: i64,
    c3: i64,
    c4: i64,
    c5: i64,
    c6: i64,
    c7: i64,
) -> i64:
    """Choose one of each of the `left` groups whose live members are the words c0 to c7."""
    assert len(scratch) >= SCRATCH
    k55 = scratch[CONSTANT]
    k33 = scratch[CONSTANT + 1]
    k0f = scratch[CONSTANT + 2]
    k01 = scratch[CONSTANT + 3]
    used = scratch[CONSTANT + 5]
    # (members, 64 more where used) << 3 | group: the least names the smallest live group.
    best = _rank(c0, 0, k55, k33, k0f, k01)
    best = min(best, _rank(c1, 1, k55, k33, k0f, k01))
    best = min(best, _rank(c2, 2, k55, k33, k0f, k01))
    best = min(best, _rank(c3, 3, k55, k33, k0f, k01))
    best = min(best, _rank(c4, 4, k55, k33, k0f, k01))
    best = min(best, _rank(c5, 5, k55, k33, k0f, k01))
    best = min(best, _rank(c6, 6, k55, k33, k0f, k01))
    best = min(best, _rank(c7, 7, k55, k33, k0f, k01))
    group = best & 7
    live: i64
    if group == 0:
        live = c0
        c0 = used
    elif group == 1:
        live = c1
        c1 = used
    elif group == 2:
        live = c2
        c2 = used
    elif group == 3:
        live = c3
        c3 = used
    elif group == 4:
        live = c4
        c4 = used
    elif group == 5:
        live = c5
        c5 = used
    elif group == 6:
        live = c6
        c6 = used
    else:
        live = c7
        c7 = used
    base = scratch[(BASE + 1 + group) & 16383]
    debruijn = scratch[CONSTANT + 4]
    scratch[SPENT] += best >> 3
    if scratch[SPENT] > scratch[BOUND]:
        return UNKNOWN
    while live != 0:
        low = live & -live
        live ^= low
        number = base + scratch[(NUMBER + (((low * debruijn) >> 58) & 63)) & 16383]
        at = (DISJOINT + number * 8) & 8184
        b0 = c0 & scratch[at]
        if b0 == 0:
            continue
        b1 = c1 & scratch[at + 1]
        if b1 == 0:
            continue
        b2 = c2 & scratch[at + 2]
        if b2 == 0:
            continue
        b3 = c3 & scratch[at + 3]
        if b3 == 0:
            continue
        b4 = c4 & scratch[at + 4]
        if b4 == 0:
            continue
        b5 = c5 & scratch[at + 5]
        if b5 == 0:
            continue
        b6 = c6 & scratch[at + 6]
        if b6 == 0:
            continue
        b7 = c7 & scratch[at + 7]
        if b7 == 0:
            continue
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + number) & 16383]
        if left == 1:
            return 1
        answer = _cover(scratch, depth + 1, left - 1, b0, b1, b2, b3, b4, b5, b6, b7)
        if answer != 0:
            return answer
    return 0


def _rank(word: i64, group: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    """The word's members, 64 more where it is used, times 8, plus its group."""
    x = word - ((word >> 1) & k55)
    x = (x & k33) + ((x >> 2) & k33)
    x = (x + (x >> 4)) & k0f
    members = ((x * k01) >> 56) & 255
    return ((members + ((word >> WORD) << 6)) << 3) | group
