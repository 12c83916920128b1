"""The last levels of the search for mates: groups of one machine word each.

The transversals still in play become bits, a word a group, and a table of who is disjoint from
whom turns each further choice into eight ANDs. Laid out for the C that mypyc makes of it: one
flat table, masked indexes, groups unrolled by hand, and no branch that could be guessed wrong on
which group is chosen.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final

from librt.vecs import vec
from mypy_extensions import i64

WORD: Final = 61
"""Transversals a group may have here; bit 61 alone stands for a group that is none."""

# Offsets into the flat scratch table.
DISJOINT: Final = 0  # [slot, group]: the group's members disjoint from it
THROUGH: Final = 8192  # [row, column, group]: the group's members through that cell
LISTED: Final = 12288  # [slot]: a transversal's nibbles
SIZE: Final = 13312  # [group]: its members, the smallest group first
CHOSEN: Final = 13328  # [depth]: the transversals of the mate being built
CONSTANT: Final = 13440
SPENT: Final = 13448  # search steps so far
BOUND: Final = 13449  # steps after which the search gives up
FOUND: Final = 13450  # mates so far
WANTED: Final = 13451  # mates after which the search ends
KEPT: Final = 13452  # mates for which there is room
FULL: Final = 13456  # [group]: all of its members
LIVE: Final = 13464  # [group]: its live members, for a moment
START: Final = 14336  # [depth, group]: where its list begins
SCRATCH: Final = 16384

UNKNOWN: Final = -1
"""The search gave up at its bound."""
OVER: Final = 1
"""As many mates as were wanted have been found."""


def word_search(
    scratch: vec[i64], kept: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64
) -> i64:
    """Give each of the remaining transversals a bit, the smallest group's first, and search."""
    assert len(scratch) >= SCRATCH
    start = START + depth * 16
    groups: i64 = 0
    # Until they are entered, SIZE holds which groups they are.
    g: i64 = 0
    while g < n:
        if (remaining >> g) & 1:
            size = scratch[(start + g + 1) & 16383] - scratch[(start + g) & 16383]
            at = groups
            while at > 0 and _size_at(scratch, start, at - 1) > size:
                scratch[(SIZE + at) & 16383] = scratch[(SIZE + at - 1) & 16383]
                at -= 1
            scratch[(SIZE + at) & 16383] = g
            groups += 1
        g += 1
    i: i64 = THROUGH
    while i < THROUGH + n * 128:
        scratch[i & 16383] = 0
        i += 1
    at = 0
    while at < 9:
        size = 0
        if at < groups:
            g = start + scratch[(SIZE + at) & 16383]
            size = _enter(scratch, lists, n, g, at - 1)
        scratch[(SIZE + at) & 16383] = size
        at += 1
    at = 0
    while at < 9:
        _tabulate(scratch, n, at - 1, scratch[(SIZE + at) & 16383])
        at += 1
    return _first_group(scratch, kept, depth, groups)


def _size_at(scratch: vec[i64], start: i64, at: i64) -> i64:
    g = scratch[(SIZE + at) & 16383]
    return scratch[(start + g + 1) & 16383] - scratch[(start + g) & 16383]


def _slot(word: i64, low: i64, debruijn: i64) -> i64:
    """Where a group's member is kept, by its bit: the top bits of a product, none like another's.

    C. E. Leiserson, H. Prokop, K. H. Randall, "Using de Bruijn sequences to index a 1 in a computer
    word" (1998). The smallest group, which has no word (-1), comes last.
    """
    return (((word & 15) << 6) | (((low * debruijn) >> 58) & 63)) & 1023


def _enter(scratch: vec[i64], lists: vec[i64], n: i64, list_at: i64, word: i64) -> i64:
    """List a group's transversals and enter them in THROUGH[..., word]; returns how many."""
    assert len(scratch) >= SCRATCH
    debruijn = scratch[CONSTANT + 4]
    first = scratch[list_at & 16383]
    end = scratch[(list_at + 1) & 16383]
    i = first
    bit: i64 = 1
    while i < end:
        nibbles = lists[i]
        i += 1
        scratch[(LISTED + _slot(word, bit, debruijn)) & 16383] = nibbles
        # All of the group go through one cell of row 0: from there on they differ.
        at = THROUGH + 128 + word
        while word >= 0 and at < THROUGH + n * 128:
            nibbles >>= 4
            scratch[(at + ((nibbles & 15) << 3)) & 16383] |= bit
            at += 128
        bit += bit
    return end - first


