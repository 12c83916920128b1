"""Random Latin squares that a prescribed group leaves as they are.

A cell with its symbol is a triple (row, column, symbol); the group moves triples along orbits, and
the square is made of whole orbits. So it is an exact cover: each cell, each symbol of a row and
each symbol of a column is in one of the orbits chosen. These, too, go by orbits: so few that they
are bits of three words.
Compiled by mypyc; the same source runs without it, slower.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import Random, zeros

Triple: TypeAlias = tuple[int, int, int]
Move: TypeAlias = Callable[[Triple], Triple]

WORD: Final = 50
"""Items to a word: bits of wider ones would be boxed on 32-bit machines."""
MOST: Final = 3 * WORD
_NODES: Final = 500
"""Choices after which a square is begun anew."""
_TRIES: Final = 1_000
"""Squares begun in vain after which there is taken to be none."""


@final
class Invariant:
    """Squares of an order that each of the `moves` leaves as it is, one after another."""

    def __init__(self, order: int, moves: Sequence[Move]) -> None:
        """Raises ValueError where the moves are too few to tell the items by three words."""
        self.order: i64 = order
        self.square: vec[i64] = zeros(256)
        self.words: vec[i64] = zeros(4096)  # [option]: three words of the items it takes
        self.begins: vec[i64] = zeros(1024)  # [option]: where its triples begin, and end
        self.triples: vec[i64] = zeros(1024)  # packed as nibbles: symbol, column, row
        self.options: vec[i64] = zeros(4096)  # by item
        self.starts: vec[i64] = zeros(256)  # [item]: where its options begin
        self.bits: vec[i64] = zeros(64)
        for bit in range(WORD):
            self.bits[bit] = 1 << bit
        self.chosen: vec[i64] = zeros(128)
        self.before: vec[i64] = zeros(128)
        self.count: i64 = 0
        self.nodes: i64 = 0
        self.items: i64 = 0
        self._tabulate(order, moves)

    def _tabulate(self, order: int, moves: Sequence[Move]) -> None:
        items = _items(order, moves)
        number = {pair: at for at, orbit in enumerate(items) for pair in orbit}
        if len(items) > MOST:
            raise ValueError("these moves leave too many orbits.")
        # Those without cells are covered once all cells are.
        self.items = sum(any(pair[0] == 0 for pair in orbit) for orbit in items)
        by_item: list[list[int]] = [[] for _ in items]
        at = option = 0
        for orbit in _orbits([(r, c, s) for r in range(order) for c in range(order)
                              for s in range(order)], moves):  # fmt: skip
            pairs = [pair for triple in orbit for pair in _pairs(triple)]
            if len(set(pairs)) < len(pairs):
                continue
            self.begins[option] = at
            for r, c, s in orbit:
                self.triples[at] = s | (c << 4) | (r << 8)
                at += 1
            self.begins[option + 1] = at
            for item in {number[pair] for pair in pairs}:
                by_item[item].append(option)
                word = option * 4 + item // WORD
                self.words[word] = self.words[word] | (1 << (item % WORD))
            option += 1
        at = 0
        for item, options in enumerate(by_item):
            self.starts[item] = at
            for one in options:
                self.options[at] = one
                at += 1
            self.starts[item + 1] = at

    def begin(self, random: Random) -> bool:
        """Put a random square in `square` (16 cells a row); False where none was found."""
        tries: i64 = 0
        while tries < _TRIES:
            self.count = 0
            if self._complete(random):
                return True
            tries += 1
        return False

    def change(self, random: Random) -> bool:
        """Fill anew what has the orbit of some row, column or symbol; False where that failed.

        Then the square is as it was.
        """
        before = self.before
        count = self.keep(before)
        shift = 4 * random.below(3)
        line = random.below(self.order)
        self.count = 0
        i: i64 = 0
        while i < count:
            if not self._holds(before[i], shift, line):
                self.chosen[self.count & 127] = before[i]
                self.count += 1
            i += 1
        if self._complete(random):
            return True
        self.put_back(before, count)
        return False

    def keep(self, options: vec[i64]) -> i64:
        """Put what the square is made of in `options` (room for 128); returns how many they are."""
        i: i64 = 0
        while i < self.count:
            options[i] = self.chosen[i & 127]
            i += 1
        return i

    def put_back(self, options: vec[i64], count: i64) -> None:
        """Take the square that is made of the options kept."""
        self.count = 0
        while self.count < count:
            self.chosen[self.count & 127] = options[self.count]
            self.count += 1
        self._write()

    def _holds(self, option: i64, shift: i64, line: i64) -> bool:
        i = self.begins[option]
        while i < self.begins[option + 1]:
            if (self.triples[i & 1023] >> shift) & 15 == line:
                return True
            i += 1
        return False

    def _complete(self, random: Random) -> bool:
        """Complete what is chosen at random, and write the square."""
        first: i64 = 0
        second: i64 = 0
        third: i64 = 0
        i: i64 = 0
        while i < self.count:
            at = self.chosen[i & 127] * 4
            first |= self.words[at & 4095]
            second |= self.words[(at + 1) & 4095]
            third |= self.words[(at + 2) & 4095]
            i += 1
        self.nodes = 0
        if not self._choose(0, first, second, third, random):
            return False
        self._write()
        return True

    def _choose(self, item: i64, first: i64, second: i64, third: i64, random: Random) -> bool:
        """Cover the items from `item` on, but those that are covered by now."""
        words = self.words
        bits = self.bits
        assert len(words) >= 4096
        assert len(bits) >= 64
        while item < self.items:
            covered = first & bits[item & 63]
            if item >= 2 * WORD:
                covered = third & bits[(item - 2 * WORD) & 63]
            elif item >= WORD:
                covered = second & bits[(item - WORD) & 63]
            if covered == 0:
                break
            item += 1
        if item == self.items:
            return True
        self.nodes += 1
        if self.nodes > _NODES:
            return False
        begin = self.starts[item & 255]
        size = self.starts[(item + 1) & 255] - begin
        if size == 0:
            return False
        which = random.below(size)
        left = size
        while left > 0:
            option = self.options[(begin + which) & 4095]
            at = option * 4
            one = words[at & 4095]
            two = words[(at + 1) & 4095]
            three = words[(at + 2) & 4095]
            if one & first == 0 and two & second == 0 and three & third == 0:
                place = self.count
                self.chosen[place & 127] = option
                self.count = place + 1
                if self._choose(item + 1, first | one, second | two, third | three, random):
                    return True
                self.count = place
            which += 1
            if which == size:
                which = 0
            left -= 1
        return False

    def _write(self) -> None:
        square = self.square
        assert len(square) >= 256
        i: i64 = 0
        while i < self.count:
            option = self.chosen[i & 127]
            at = self.begins[option & 1023]
            end = self.begins[(option + 1) & 1023]
            while at < end:
                triple = self.triples[at & 1023]
                square[(triple >> 4) & 255] = triple & 15
                at += 1
            i += 1


def _pairs(triple: Triple) -> list[Triple]:
    """The cell, the symbol in the row and the symbol in the column, told apart by the first."""
    r, c, s = triple
    return [(0, r, c), (1, r, s), (2, c, s)]


def _orbits(triples: Sequence[Triple], moves: Sequence[Move]) -> list[list[Triple]]:
    """The orbits of the triples, each from the first of them on, in their order."""
    seen: set[Triple] = set()
    orbits = []
    for triple in triples:
        if triple in seen:
            continue
        seen.add(triple)
        orbit = [triple]
        for one in orbit:
            for move in moves:
                other = move(one)
                if other not in seen:
                    seen.add(other)
                    orbit.append(other)
        orbits.append(orbit)
    return orbits


def _items(order: int, moves: Sequence[Move]) -> list[list[Triple]]:
    """What a square covers once, by orbits: those with cells first, by rows, the last row first.

    The shortest orbits are the last row's: with them chosen, less is tried in vain.
    """
    pairs = [
        (kind, a, b) for kind in range(3) for a in reversed(range(order)) for b in range(order)
    ]
    return _orbits(pairs, [partial(_moved, move) for move in moves])


def _moved(move: Move, pair: Triple) -> Triple:
    """Where a pair goes: to what the images of two triples that share it share."""
    kind, a, b = pair
    one, other = (_pairs(move(_with(kind, a, b, third))) for third in (0, 1))
    (shared,) = set(one) & set(other)
    return shared


def _with(kind: int, a: int, b: int, third: int) -> Triple:
    return ((a, b, third), (a, third, b), (third, a, b))[kind]
