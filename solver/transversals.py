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

from solver.latin import MAX_ORDER, zeros

# Offsets into the flat table. A partial transversal is packed as SHIFT bits of symbols below
# its nibbles; the largest, 12 + 4 * 12 bits, stays clear of the sign.
SHIFT: Final = 12
CELL: Final = 0
"""[row, column bit]: the cell's symbol and column, packed."""
BLOCKED: Final = 49152
"""[row, six symbol bits low or high]: the columns whose symbol is taken."""
RANK: Final = 51200
"""[mask]: its number among the masks of n // 2 bits."""
STACK: Final = 55296
TABLE: Final = 65536


def zeros32(size: int) -> vec[i32]:
    """A vec of `size` 32-bit zeros."""
    made = vec[i32](capacity=size)
    for _ in range(size):
        made = append(made, i32(0))
    return made


@final
class Transversals:
    """Finds the transversals of squares of one order, in memory bounded when it is made."""

    def __init__(self, order: int) -> None:
        """About 1.0, 2.3 and 11 MB at orders up to 9, 10 and 12."""
        assert 1 <= order <= MAX_ORDER
        self.order: i64 = order
        halves = 4096 if order < 9 else 16384 if order < 11 else 262144
        self.table: vec[i64] = zeros(TABLE)
        ranks = 0
        for mask in range(1 << order):
            if mask.bit_count() == order // 2:
                self.table[RANK + mask] = ranks
                ranks += 1
        self.ranks: i64 = ranks
        self.head: vec[i32] = zeros32(ranks * ranks)
        self.link: vec[i32] = zeros32(halves)
        self.upper_keys: vec[i32] = zeros32(halves)
        self.upper: vec[i64] = zeros(halves)
        self.lower_keys: vec[i32] = zeros32(halves)
        self.lower: vec[i64] = zeros(halves)
        self.found: vec[i64] = zeros(8192 if order < 11 else 65536)

    def find(self, square: vec[i64]) -> i64:
        """Put every transversal of `square` (16 cells a row) in `found`; returns how many.

        -1 where there are more than the memory is bounded to; none is then usable.
        """
        n = self.order
        if n < 4:
            return self._few(square)
        _prepare(self.table, square, n)
        ends = _half(self.table, self.upper_keys, self.upper, n, 0, n // 2, 0, self.ranks)
        if ends < 0:
            return -1
        rest = _half(self.table, self.lower_keys, self.lower, n, n // 2, n, -1, self.ranks)
        _chain(self.head, self.link, self.upper_keys, ends)
        count: i64 = -1
        if rest >= 0:
            count = _join(
                self.head, self.link, self.upper, self.lower_keys, self.lower, rest, self.found
            )
        _unchain(self.head, self.upper_keys, ends)
        return count

    def _few(self, square: vec[i64]) -> i64:
        n = int(self.order)
        count: i64 = 0
        for columns in permutations(range(n)):
            if len({int(square[r * 16 + c]) for r, c in enumerate(columns)}) == n:
                self.found[count] = sum(c << (4 * r) for r, c in enumerate(columns))
                count += 1
        return count


def _prepare(table: vec[i64], square: vec[i64], n: i64) -> None:
    """Fill CELL and BLOCKED for a square."""
    assert len(table) >= TABLE
    assert len(square) >= 256
    r: i64 = 0
    while r < n:
        blocked = BLOCKED + r * 128
        table[blocked] = 0
        table[blocked + 64] = 0
        c: i64 = 0
        bit: i64 = 1
        while c < n:
            s = square[r * 16 + c]
            one: i64 = 1
            table[(CELL + r * 4096 + bit) & 65535] = (one << s) | (c << (4 * r + SHIFT))
            if s < 6:
                table[(blocked + (one << s)) & 65535] = bit
            else:
                table[(blocked + 64 + (one << (s - 6))) & 65535] = bit
            bit += bit
            c += 1
        m: i64 = 1
        while m < 64:
            low = m & -m
            if low != m:
                at = blocked + m
                table[at] = table[blocked + (m ^ low)] | table[blocked + low]
                table[at + 64] = table[blocked + 64 + (m ^ low)] | table[blocked + 64 + low]
            m += 1
        r += 1


def _half(
    table: vec[i64],
    keys: vec[i32],
    paths: vec[i64],
    n: i64,
    first: i64,
    end: i64,
    flip: i64,
    ranks: i64,
) -> i64:
    """Enumerate the partial transversals of rows `first` to `end` - 1; at least two rows.

    Each gives a key and its nibbles. `flip` is -1 to key by the complements of its columns and
    symbols, 0 to key by themselves. Returns how many, or -1 where they do not fit.
    """
    assert len(table) >= TABLE
    limit: i64 = min(len(keys), len(paths))
    one: i64 = 1
    full = (one << n) - 1
    flip &= full
    last = end - 2
    count: i64 = 0
    r = first
    open_columns = full  # those of row r still to be tried
    free = full  # those no upper row has taken
    path: i64 = 0
    while True:
        if open_columns == 0:
            r -= 1
            if r < first:
                return count
            at = STACK + r * 4
            open_columns = table[at & 65535]
            free = table[(at + 1) & 65535]
            path = table[(at + 2) & 65535]
            continue
        low = open_columns & -open_columns
        open_columns ^= low
        longer = path + table[(CELL + r * 4096 + low) & 65535]
        left = free ^ low
        blocked = BLOCKED + (r + 1) * 128
        fits = left & ~(
            table[(blocked + (longer & 63)) & 65535]
            | table[(blocked + 64 + ((longer >> 6) & 63)) & 65535]
        )
        if fits == 0:
            continue
        if r == last:
            cells = CELL + (r + 1) * 4096
            while fits != 0:
                low = fits & -fits
                fits ^= low
                whole = longer + table[(cells + low) & 65535]
                if count >= limit:
                    return -1
                columns = table[(RANK + ((full ^ left ^ low) ^ flip)) & 65535]
                symbols = table[(RANK + ((whole & full) ^ flip)) & 65535]
                keys[count] = i32(columns * ranks + symbols)
                paths[count] = whole >> SHIFT
                count += 1
            continue
        at = STACK + r * 4
        table[at & 65535] = open_columns
        table[(at + 1) & 65535] = free
        table[(at + 2) & 65535] = path
        r += 1
        open_columns = fits
        free = left
        path = longer


def _chain(head: vec[i32], link: vec[i32], keys: vec[i32], count: i64) -> None:
    """Chain the upper halves by key; numbers in `head` and `link` are one too high, 0 ends."""
    i: i64 = 0
    while i < count:
        key = i64(keys[i])
        link[i] = head[key]
        head[key] = i32(i + 1)
        i += 1


def _join(
    head: vec[i32],
    link: vec[i32],
    upper: vec[i64],
    keys: vec[i32],
    lower: vec[i64],
    count: i64,
    found: vec[i64],
) -> i64:
    """Join each of `count` lower halves with its upper ones; returns how many, -1 for no room."""
    joined: i64 = 0
    limit: i64 = len(found)
    i: i64 = 0
    while i < count:
        x = i64(head[i64(keys[i])])
        while x != 0:
            if joined >= limit:
                return -1
            found[joined] = lower[i] | upper[x - 1]
            joined += 1
            x = i64(link[x - 1])
        i += 1
    return joined


def _unchain(head: vec[i32], keys: vec[i32], count: i64) -> None:
    """Empty the chains again, faster than clearing all of `head`."""
    i: i64 = 0
    while i < count:
        head[i64(keys[i])] = 0
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


def opposite(transversals: vec[i64], count: i64, n: i64, main: i64) -> i64:
    """The number of one that can be the back diagonal where `main` is the main one; -1 for none.

    With rows and columns numbered along `main`, it must pair them off, but for the middle one
    of an odd order.
    """
    row_of = zeros(16)
    r: i64 = 0
    while r < n:
        row_of[(main >> (4 * r)) & 15] = r
        r += 1
    i: i64 = 0
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