def _tabulate(scratch: vec[i64], n: i64, word: i64, count: i64) -> None:
    """Fill DISJOINT for a group's `count` transversals from THROUGH."""
    assert len(scratch) >= SCRATCH
    debruijn = scratch[CONSTANT + 4]
    bit: i64 = 1
    while count > 0:
        slot = _slot(word, bit, debruijn)
        bit += bit
        count -= 1
        nibbles = scratch[(LISTED + slot) & 16383]
        r1 = (THROUGH + 128 + ((nibbles >> 1) & 120)) & 16376
        r2 = (THROUGH + 256 + ((nibbles >> 5) & 120)) & 16376
        r3 = (THROUGH + 384 + ((nibbles >> 9) & 120)) & 16376
        r4 = (THROUGH + 512 + ((nibbles >> 13) & 120)) & 16376
        r5 = (THROUGH + 640 + ((nibbles >> 17) & 120)) & 16376
        r6 = (THROUGH + 768 + ((nibbles >> 21) & 120)) & 16376
        r7 = (THROUGH + 896 + ((nibbles >> 25) & 120)) & 16376
        r8 = (THROUGH + 1024 + ((nibbles >> 29) & 120)) & 16376
        r9 = (THROUGH + 1152 + ((nibbles >> 33) & 120)) & 16376
        a0 = scratch[r1] | scratch[r2] | scratch[r3] | scratch[r4]
        a1 = scratch[r1 + 1] | scratch[r2 + 1] | scratch[r3 + 1] | scratch[r4 + 1]
        a2 = scratch[r1 + 2] | scratch[r2 + 2] | scratch[r3 + 2] | scratch[r4 + 2]
        a3 = scratch[r1 + 3] | scratch[r2 + 3] | scratch[r3 + 3] | scratch[r4 + 3]
        a4 = scratch[r1 + 4] | scratch[r2 + 4] | scratch[r3 + 4] | scratch[r4 + 4]
        a5 = scratch[r1 + 5] | scratch[r2 + 5] | scratch[r3 + 5] | scratch[r4 + 5]
        a6 = scratch[r1 + 6] | scratch[r2 + 6] | scratch[r3 + 6] | scratch[r4 + 6]
        a7 = scratch[r1 + 7] | scratch[r2 + 7] | scratch[r3 + 7] | scratch[r4 + 7]
        a0 |= scratch[r5] | scratch[r6] | scratch[r7] | scratch[r8]
        a1 |= scratch[r5 + 1] | scratch[r6 + 1] | scratch[r7 + 1] | scratch[r8 + 1]
        a2 |= scratch[r5 + 2] | scratch[r6 + 2] | scratch[r7 + 2] | scratch[r8 + 2]
        a3 |= scratch[r5 + 3] | scratch[r6 + 3] | scratch[r7 + 3] | scratch[r8 + 3]
        a4 |= scratch[r5 + 4] | scratch[r6 + 4] | scratch[r7 + 4] | scratch[r8 + 4]
        a5 |= scratch[r5 + 5] | scratch[r6 + 5] | scratch[r7 + 5] | scratch[r8 + 5]
        a6 |= scratch[r5 + 6] | scratch[r6 + 6] | scratch[r7 + 6] | scratch[r8 + 6]
        a7 |= scratch[r5 + 7] | scratch[r6 + 7] | scratch[r7 + 7] | scratch[r8 + 7]
        a0 |= scratch[r9]
        a1 |= scratch[r9 + 1]
        a2 |= scratch[r9 + 2]
        a3 |= scratch[r9 + 3]
        a4 |= scratch[r9 + 4]
        a5 |= scratch[r9 + 5]
        a6 |= scratch[r9 + 6]
        a7 |= scratch[r9 + 7]
        at = (DISJOINT + slot * 8) & 8184
        scratch[at] = ~a0
        scratch[at + 1] = ~a1
        scratch[at + 2] = ~a2
        scratch[at + 3] = ~a3
        scratch[at + 4] = ~a4
        scratch[at + 5] = ~a5
        scratch[at + 6] = ~a6
        scratch[at + 7] = ~a7
        if n > 10:
            r10 = (THROUGH + 1280 + ((nibbles >> 37) & 120)) & 16376
            r11 = (THROUGH + 1408 + ((nibbles >> 41) & 120)) & 16376
            scratch[at] &= ~(scratch[r10] | scratch[r11])
            scratch[at + 1] &= ~(scratch[r10 + 1] | scratch[r11 + 1])
            scratch[at + 2] &= ~(scratch[r10 + 2] | scratch[r11 + 2])
            scratch[at + 3] &= ~(scratch[r10 + 3] | scratch[r11 + 3])
            scratch[at + 4] &= ~(scratch[r10 + 4] | scratch[r11 + 4])
            scratch[at + 5] &= ~(scratch[r10 + 5] | scratch[r11 + 5])
            scratch[at + 6] &= ~(scratch[r10 + 6] | scratch[r11 + 6])
            scratch[at + 7] &= ~(scratch[r10 + 7] | scratch[r11 + 7])
        # Choosing it closes its own group, whose word is to stay as it is.
        if word >= 0:
            scratch[(at + word) & 16383] = -1


