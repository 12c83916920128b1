"""All transversals of a Latin square, by joining two half-squares.

A transversal takes one cell of each row, with all columns and all symbols different. The upper
rows' partial transversals are chained by their columns and symbols; each of the lower rows'
looks up its complement. A transversal of order n is packed as n nibbles, one column a row.
Compiled by mypyc; the same source runs without it, slower.
"""

from itertools import permutations
from typing import Final, final

from librt.vecs import append, vec
from mypy_extensions import i32, i64

from solver.search.latin import MAX_ORDER, zeros

# A partial transversal is packed as SHIFT bits of symbols below its nibbles; the largest, 12 + 4 *
# 12 bits, stays clear of the sign. All else is 32 bits wide: a 32-bit Pi has no wider registers.
SHIFT: Final = 12

# Offsets into the flat table of 64 bits.
CELL: Final = 0
"""[row, column bit]: the cell's symbol and column, packed."""
PATH: Final = 49152
"""[row]: what was chosen above it."""
TABLE: Final = 65536

# Offsets into the flat table of 32 bits.
BLOCKED: Final = 0
"""[row, six symbol bits low or high]: the columns whose symbol is taken."""
RANK: Final = 2048
"""[mask]: its number among the masks of n // 2 bits."""
STACK: Final = 6144
"""[row]: the columns still to be tried, and those that no upper row has taken."""
MASKS: Final = 8192


def room_for_any(order: int) -> int:
    """Room for the transversals of any square known of an order: Z2 x Z6 has 198,144."""
    return 8192 if order < 11 else 262144


def zeros32(size: int) -> vec[i32]:
    """A vec of `size` 32-bit zeros."""
    made = vec[i32](capacity=size)
    for _ in range(size):
        made = append(made, i32(0))
    return made


@final
class Transversals:
    """Finds the transversals of squares of one order, in memory bounded when it is made."""

    def __init__(self, order: int, room: int = 0) -> None:
        """About 0.9, 1.1 and 9 MB at orders up to 9, 10 and 12; `room`: for so many, at least."""
        assert 1 <= order <= MAX_ORDER
        self.order: i64 = order
        halves = 4096 if order < 9 else 16384 if order < 11 else 262144
        self.table: vec[i64] = zeros(TABLE)
        self.masks: vec[i32] = zeros32(MASKS)
        ranks = 0
        for mask in range(1 << order):
            if mask.bit_count() == order // 2:
                self.masks[RANK + mask] = i32(ranks)
                ranks += 1
        self.ranks: i32 = ranks
        self.head: vec[i32] = zeros32(ranks * ranks)
        self.link: vec[i32] = zeros32(halves)
        self.keys: vec[i32] = zeros32(halves)
        self.upper: vec[i64] = zeros(halves)
        self.found: vec[i64] = zeros(max(room, 8192 if order < 11 else 65536))
        self.known: vec[i64] = zeros(256)  # all zeros, as no square is
        self.ends: i32 = 0

    def find(self, square: vec[i64]) -> i64:
        """Put every transversal of `square` (16 cells a row) in `found`; returns how many.

        -1 where there are more than the memory is bounded to; none is then usable. The upper
        halves are kept for the next square, whose upper rows may be the same.
        """
        n = self.order
        if n < 4:
            return self._few(square)
        half = n >> 1
        if not _same_rows(self.known, square, n, half):
            self._enter_upper(square, n, half)
        if self.ends < 0:
            return -1
        _prepare(self.table, self.masks, square, n, half, n)
        return i64(
            _half(
                self.table, self.masks, self.head, self.link, self.keys, self.upper, self.found,
                i32(n), i32(half), i32(n), -1, self.ranks,
            )
        )  # fmt: skip

    def _enter_upper(self, square: vec[i64], n: i64, half: i64) -> None:
        """List and chain the upper halves of a square, in place of those of another."""
        _unchain(self.head, self.keys, self.ends)
        _prepare(self.table, self.masks, square, n, 0, half)
        self.ends = _half(
            self.table, self.masks, self.head, self.link, self.keys, self.upper, self.upper,
            i32(n), 0, i32(half), 0, self.ranks,
        )  # fmt: skip

    def _few(self, square: vec[i64]) -> i64:
        n = int(self.order)
        count: i64 = 0
        for columns in permutations(range(n)):
            if len({int(square[r * 16 + c]) for r, c in enumerate(columns)}) == n:
                self.found[count] = sum(c << (4 * r) for r, c in enumerate(columns))
                count += 1
        return count


