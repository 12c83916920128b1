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
ROWS: Final = 4
"""Rows, the scarcest first, of which one is grouped by: more of them gain less than they cost."""

# Offsets into the flat scratch table.
ALIGN: Final = 3  # words by which what has eight in a row begins at a line of the cache, mostly
DISJOINT: Final = 0 + ALIGN  # [slot, group]: the group's members disjoint from it
THROUGH: Final = 8192 + ALIGN  # [row, column, group]: the group's members through that cell
LISTED: Final = 12288  # [slot]: a transversal's nibbles, the row grouped by first
SIZE: Final = 13312  # [group]: its members, the smallest group first
CHOSEN: Final = 13328  # [depth]: the transversals of the mate being built
COUNT: Final = 13344  # [row, column]: the transversals through that cell, of the first ROWS
SWAPPED: Final = 13408  # [row]: the one that it is exchanged with, of the first ROWS in turn
CONSTANT: Final = 13440
SPENT: Final = 13448  # search steps so far
BOUND: Final = 13449  # steps after which the search gives up
FOUND: Final = 13450  # mates so far
WANTED: Final = 13451  # mates after which the search ends
KEPT: Final = 13452  # mates for which there is room
SHIFT: Final = 13453  # of the row grouped by, in whose place the first one is
SHIFTED: Final = 13454  # depth from which CHOSEN has them exchanged so
FULL: Final = 13456  # [group]: all of its members
LIVE: Final = 13568  # [group, depth]: its live members
WORDS: Final = 13696  # [column]: the word of the group of that column
NEXT: Final = 13712  # [column]: the bit of its next member
START: Final = 14336  # [depth, group]: where its list begins
LOWEST: Final = 15360  # [mask of groups]: 8, for one member, plus the lowest group
SCRATCH: Final = 16384


def tabulate(scratch: vec[i64], lists: vec[i64], n: i64, depth: i64) -> i64:
    """Give each transversal listed at a depth a bit, and tell who is disjoint from whom.

    They are grouped by the column they take in one row, the smallest group first. Returns how many
    groups there are.
    """
    assert len(scratch) >= SCRATCH
    first = scratch[(START + depth * 16) & 16383]
    end = scratch[(START + depth * 16 + n) & 16383]
    # At depth 0 row 0 has been chosen among all already.
    row: i64 = 0
    _count(scratch, lists, first, end)
    if depth > 0:
        row = _scarcest(scratch, n, depth)
    scratch[SHIFT] = 4 * row
    scratch[SHIFTED] = depth
    groups = _order(scratch, n, _open(scratch, n, depth, row), row)
    _clear(scratch, n)
    _enter(scratch, lists, n, first, end, 4 * row)
    at: i64 = 0
    while at < 9:
        _tabulate(scratch, n, at - 1, scratch[(SIZE + at) & 16383])
        at += 1
    return groups


def _clear(scratch: vec[i64], n: i64) -> None:
    """Empty THROUGH."""
    assert len(scratch) >= SCRATCH
    row: i64 = 1
    while row < n:
        cell: i64 = 0
        while cell < n:
            at = THROUGH + ((row * 128 + cell * 8) & 2040)
            cell += 1
            scratch[at] = 0
            scratch[at + 1] = 0
            scratch[at + 2] = 0
            scratch[at + 3] = 0
            scratch[at + 4] = 0
            scratch[at + 5] = 0
            scratch[at + 6] = 0
            scratch[at + 7] = 0
        row += 1


def _count(scratch: vec[i64], lists: vec[i64], first: i64, end: i64) -> None:
    """Count the transversals through each cell of the rows there are to choose from."""
    assert len(scratch) >= SCRATCH
    i: i64 = 0
    while i < 16 * ROWS:
        scratch[COUNT + i] = 0
        i += 1
    i = first
    while i < end:
        nibbles = lists[i]
        i += 1
        scratch[COUNT + (nibbles & 15)] += 1
        scratch[COUNT + 16 + ((nibbles >> 4) & 15)] += 1
        scratch[COUNT + 32 + ((nibbles >> 8) & 15)] += 1
        scratch[COUNT + 48 + ((nibbles >> 12) & 15)] += 1


def _open(scratch: vec[i64], n: i64, depth: i64, row: i64) -> i64:
    """A mask of the row's columns that none of the transversals chosen takes."""
    one: i64 = 1
    columns = (one << n) - 1
    d: i64 = 0
    while d < depth:
        columns &= ~(one << ((scratch[(CHOSEN + d) & 16383] >> (4 * row)) & 15))
        d += 1
    return columns


def _scarcest(scratch: vec[i64], n: i64, depth: i64) -> i64:
    """Which row has the cell with the fewest transversals, and none with more than WORD."""
    scarcest: i64 = 0
    least: i64 = WORD + 1
    row: i64 = 0
    while row < min(ROWS, n):
        columns = _open(scratch, n, depth, row)
        fewest: i64 = WORD + 1
        most: i64 = 0
        c: i64 = 0
        while c < n:
            if (columns >> c) & 1:
                size = scratch[(COUNT + row * 16 + c) & 16383]
                fewest = min(fewest, size)
                most = max(most, size)
            c += 1
        if most <= WORD and fewest < least:
            least = fewest
            scarcest = row
        row += 1
    return scarcest


