"""Latin squares that are orthogonal to themselves, their cells moved by a mapping.

The square is filled cell by cell, always the one with the fewest symbols left. A symbol is left
where neither the row, the column nor a diagonal that is to be full has it, and where no pair of
symbols would come twice of those that cells make with the cells that the mapping takes them to.
Where the square is to have a symmetry, a whole orbit of cells is filled at a time.
Compiled by mypyc; the same source runs without it, slower.
"""

from collections.abc import Sequence
from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import Random, zeros
from solver.search.sieve import END, FOUND, PAUSE
from solver.search.transversals import opposite

EMPTY: Final = 15
"""Stands in a cell that is not filled: no symbol of an order up to 12."""

# Offsets into the flat state, behind the square.
IMAGE: Final = 256  # [cell]: where the mapping takes it
ORIGIN: Final = 512  # [cell]: which cell the mapping takes there
ROW_USED: Final = 768
COLUMN_USED: Final = 784
SECOND: Final = 800  # [symbol]: second symbols of the pairs in which it is the first
FIRST: Final = 816  # [symbol]: first symbols of the pairs in which it is the second
RENAMED: Final = 832  # [symbol]: what the symmetry makes of it
MAIN_USED: Final = 848
BACK_USED: Final = 849
CELLS: Final = 1024  # the cells of one orbit after the other
BEGINS: Final = 1280  # [orbit]: where its cells begin
FITS: Final = 1440  # [orbit]: symbols that come back to themselves along it
CHOSEN: Final = 1600  # [depth]: the orbit filled there
LEFT: Final = 1760  # [depth]: symbols still to be tried
STATE: Final = 2048


