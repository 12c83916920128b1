"""The last levels of the search for mates: groups of one machine word each.

A table of who is disjoint from whom (`disjoint.py`) turns each choice into eight ANDs. Laid
out for the C that mypyc makes of it: groups unrolled by hand, and as few branches as can be that
the processor would guess wrong: none on which group is chosen, one on whether a choice leaves each
group a member. What is LIVE lies sixteen words apart, so that gcc does not make vectors of it,
which takes longer.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.disjoint import (
    BOUND,
    CHOSEN,
    CONSTANT,
    DISJOINT,
    FOUND,
    FULL,
    KEPT,
    LISTED,
    LIVE,
    LOWEST,
    SCRATCH,
    SHIFT,
    SHIFTED,
    SIZE,
    SPENT,
    WANTED,
    WORD,
    slot_of,
    tabulate,
)

UNKNOWN: Final = -1
"""The search gave up at its bound."""
OVER: Final = 1
"""As many mates as were wanted have been found."""


def word_search(scratch: vec[i64], kept: vec[i64], lists: vec[i64], n: i64, depth: i64) -> i64:
    """Search among what is listed at a depth: nine groups at most, of WORD at most."""
    groups = tabulate(scratch, lists, n, depth)
    return _first_group(scratch, kept, depth, groups)


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
        slot = slot_of(-1, bit, debruijn)
        at = ((slot * 8) & 8184) + DISJOINT
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
        if _empties(b0, b1, b2, b3, b4, b5, b6, b7):
            continue
        below = LIVE + ((depth + 1) & 15)
        scratch[below] = b0
        scratch[below + 16] = b1
        scratch[below + 32] = b2
        scratch[below + 48] = b3
        scratch[below + 64] = b4
        scratch[below + 80] = b5
        scratch[below + 96] = b6
        scratch[below + 112] = b7
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + slot) & 16383]
        if groups == 1:
            answer = keep(scratch, kept, depth + 1)
        elif groups == 2:
            answer = _last_group(scratch, kept, depth + 1, closed)
        else:
            answer = _cover(scratch, kept, depth + 1, groups - 1, closed)
        if answer != 0:
            return answer
    return 0


def _cover(scratch: vec[i64], kept: vec[i64], depth: i64, left: i64, closed: i64) -> i64:
    """Choose one of each of the `left` groups that are not `closed`, of their LIVE members.

    A closed group's word never empties: the member chosen stays in it, for all that are chosen
    later are disjoint from that.
    """
    assert len(scratch) >= SCRATCH
    frame = LIVE + (depth & 15)
    c0 = scratch[frame]
    c1 = scratch[frame + 16]
    c2 = scratch[frame + 32]
    c3 = scratch[frame + 48]
    c4 = scratch[frame + 64]
    c5 = scratch[frame + 80]
    c6 = scratch[frame + 96]
    c7 = scratch[frame + 112]
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
    live = scratch[frame + group * 16]
    one: i64 = 1
    closed |= one << group
    debruijn = scratch[CONSTANT + 4]
    scratch[SPENT] += best >> 3
    if scratch[SPENT] > scratch[BOUND]:
        return UNKNOWN
    below = LIVE + ((depth + 1) & 15)
    while live != 0:
        low = live & -live
        live ^= low
        slot = slot_of(group, low, debruijn)
        at = ((slot * 8) & 8184) + DISJOINT
        b0 = c0 & scratch[at]
        b1 = c1 & scratch[at + 1]
        b2 = c2 & scratch[at + 2]
        b3 = c3 & scratch[at + 3]
        b4 = c4 & scratch[at + 4]
        b5 = c5 & scratch[at + 5]
        b6 = c6 & scratch[at + 6]
        b7 = c7 & scratch[at + 7]
        if _empties(b0, b1, b2, b3, b4, b5, b6, b7):
            continue
        scratch[below] = b0
        scratch[below + 16] = b1
        scratch[below + 32] = b2
        scratch[below + 48] = b3
        scratch[below + 64] = b4
        scratch[below + 80] = b5
        scratch[below + 96] = b6
        scratch[below + 112] = b7
        # With few groups left one mostly has a single member, which mostly empties another group.
        if left < 8:
            singles = (
                ((((b0 & (b0 - 1)) - 1) >> 63) & 1)
                | ((((b1 & (b1 - 1)) - 1) >> 63) & 2)
                | ((((b2 & (b2 - 1)) - 1) >> 63) & 4)
                | ((((b3 & (b3 - 1)) - 1) >> 63) & 8)
                | ((((b4 & (b4 - 1)) - 1) >> 63) & 16)
                | ((((b5 & (b5 - 1)) - 1) >> 63) & 32)
                | ((((b6 & (b6 - 1)) - 1) >> 63) & 64)
                | ((((b7 & (b7 - 1)) - 1) >> 63) & 128)
            ) & ~closed
            if singles != 0:
                single = scratch[(LOWEST + singles) & 16383] & 7
                low = scratch[below + single * 16]
                at = ((slot_of(single, low, debruijn) * 8) & 8184) + DISJOINT
                b0 &= scratch[at]
                b1 &= scratch[at + 1]
                b2 &= scratch[at + 2]
                b3 &= scratch[at + 3]
                b4 &= scratch[at + 4]
                b5 &= scratch[at + 5]
                b6 &= scratch[at + 6]
                b7 &= scratch[at + 7]
                if _empties(b0, b1, b2, b3, b4, b5, b6, b7):
                    scratch[SPENT] += 1
                    continue
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + slot) & 16383]
        if left == 2:
            answer = _last_group(scratch, kept, depth + 1, closed)
        else:
            answer = _cover(scratch, kept, depth + 1, left - 1, closed)
        if answer != 0:
            return answer
    return 0


def _empties(b0: i64, b1: i64, b2: i64, b3: i64, b4: i64, b5: i64, b6: i64, b7: i64) -> bool:
    """True where a word is 0: none has its two highest bits, so that only 0 - 1 has the sign."""
    lows = (b0 - 1) | (b1 - 1) | (b2 - 1) | (b3 - 1) | (b4 - 1) | (b5 - 1) | (b6 - 1) | (b7 - 1)
    return lows < 0


def _rank(word: i64, group: i64, closed: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    """The word's members, 64 more where its group is closed, times 8, plus the group."""
    return ((_members(word, k55, k33, k0f, k01) + (((closed >> group) & 1) << 6)) << 3) | group