def _order(scratch: vec[i64], n: i64, columns: i64, row: i64) -> i64:
    """Fill SIZE, WORDS and NEXT for the groups of the row's open columns; returns how many."""
    assert len(scratch) >= SCRATCH
    groups: i64 = 0
    # Until they are entered, SIZE holds which groups they are.
    c: i64 = 0
    while c < n:
        if (columns >> c) & 1:
            at = groups
            while (
                at > 0 and _size_at(scratch, row, at - 1) > scratch[(COUNT + row * 16 + c) & 16383]
            ):
                scratch[(SIZE + at) & 16383] = scratch[(SIZE + at - 1) & 16383]
                at -= 1
            scratch[(SIZE + at) & 16383] = c
            groups += 1
        c += 1
    at = 0
    while at < 9:
        size: i64 = 0
        if at < groups:
            c = scratch[(SIZE + at) & 16383]
            size = scratch[(COUNT + row * 16 + c) & 16383]
            scratch[(WORDS + c) & 16383] = at - 1
            scratch[(NEXT + c) & 16383] = 1
        scratch[(SIZE + at) & 16383] = size
        at += 1
    return groups


def _size_at(scratch: vec[i64], row: i64, at: i64) -> i64:
    return scratch[(COUNT + row * 16 + scratch[(SIZE + at) & 16383]) & 16383]


def slot_of(word: i64, low: i64, debruijn: i64) -> i64:
    """Where a group's member is kept, by its bit: the top bits of a product, none like another's.

    C. E. Leiserson, H. Prokop, K. H. Randall, "Using de Bruijn sequences to index a 1 in a computer
    word" (1998). The smallest group, which has no word (-1), comes last.
    """
    return (((word & 15) << 6) | (((low * debruijn) >> 58) & 63)) & 1023


def _enter(scratch: vec[i64], lists: vec[i64], n: i64, first: i64, end: i64, shift: i64) -> None:
    """List the transversals by group and enter them in THROUGH, the row at `shift` as row 0."""
    assert len(scratch) >= SCRATCH
    debruijn = scratch[CONSTANT + 4]
    i = first
    while i < end:
        nibbles = lists[i]
        i += 1
        group = (nibbles >> shift) & 15
        word = scratch[WORDS + group]
        bit = scratch[NEXT + group]
        scratch[NEXT + group] = bit + bit
        differ = (nibbles ^ group) & 15
        nibbles ^= differ | (differ << shift)
        scratch[(LISTED + slot_of(word, bit, debruijn)) & 16383] = nibbles
        # The smallest group has no word: nothing is entered.
        bit &= ~(word >> 63)
        at = THROUGH + (word & 7)
        # All of the group go through one cell of row 0: from there on they differ.
        scratch[(at + 128 + ((nibbles >> 1) & 120)) & 16383] |= bit
        scratch[(at + 256 + ((nibbles >> 5) & 120)) & 16383] |= bit
        scratch[(at + 384 + ((nibbles >> 9) & 120)) & 16383] |= bit
        scratch[(at + 512 + ((nibbles >> 13) & 120)) & 16383] |= bit
        scratch[(at + 640 + ((nibbles >> 17) & 120)) & 16383] |= bit
        scratch[(at + 768 + ((nibbles >> 21) & 120)) & 16383] |= bit
        scratch[(at + 896 + ((nibbles >> 25) & 120)) & 16383] |= bit
        scratch[(at + 1024 + ((nibbles >> 29) & 120)) & 16383] |= bit
        scratch[(at + 1152 + ((nibbles >> 33) & 120)) & 16383] |= bit
        if n > 10:
            scratch[(at + 1280 + ((nibbles >> 37) & 120)) & 16383] |= bit
            scratch[(at + 1408 + ((nibbles >> 41) & 120)) & 16383] |= bit
    # In rows that a smaller square does not have, all seem to go through one cell.
    row = n
    while row < 12:
        word = 0
        while word < 8:
            scratch[(THROUGH + row * 128 + word) & 16383] = 0
            word += 1
        row += 1


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
        r1 = THROUGH + 128 + ((nibbles >> 1) & 120)
        r2 = THROUGH + 256 + ((nibbles >> 5) & 120)
        r3 = THROUGH + 384 + ((nibbles >> 9) & 120)
        r4 = THROUGH + 512 + ((nibbles >> 13) & 120)
        r5 = THROUGH + 640 + ((nibbles >> 17) & 120)
        r6 = THROUGH + 768 + ((nibbles >> 21) & 120)
        r7 = THROUGH + 896 + ((nibbles >> 25) & 120)
        r8 = THROUGH + 1024 + ((nibbles >> 29) & 120)
        r9 = THROUGH + 1152 + ((nibbles >> 33) & 120)
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
        at = ((slot * 8) & 8184) + DISJOINT
        scratch[at] = ~a0
        scratch[at + 1] = ~a1
        scratch[at + 2] = ~a2
        scratch[at + 3] = ~a3
        scratch[at + 4] = ~a4
        scratch[at + 5] = ~a5
        scratch[at + 6] = ~a6
        scratch[at + 7] = ~a7
        if n > 10:
            r10 = THROUGH + 1280 + ((nibbles >> 37) & 120)
            r11 = THROUGH + 1408 + ((nibbles >> 41) & 120)
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