@final
class SelfOrthogonal:
    """Finds such squares of one order in `square` (16 cells a row); counts its `steps`.

    `renamed`: the symmetry's way with rows, columns and symbols alike, 0, 1, 2, ... for none.
    `diagonal`: both main diagonals are to be full.
    """

    def __init__(self, order: int, renamed: Sequence[int], *, diagonal: bool) -> None:
        self.order: i64 = order
        self.square: vec[i64] = zeros(STATE)
        self.diagonal = diagonal
        self.orbits: i64 = 0
        self.depth: i64 = 0
        self.filled = False
        self.steps: i64 = 0
        state = self.square
        at = 0
        seen: set[int] = set()
        for cell in range(order * order):
            r, c = divmod(cell, order)
            orbit: list[int] = []
            while 16 * r + c not in seen:
                seen.add(16 * r + c)
                orbit.append(16 * r + c)
                r, c = renamed[r], renamed[c]
            if orbit:
                state[FITS + self.orbits] = _fitting(renamed, len(orbit))
                state[BEGINS + self.orbits] = at
                for place in orbit:
                    state[CELLS + at] = place
                    at += 1
                self.orbits += 1
        state[BEGINS + self.orbits] = at
        for symbol in range(order):
            state[RENAMED + symbol] = renamed[symbol]

    def begin(self, images: Sequence[int], *, natural: bool) -> bool:
        """Begin with an empty square and a mapping, 16 * row + column of each cell's image.

        `natural`: the first row reads 0, 1, 2, ...; False where it cannot.
        """
        state = self.square
        n = int(self.order)
        for cell in range(256):
            state[cell] = EMPTY
        for at in range(ROW_USED, RENAMED):
            state[at] = 0
        state[MAIN_USED] = state[BACK_USED] = 0
        for number, image in enumerate(images):
            cell = 16 * (number // n) + number % n
            state[IMAGE + cell] = image
            state[ORIGIN + image] = cell
        self.depth = -1
        self.filled = False
        if natural:
            for symbol in range(n):
                if not _enter(state, self.diagonal, self.order, symbol, symbol):
                    return False
        return True

    def advance(self, patience: int, random: Random | None = None) -> i64:
        """Go on to the next square; FOUND, or PAUSE after so many steps, or END after all.

        With `random` symbols are tried in any order.
        """
        state = self.square
        n = self.order
        assert len(state) >= STATE
        one: i64 = 1
        depth = self.depth
        if depth < 0:
            depth = 0
            self._open(0)
        elif self.filled:
            _clear(state, self.diagonal, n, state[(CHOSEN + depth) & 2047])
        self.filled = False
        end = self.steps + patience
        while depth >= 0:
            left = state[(LEFT + depth) & 2047]
            if left == 0:
                depth -= 1
                if depth >= 0:
                    _clear(state, self.diagonal, n, state[(CHOSEN + depth) & 2047])
                continue
            if self.steps == end:
                self.depth = depth
                return PAUSE
            self.steps += 1
            if random is not None:
                start = random.below(n)
                if left >> start != 0:
                    left = (left >> start) << start
            symbol: i64 = 0
            while (left >> symbol) & 1 == 0:
                symbol += 1
            state[(LEFT + depth) & 2047] ^= one << symbol
            if not _fill(state, self.diagonal, n, state[(CHOSEN + depth) & 2047], symbol):
                continue
            if not self._open(depth + 1):
                self.depth = depth
                self.filled = True
                return FOUND
            depth += 1
        return END

    def diagonals(self, transversals: vec[i64], count: i64, into: vec[i64]) -> i64:
        """Put in `into` pairs of transversals that can be the square's diagonals and its image's.

        The mapping keeps both, or exchanges them. Returns how many pairs, at most as there is
        room for.
        """
        n = self.order
        room = i64(len(into)) // 2
        one = zeros(1)
        kept = zeros(count)
        fixed: i64 = 0
        pairs: i64 = 0
        i: i64 = 0
        while i < count:
            main = transversals[i]
            back = self._image(main)
            if back == main:
                kept[fixed] = main
                fixed += 1
            elif pairs < room and back > main and self._image(back) == main:
                one[0] = back
                if opposite(one, 1, n, main) == 0 and self._holds_all(back):
                    into[2 * pairs] = main
                    into[2 * pairs + 1] = back
                    pairs += 1
            i += 1
        i = 0
        while i < fixed:
            at = opposite(kept, fixed, n, kept[i], i + 1)
            while at >= 0 and pairs < room:
                into[2 * pairs] = kept[i]
                into[2 * pairs + 1] = kept[at]
                pairs += 1
                at = opposite(kept, fixed, n, kept[i], at + 1)
            i += 1
        return pairs

    def _image(self, transversal: i64) -> i64:
        """Where the mapping takes a transversal's cells."""
        image: i64 = 0
        row: i64 = 0
        while row < self.order:
            cell = self.square[IMAGE + 16 * row + ((transversal >> (4 * row)) & 15)]
            image |= (cell & 15) << (4 * (cell >> 4))
            row += 1
        return image

    def _holds_all(self, transversal: i64) -> bool:
        """Whether these cells hold every symbol."""
        one: i64 = 1
        symbols: i64 = 0
        row: i64 = 0
        while row < self.order:
            symbols |= one << self.square[16 * row + ((transversal >> (4 * row)) & 15)]
            row += 1
        return symbols == (one << self.order) - 1

    def _open(self, depth: i64) -> bool:
        """List what fits in the orbit where least does; False where all are filled."""
        state = self.square
        assert len(state) >= STATE
        least: i64 = 16
        orbit: i64 = 0
        while orbit < self.orbits:
            cell = state[(CELLS + state[(BEGINS + orbit) & 2047]) & 2047]
            if state[cell & 255] == EMPTY:
                left = state[(FITS + orbit) & 2047] & _free(state, self.diagonal, self.order, cell)
                count: i64 = 0
                rest = left
                while rest != 0 and count < least:
                    rest &= rest - 1
                    count += 1
                if count < least:
                    least = count
                    state[(CHOSEN + depth) & 2047] = orbit
                    state[(LEFT + depth) & 2047] = left
                    if count == 0:
                        return True
            orbit += 1
        return least < 16


def _fitting(renamed: Sequence[int], length: int) -> int:
    """The symbols that are themselves again after so many renamings."""
    symbols = 0
    for symbol in range(len(renamed)):
        at = symbol
        for _ in range(length):
            at = renamed[at]
        symbols |= (at == symbol) << symbol
    return symbols


def _free(state: vec[i64], diagonal: bool, n: i64, cell: i64) -> i64:
    """The symbols left for an empty cell."""
    assert len(state) >= STATE
    one: i64 = 1
    r = cell >> 4
    c = cell & 15
    used = state[(ROW_USED + r) & 2047] | state[(COLUMN_USED + c) & 2047]
    # Of cells that are not filled yet there are no pairs.
    used |= state[(FIRST + state[state[(IMAGE + cell) & 2047] & 255]) & 2047]
    used |= state[(SECOND + state[state[(ORIGIN + cell) & 2047] & 255]) & 2047]
    if diagonal:
        if r == c:
            used |= state[MAIN_USED]
        if r + c == n - 1:
            used |= state[BACK_USED]
    return ((one << n) - 1) & ~used


def _fill(state: vec[i64], diagonal: bool, n: i64, orbit: i64, symbol: i64) -> bool:
    """Put a symbol in an orbit's first cell and what follows in the others; False where none is."""
    assert len(state) >= STATE
    begin = state[(BEGINS + orbit) & 2047]
    end = state[(BEGINS + orbit + 1) & 2047]
    at = begin
    while at < end:
        if not _enter(state, diagonal, n, state[(CELLS + at) & 2047], symbol):
            _leave(state, diagonal, n, begin, at)
            return False
        symbol = state[(RENAMED + symbol) & 2047]
        at += 1
    return True


def _clear(state: vec[i64], diagonal: bool, n: i64, orbit: i64) -> None:
    """Empty the cells of an orbit."""
    assert len(state) >= STATE
    begin = state[(BEGINS + orbit) & 2047]
    _leave(state, diagonal, n, begin, state[(BEGINS + orbit + 1) & 2047])


def _enter(state: vec[i64], diagonal: bool, n: i64, cell: i64, symbol: i64) -> bool:
    """Put a symbol in an empty cell; False, and nothing done, where it does not go there."""
    assert len(state) >= STATE
    one: i64 = 1
    bit = one << symbol
    if _free(state, diagonal, n, cell) & bit == 0:
        return False
    state[cell & 255] = symbol
    second = state[state[(IMAGE + cell) & 2047] & 255]
    first = state[state[(ORIGIN + cell) & 2047] & 255]
    if second != EMPTY:
        if state[(SECOND + symbol) & 2047] & (one << second) != 0:
            state[cell & 255] = EMPTY
            return False
        _pair(state, symbol, second)
    if first != EMPTY and state[(IMAGE + cell) & 2047] != cell:
        # The two pairs may be one and the same.
        if state[(SECOND + first) & 2047] & bit != 0:
            state[cell & 255] = EMPTY
            if second != EMPTY:
                _pair(state, symbol, second)
            return False
        _pair(state, first, symbol)
    _line(state, diagonal, n, cell, bit)
    return True


def _leave(state: vec[i64], diagonal: bool, n: i64, begin: i64, end: i64) -> None:
    """Empty the cells listed from `begin` to `end`, the last one first."""
    assert len(state) >= STATE
    one: i64 = 1
    at = end - 1
    while at >= begin:
        cell = state[(CELLS + at) & 2047]
        symbol = state[cell & 255]
        second = state[state[(IMAGE + cell) & 2047] & 255]
        first = state[state[(ORIGIN + cell) & 2047] & 255]
        if second != EMPTY:
            _pair(state, symbol, second)
        if first != EMPTY and state[(IMAGE + cell) & 2047] != cell:
            _pair(state, first, symbol)
        state[cell & 255] = EMPTY
        _line(state, diagonal, n, cell, one << symbol)
        at -= 1


def _pair(state: vec[i64], first: i64, second: i64) -> None:
    """Note a pair of symbols, or take the note back."""
    assert len(state) >= STATE
    one: i64 = 1
    state[(SECOND + first) & 2047] ^= one << second
    state[(FIRST + second) & 2047] ^= one << first


def _line(state: vec[i64], diagonal: bool, n: i64, cell: i64, bit: i64) -> None:
    """Note a symbol in the lines of a cell, or take the note back."""
    assert len(state) >= STATE
    r = cell >> 4
    c = cell & 15
    state[(ROW_USED + r) & 2047] ^= bit
    state[(COLUMN_USED + c) & 2047] ^= bit
    if diagonal:
        if r == c:
            state[MAIN_USED] ^= bit
        if r + c == n - 1:
            state[BACK_USED] ^= bit