def _same_rows(known: vec[i64], square: vec[i64], n: i64, rows: i64) -> bool:
    """True where the square's upper rows are those known; they are known from then on."""
    assert len(known) >= 256
    assert len(square) >= 256
    same = True
    r: i64 = 0
    while r < rows:
        at = r * 16
        end = at + n
        while at < end:
            if known[at & 255] != square[at & 255]:
                known[at & 255] = square[at & 255]
                same = False
            at += 1
        r += 1
    return same


def _prepare(
    table: vec[i64], masks: vec[i32], square: vec[i64], n: i64, first: i64, end: i64
) -> None:
    """Fill CELL and BLOCKED for a square's rows `first` to `end` - 1."""
    assert len(table) >= TABLE
    assert len(masks) >= MASKS
    assert len(square) >= 256
    one: i64 = 1
    r = first
    while r < end:
        blocked = BLOCKED + r * 128
        c: i64 = 0
        bit: i64 = 1
        while c < n:
            s = square[(r * 16 + c) & 255]
            table[(CELL + r * 4096 + bit) & 65535] = (one << s) | (c << (4 * r + SHIFT))
            if s < 6:
                masks[(blocked + (one << s)) & 8191] = i32(bit)
            else:
                masks[(blocked + 64 + (one << (s - 6))) & 8191] = i32(bit)
            bit += bit
            c += 1
        _join(masks, blocked, min(n, 6))
        _join(masks, blocked + 64, n - 6)
        r += 1


def _join(masks: vec[i32], blocked: i64, symbols: i64) -> None:
    """Fill in the columns of each set of so many symbols, where those of single ones are there."""
    assert len(masks) >= MASKS
    masks[blocked & 8191] = 0
    top: i64 = 1
    while symbols > 0:
        columns = masks[(blocked + top) & 8191]
        m: i64 = 1
        while m < top:
            masks[(blocked + top + m) & 8191] = masks[(blocked + m) & 8191] | columns
            m += 1
        top += top
        symbols -= 1