def _first_group(scratch: vec[i64], kept: vec[i64], depth: i64, groups: i64) -> i64:
    """Try each member of the smallest group, which has no word of its own."""
    assert len(scratch) >= SCRATCH
    none = scratch[CONSTANT + 5]
    closed: i64 = 0
    flag: i64 = 1
    word: i64 = 0
    while word < 8:
        scratch[(FULL + word) & 16383] = none
        if word + 1 < groups:
            size = scratch[(SIZE + word + 1) & 16383]
            # Not 1 << size: mypyc emits that as a C int, wrong from 31 on.
            scratch[(FULL + word) & 16383] = (none >> (WORD - size)) - 1
        else:
            closed |= flag
        flag += flag
        word += 1
    debruijn = scratch[CONSTANT + 4]
    left = scratch[SIZE]
    bit: i64 = 1
    while left > 0:
        scratch[SPENT] += 1
        slot = _slot(-1, bit, debruijn)
        at = (DISJOINT + slot * 8) & 8184
        bit += bit
        left -= 1
        b0 = scratch[FULL + 0] & scratch[at]
        b1 = scratch[FULL + 1] & scratch[at + 1]
        b2 = scratch[FULL + 2] & scratch[at + 2]
        b3 = scratch[FULL + 3] & scratch[at + 3]
        b4 = scratch[FULL + 4] & scratch[at + 4]
        b5 = scratch[FULL + 5] & scratch[at + 5]
        b6 = scratch[FULL + 6] & scratch[at + 6]
        b7 = scratch[FULL + 7] & scratch[at + 7]
        if b0 == 0 or b1 == 0 or b2 == 0 or b3 == 0 or b4 == 0 or b5 == 0 or b6 == 0 or b7 == 0:
            continue
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + slot) & 16383]
        if groups == 1:
            answer = _keep(scratch, kept, depth + 1)
        elif groups == 2:
            answer = _last_group(scratch, kept, depth + 1, closed, b0, b1, b2, b3, b4, b5, b6, b7)
        else:
            answer = _cover(
                scratch, kept, depth + 1, groups - 1, closed, b0, b1, b2, b3, b4, b5, b6, b7
            )
        if answer != 0:
            return answer
    return 0


