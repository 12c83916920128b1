"""The last levels of the search for mates: groups of one machine word each.

The transversals still in play are numbered group by group, and a table of who is disjoint from
whom turns each further choice into eight ANDs. Laid out for the C that mypyc makes of it: one
flat table, masked indexes, groups unrolled by hand.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final

from librt.vecs import vec
from mypy_extensions import i64

WORD: Final = 61
"""Transversals a group may have here; bit 61 marks a group already used."""

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
FOUND: Final = 13450  # mates so far
WANTED: Final = 13451  # mates after which the search ends
KEPT: Final = 13452  # mates for which there is room
FULL: Final = 13456  # [group]: all of its members
START: Final = 14336  # [depth, group]: where its list begins
SCRATCH: Final = 16384

UNKNOWN: Final = -1
"""The search gave up at its bound."""
OVER: Final = 1
"""As many mates as were wanted have been found."""


def word_search(
    scratch: vec[i64], kept: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64
) -> i64:
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
    return _first_group(scratch, kept, depth, groups)


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


def _first_group(scratch: vec[i64], kept: vec[i64], depth: i64, groups: i64) -> i64:
    """Try each member of the smallest group, which has no word of its own."""
    assert len(scratch) >= SCRATCH
    used = scratch[CONSTANT + 5]
    word: i64 = 0
    while word < 8:
        scratch[(FULL + word) & 16383] = used
        if word + 1 < groups:
            size = scratch[(BASE + word + 2) & 16383] - scratch[(BASE + word + 1) & 16383]
            # Not 1 << size: mypyc emits that as a C int, wrong from 31 on.
            scratch[(FULL + word) & 16383] = (used >> (WORD - size)) - 1
        word += 1
    k: i64 = 0
    end = scratch[BASE + 1]
    while k < end:
        scratch[SPENT] += 1
        at = (DISJOINT + k * 8) & 8184
        k += 1
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
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + k - 1) & 16383]
        if groups == 1:
            answer = _keep(scratch, kept, depth + 1)
        elif groups == 2:
            answer = _last_group(scratch, kept, depth + 1, b0, b1, b2, b3, b4, b5, b6, b7)
        else:
            answer = _cover(scratch, kept, depth + 1, groups - 1, b0, b1, b2, b3, b4, b5, b6, b7)
        if answer != 0:
            return answer
    return 0


def _cover(
    scratch: vec[i64],
    kept: vec[i64],
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
        if left == 2:
            answer = _last_group(scratch, kept, depth + 1, b0, b1, b2, b3, b4, b5, b6, b7)
        else:
            answer = _cover(scratch, kept, depth + 1, left - 1, b0, b1, b2, b3, b4, b5, b6, b7)
        if answer != 0:
            return answer
    return 0


def _rank(word: i64, group: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    """The word's members, 64 more where it is used, times 8, plus its group."""
    return ((_members(word, k55, k33, k0f, k01) + ((word >> WORD) << 6)) << 3) | group


def _members(word: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    x = word - ((word >> 1) & k55)
    x = (x & k33) + ((x >> 2) & k33)
    x = (x + (x >> 4)) & k0f
    return ((x * k01) >> 56) & 255


def _last_group(
    scratch: vec[i64],
    kept: vec[i64],
    depth: i64,
    c0: i64,
    c1: i64,
    c2: i64,
    c3: i64,
    c4: i64,
    c5: i64,
    c6: i64,
    c7: i64,
) -> i64:
    """One group is left, its live members in the only word that is not marked used: all do."""
    assert len(scratch) >= SCRATCH
    used = scratch[CONSTANT + 5]
    live = (c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7) & ~used
    if scratch[FOUND] >= scratch[KEPT]:
        return _count(scratch, live)
    group: i64 = 0
    if c1 & used == 0:
        group = 1
    elif c2 & used == 0:
        group = 2
    elif c3 & used == 0:
        group = 3
    elif c4 & used == 0:
        group = 4
    elif c5 & used == 0:
        group = 5
    elif c6 & used == 0:
        group = 6
    elif c7 & used == 0:
        group = 7
    base = scratch[(BASE + 1 + group) & 16383]
    debruijn = scratch[CONSTANT + 4]
    while live != 0:
        low = live & -live
        live ^= low
        number = base + scratch[(NUMBER + (((low * debruijn) >> 58) & 63)) & 16383]
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + number) & 16383]
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