def _half(
    table: vec[i64],
    masks: vec[i32],
    head: vec[i32],
    link: vec[i32],
    keys: vec[i32],
    upper: vec[i64],
    found: vec[i64],
    n: i32,
    first: i32,
    end: i32,
    flip: i32,
    ranks: i32,
) -> i32:
    """Enumerate the partial transversals of rows `first` to `end` - 1; at least two rows.

    With `flip` 0 they are upper halves: each is listed in `upper` and chained by its columns and
    symbols; numbers in `head` and `link` are one too high, 0 ends. With -1 they are lower halves:
    each is joined with the upper ones that have the complements, in `found`. Returns how many are
    listed or found, or -1 where they do not fit.
    """
    assert len(table) >= TABLE
    assert len(masks) >= MASKS
    limit: i32 = i32(min(len(keys), len(upper)) if flip == 0 else len(found))
    one: i32 = 1
    full = (one << n) - 1
    flip &= full
    last = end - 2
    count: i32 = 0
    r = first
    open_columns = full  # those of row r still to be tried
    free = full  # those no upper row has taken
    path: i64 = 0
    while True:
        if open_columns == 0:
            r -= 1
            if r < first:
                return count
            at = STACK + r * 2
            open_columns = masks[i64(at & 8191)]
            free = masks[i64((at + 1) & 8191)]
            path = table[i64((PATH + r) & 65535)]
            continue
        low = open_columns & -open_columns
        open_columns ^= low
        longer = path + table[i64((CELL + r * 4096 + low) & 65535)]
        left = free ^ low
        blocked = BLOCKED + (r + 1) * 128
        symbols = i32(longer & 4095)
        fits = left & ~(
            masks[i64((blocked + (symbols & 63)) & 8191)]
            | masks[i64((blocked + 64 + (symbols >> 6)) & 8191)]
        )
        if fits == 0:
            continue
        if r == last:
            cells = CELL + (r + 1) * 4096
            while fits != 0:
                low = fits & -fits
                fits ^= low
                whole = longer + table[i64((cells + low) & 65535)]
                columns = masks[i64((RANK + ((full ^ left ^ low) ^ flip)) & 8191)]
                others = masks[i64((RANK + (i32(whole & 4095) ^ flip)) & 8191)]
                key = columns * ranks + others
                x = head[i64(key)]
                if flip == 0:
                    if count >= limit:
                        _unchain(head, keys, count)
                        return -1
                    keys[i64(count)] = key
                    link[i64(count)] = x
                    upper[i64(count)] = whole >> SHIFT
                    count += 1
                    head[i64(key)] = count
                    continue
                while x != 0:
                    if count >= limit:
                        return -1
                    found[i64(count)] = (whole >> SHIFT) | upper[i64(x - 1)]
                    count += 1
                    x = link[i64(x - 1)]
            continue
        at = STACK + r * 2
        masks[i64(at & 8191)] = open_columns
        masks[i64((at + 1) & 8191)] = free
        table[i64((PATH + r) & 65535)] = path
        r += 1
        open_columns = fits
        free = left
        path = longer


def _unchain(head: vec[i32], keys: vec[i32], count: i32) -> None:
    """Empty the chains again, faster than clearing all of `head`."""
    i: i32 = 0
    while i < count:
        head[i64(keys[i64(i)])] = 0
        i += 1


def common(transversals: vec[i64], count: i64, square: vec[i64], n: i64, into: vec[i64]) -> i64:
    """Put in `into` those that are transversals of another square as well; returns how many."""
    assert len(square) >= 256
    one: i64 = 1
    full = (one << n) - 1
    kept: i64 = 0
    i: i64 = 0
    while i < count:
        rest = transversals[i]
        symbols: i64 = 0
        row: i64 = 0
        while row < n * 16:
            symbols |= one << square[(row + (rest & 15)) & 255]
            rest >>= 4
            row += 16
        if symbols == full:
            into[kept] = transversals[i]
            kept += 1
        i += 1
    return kept


def crossing(
    transversals: vec[i64], count: i64, n: i64, main: i64, back: i64, into: vec[i64]
) -> i64:
    """Put in `into` those that meet the diagonals `main` and `back` once each; returns how many."""
    kept: i64 = 0
    i: i64 = 0
    while i < count:
        forward = transversals[i] ^ main
        backward = transversals[i] ^ back
        met: i64 = 0
        r: i64 = 0
        while r < n:
            if forward & 15 == 0:
                met += 1
            if backward & 15 == 0:
                met += 16
            forward >>= 4
            backward >>= 4
            r += 1
        if met == 17:
            into[kept] = transversals[i]
            kept += 1
        i += 1
    return kept


def opposite(transversals: vec[i64], count: i64, n: i64, main: i64, since: i64 = 0) -> i64:
    """The number of one that can be the back diagonal where `main` is the main one; -1 for none.

    It is looked for from number `since` on. With rows and columns numbered along `main`, it must
    pair them off, but for the middle one of an odd order.
    """
    row_of = zeros(16)
    r: i64 = 0
    while r < n:
        row_of[(main >> (4 * r)) & 15] = r
        r += 1
    i = since
    while i < count:
        back = transversals[i]
        fixed: i64 = 0
        r = 0
        while r < n:
            partner = row_of[(back >> (4 * r)) & 15]
            if row_of[(back >> (4 * partner)) & 15] != r:
                break
            if partner == r:
                fixed += 1
            r += 1
        if r == n and fixed == n % 2:
            return i
        i += 1
    return -1
