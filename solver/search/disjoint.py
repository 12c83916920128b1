"""Who is disjoint from whom: the table that the last levels of the search for mates go by.

The transversals still in play become bits, a word a group. One flat table of 64-bit words holds all
of it, so that masked indexes let the C compiler drop every bounds check.
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
LOWEST: Final = 15360  # [mask of groups]: 8, for one member, plus the lowest group
SCRATCH: Final = 16384


def tabulate(scratch: vec[i64], lists: vec[i64], n: i64, depth: i64, remaining: i64) -> i64:
    """Give each transversal of the `remaining` groups a bit, and tell who is disjoint from whom.

    The smallest group comes first. Returns how many groups there are.
    """
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
    return groups


def _size_at(scratch: vec[i64], start: i64, at: i64) -> i64:
    g = scratch[(SIZE + at) & 16383]
    return scratch[(start + g + 1) & 16383] - scratch[(start + g) & 16383]


def slot_of(word: i64, low: i64, debruijn: i64) -> i64:
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
        scratch[(LISTED + slot_of(word, bit, debruijn)) & 16383] = nibbles
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
        slot = slot_of(word, bit, debruijn)
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