def _cover(
    scratch: vec[i64],
    kept: vec[i64],
    depth: i64,
    left: i64,
    closed: i64,
    c0: i64,
    c1: i64,
    c2: i64,
    c3: i64,
    c4: i64,
    c5: i64,
    c6: i64,
    c7: i64,
) -> i64:
    """Choose one of each of the `left` groups that are not `closed`.

    The words c0 to c7 are the groups' live members. A closed group's word never empties: the member
    chosen stays in it, for all that are chosen later are disjoint from that.
    """
    assert len(scratch) >= SCRATCH
    k55 = scratch[CONSTANT]
    k33 = scratch[CONSTANT + 1]
    k0f = scratch[CONSTANT + 2]
    k01 = scratch[CONSTANT + 3]
    # (members, 64 more where closed) << 3 | group: the least names the smallest open group.
    best = _rank(c0, 0, closed, k55, k33, k0f, k01)
    best = min(best, _rank(c1, 1, closed, k55, k33, k0f, k01))
    best = min(best, _rank(c2, 2, closed, k55, k33, k0f, k01))
    best = min(best, _rank(c3, 3, closed, k55, k33, k0f, k01))
    best = min(best, _rank(c4, 4, closed, k55, k33, k0f, k01))
    best = min(best, _rank(c5, 5, closed, k55, k33, k0f, k01))
    best = min(best, _rank(c6, 6, closed, k55, k33, k0f, k01))
    best = min(best, _rank(c7, 7, closed, k55, k33, k0f, k01))
    group = best & 7
    scratch[LIVE] = c0
    scratch[LIVE + 1] = c1
    scratch[LIVE + 2] = c2
    scratch[LIVE + 3] = c3
    scratch[LIVE + 4] = c4
    scratch[LIVE + 5] = c5
    scratch[LIVE + 6] = c6
    scratch[LIVE + 7] = c7
    live = scratch[(LIVE + group) & 16383]
    one: i64 = 1
    closed |= one << group
    debruijn = scratch[CONSTANT + 4]
    scratch[SPENT] += best >> 3
    if scratch[SPENT] > scratch[BOUND]:
        return UNKNOWN
    while live != 0:
        low = live & -live
        live ^= low
        slot = _slot(group, low, debruijn)
        at = (DISJOINT + slot * 8) & 8184
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
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + slot) & 16383]
        if left == 2:
            answer = _last_group(scratch, kept, depth + 1, closed, b0, b1, b2, b3, b4, b5, b6, b7)
        else:
            answer = _cover(
                scratch, kept, depth + 1, left - 1, closed, b0, b1, b2, b3, b4, b5, b6, b7
            )
        if answer != 0:
            return answer
    return 0


def _rank(word: i64, group: i64, closed: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    """The word's members, 64 more where its group is closed, times 8, plus the group."""
    return ((_members(word, k55, k33, k0f, k01) + (((closed >> group) & 1) << 6)) << 3) | group


def _members(word: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    x = word - ((word >> 1) & k55)
    x = (x & k33) + ((x >> 2) & k33)
    x = (x + (x >> 4)) & k0f
    return ((x * k01) >> 56) & 255


def _last_group(
    scratch: vec[i64],
    kept: vec[i64],
    depth: i64,
    closed: i64,
    c0: i64,
    c1: i64,
    c2: i64,
    c3: i64,
    c4: i64,
    c5: i64,
    c6: i64,
    c7: i64,
) -> i64:
    """One group is left that is not closed: each of its live members ends a mate."""
    assert len(scratch) >= SCRATCH
    group: i64 = 0
    live = c0
    if closed & 2 == 0:
        group = 1
        live = c1
    elif closed & 4 == 0:
        group = 2
        live = c2
    elif closed & 8 == 0:
        group = 3
        live = c3
    elif closed & 16 == 0:
        group = 4
        live = c4
    elif closed & 32 == 0:
        group = 5
        live = c5
    elif closed & 64 == 0:
        group = 6
        live = c6
    elif closed & 128 == 0:
        group = 7
        live = c7
    if scratch[FOUND] >= scratch[KEPT]:
        return _count(scratch, live)
    debruijn = scratch[CONSTANT + 4]
    while live != 0:
        low = live & -live
        live ^= low
        slot = _slot(group, low, debruijn)
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + slot) & 16383]
        answer = _keep(scratch, kept, depth + 1)
        if answer != 0:
            return answer
    return 0


def _count(scratch: vec[i64], live: i64) -> i64:
    """As many mates more as `live` has bits; they are not kept."""
    assert len(scratch) >= SCRATCH
    scratch[FOUND] += _members(
        live,
        scratch[CONSTANT],
        scratch[CONSTANT + 1],
        scratch[CONSTANT + 2],
        scratch[CONSTANT + 3],
    )
    return OVER if scratch[FOUND] >= scratch[WANTED] else 0


def _keep(scratch: vec[i64], kept: vec[i64], depth: i64) -> i64:
    """CHOSEN holds a mate of `depth` transversals: keep it where there is room."""
    assert len(scratch) >= SCRATCH
    at = scratch[FOUND]
    if at < scratch[KEPT]:
        i: i64 = 0
        while i < depth:
            kept[at * 16 + i] = scratch[(CHOSEN + i) & 16383]
            i += 1
    scratch[FOUND] = at + 1
    return OVER if at + 1 >= scratch[WANTED] else 0