def _members(word: i64, k55: i64, k33: i64, k0f: i64, k01: i64) -> i64:
    x = word - ((word >> 1) & k55)
    x = (x & k33) + ((x >> 2) & k33)
    x = (x + (x >> 4)) & k0f
    return ((x * k01) >> 56) & 255


def _last_group(scratch: vec[i64], kept: vec[i64], depth: i64, closed: i64) -> i64:
    """One group is left that is not closed: each of its live members ends a mate."""
    assert len(scratch) >= SCRATCH
    group = scratch[(LOWEST + (~closed & 255)) & 16383] & 7
    live = scratch[(LIVE + group * 16 + depth) & 16383]
    if scratch[FOUND] >= scratch[KEPT]:
        return _count(scratch, live)
    debruijn = scratch[CONSTANT + 4]
    while live != 0:
        low = live & -live
        live ^= low
        slot = slot_of(group, low, debruijn)
        scratch[(CHOSEN + depth) & 16383] = scratch[(LISTED + slot) & 16383]
        answer = keep(scratch, kept, depth + 1)
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


def keep(scratch: vec[i64], kept: vec[i64], depth: i64) -> i64:
    """CHOSEN holds a mate of `depth` transversals: keep it where there is room."""
    assert len(scratch) >= SCRATCH
    at = scratch[FOUND]
    if at < scratch[KEPT]:
        shift = scratch[SHIFT]
        i: i64 = 0
        while i < depth:
            nibbles = scratch[(CHOSEN + i) & 16383]
            if i >= scratch[SHIFTED]:
                differ = (nibbles ^ (nibbles >> shift)) & 15
                nibbles ^= differ | (differ << shift)
            kept[at * 16 + i] = nibbles
            i += 1
    scratch[FOUND] = at + 1
    return OVER if at + 1 >= scratch[WANTED] else 0
