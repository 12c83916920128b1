"""The canonical form of a set of MOLS: the same for all that differ in names alone.

A set of k squares of order n is an orthogonal array: n * n rows (row, column, symbol, symbol...)
of k + 2 columns. Two sets are of one class (a main class, for one square) where permuting the
array's columns, and the symbols within each, turns one into the other.

Symbols get colours that no renaming changes: first from the cycles between each two of a column's
symbols (D. Kotlar, "Parity types, cycle structures and autotopisms of Latin squares", Electron.
J. Combin. 19 (2012) P10), then from the colours of the rows they lie in, until nothing more is
told apart. Where symbols still look alike, each is singled out in turn; the least of the arrays
so labelled is the form. Labellings that give the same array are automorphisms: they prune that
tree, and their number is the size of the group (B. D. McKay, A. Piperno, "Practical graph
isomorphism, II", J. Symbolic Comput. 60 (2014) 94-112).
Compiled by mypyc; the same source runs without it, slower.
"""

from math import factorial
from typing import Final, TypeAlias, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.latin import zeros

Squares: TypeAlias = tuple[tuple[tuple[int, ...], ...], ...]

MAX_ORDER: Final = 256
"""So that a symbol of the form is a byte."""
BOUND: Final = 50_000_000
"""Rows looked at before a form is given up: about a second."""
CYCLES: Final = 40_000_000
LINKS: Final = 2_000_000
"""Where the cycles alone would take more steps or memory, colours begin without them."""
DEPTH: Final = 32
"""Symbols singled out at most; each doubles what the ones before it determine."""
COLUMNS: Final = 64

# Below 2^30, so that 32-bit machines need not box them, and products stay below 2^62.
ONE: Final = 0x1B873593
TWO: Final = 0x2C1B3C6D
LOW: Final = 0x3FFFFFFF


def mix(value: i64) -> i64:
    """30 bits that look unlike `value`, of which 60 bits count."""
    x = ((value ^ (value >> 30)) & LOW) * ONE
    x = ((x ^ (x >> 29)) & LOW) * TWO
    return (x ^ (x >> 31)) & LOW


@final
class Canonical:
    """Finds the forms of sets of `squares` MOLS of one order; a set is kept until the next."""

    def __init__(self, order: int, squares: int) -> None:
        """Up to 0.1 MB for pairs of order 10."""
        assert 1 <= order <= MAX_ORDER
        assert 1 <= squares <= COLUMNS - 2
        n: i64 = order
        k: i64 = squares + 2
        self.n: i64 = n
        self.k: i64 = k
        self.points: i64 = n * k
        self.array: vec[i64] = zeros(int(n * n * k))
        steps = k * (k - 1) * (k - 2) * n * n * (n - 1) // 4
        links = k * k * k * n * n
        self.with_cycles = steps <= CYCLES and links <= LINKS
        self.links: vec[i64] = zeros(int(links) if self.with_cycles else 0)
        points = int(self.points)
        self.colours: vec[i64] = zeros(points * (DEPTH + 1))
        self.members: vec[i64] = zeros(points * (DEPTH + 1))
        self.hashes: vec[i64] = zeros(points)
        self.sums: vec[i64] = zeros(points)
        self.sorted: vec[i64] = zeros(points)
        self.keys: vec[i64] = zeros(points)
        self.spare: vec[i64] = zeros(max(points, COLUMNS))
        self.label: vec[i64] = zeros(points)
        self.place: vec[i64] = zeros(COLUMNS)
        self.orbit: vec[i64] = zeros(points)
        self.cells: i64 = 0
        # Of the path now walked, of the first leaf's and of the best one's: traces, choices,
        # length, the labelled array and which point has which label.
        size = int(n * n * (k - 2))
        self.traces: vec[i64] = zeros(DEPTH + 2)
        self.path: vec[i64] = zeros(DEPTH + 2)
        self.leaf: vec[i64] = zeros(size)
        self.first_traces: vec[i64] = zeros(DEPTH + 2)
        self.first_path: vec[i64] = zeros(DEPTH + 2)
        self.first_leaf: vec[i64] = zeros(size)
        self.first_points: vec[i64] = zeros(points)
        self.first_length: i64 = -1
        self.best_traces: vec[i64] = zeros(DEPTH + 2)
        self.best_path: vec[i64] = zeros(DEPTH + 2)
        self.best_leaf: vec[i64] = zeros(size)
        self.best_points: vec[i64] = zeros(points)
        self.best_length: i64 = -1
        self.work: i64 = 0
        self.group = 1

    def find(self, squares: Squares) -> bool:
        """Find the form of a set (`form`) and the size of its group (`group`).

        False where that would take too long: nothing is then known. The squares are mutually
        orthogonal and of symbols 0 to n - 1; this is not checked.
        """
        n = self.n
        self.group = 1
        self.work = 0
        self.first_length = -1
        self.best_length = -1
        if n == 1:
            self.group = factorial(int(self.k))
            return True
        self._enter(squares)
        i: i64 = 0
        while i < self.points:
            self.orbit[i] = i
            self.sorted[i] = i
            self.colours[i] = 0
            i += 1
        if self.with_cycles:
            self._by_cycles()
        else:
            self._sort_by_colour(0)
        self.traces[0] = self._refine(0)
        self._descend(0, True)
        return self.work <= BOUND

    def form(self) -> bytes:
        """The form: squares as they are read, symbol by symbol, a byte each."""
        if self.n == 1:
            return bytes(int(self.k) - 2)
        return bytes([int(self.best_leaf[i]) for i in range(len(self.best_leaf))])

    def _enter(self, squares: Squares) -> None:
        """Write the array: its points are numbered column by column."""
        n = self.n
        k = self.k
        array = self.array
        at: i64 = 0
        x: i64 = 0
        while x < n:
            y: i64 = 0
            while y < n:
                array[at] = x
                array[at + 1] = n + y
                at += k
                y += 1
            x += 1
        column: i64 = 2
        for square in squares:
            at = column
            for row in square:
                for symbol in row:
                    array[at] = column * n + symbol
                    at += k
            column += 1

    def _by_cycles(self) -> None:
        """Colour columns and symbols by the cycles between each two symbols of a column."""
        n = self.n
        k = self.k
        _link(self.array, self.links, n, k)
        i: i64 = 0
        while i < self.points:
            self.sums[i] = 0
            i += 1
        a: i64 = 0
        while a < k:
            x: i64 = 0
            while x < n - 1:
                y = x + 1
                while y < n:
                    found = _cycles(self.links, self.spare, n, k, a, x, y)
                    self.sums[a * n + x] += found
                    self.sums[a * n + y] += found
                    y += 1
                x += 1
            a += 1
        a = 0
        while a < k:
            whole: i64 = 0
            i = a * n
            while i < a * n + n:
                whole += mix(self.sums[i])
                i += 1
            whole = mix(whole)
            i = a * n
            while i < a * n + n:
                self.keys[i] = (whole << 30) | mix(self.sums[i])
                i += 1
            a += 1
        self._sort(0)

    def _sort_by_colour(self, level: i64) -> None:
        base = level * self.points
        i: i64 = 0
        while i < self.points:
            self.keys[i] = self.colours[base + i]
            i += 1
        self._sort(level)

    def _sort(self, level: i64) -> None:
        """Sort the points by their keys; a point's colour is where its cell begins."""
        points = self.points
        base = level * points
        keys = self.keys
        order = self.sorted
        colours = self.colours
        i: i64 = 0
        while i < points:
            point = order[i]
            key = keys[point]
            at = i
            while at > 0 and keys[order[at - 1]] > key:
                order[at] = order[at - 1]
                at -= 1
            order[at] = point
            i += 1
        cells: i64 = 0
        start: i64 = 0
        last: i64 = -1
        i = 0
        while i < points:
            key = keys[order[i]]
            if key != last:
                last = key
                start = i
                cells += 1
            colours[base + order[i]] = start
            i += 1
        self.cells = cells

    def _refine(self, level: i64) -> i64:
        """Tell points apart by the rows they lie in until nothing changes; returns the trace.

        The trace is what every renaming leaves alone: it tells most paths apart early.
        """
        n = self.n
        k = self.k
        points = self.points
        base = level * points
        trace: i64 = 0
        before: i64 = -1
        while self.cells > before and self.cells < points:
            before = self.cells
            _spread(self.array, self.colours, self.hashes, self.sums, base, n * n, k, points)
            self.work += n * n
            i: i64 = 0
            while i < points:
                self.keys[i] = (self.colours[base + i] << 30) | mix(self.sums[i])
                i += 1
            self._sort(level)
            i = 0
            while i < points:
                trace = mix(trace ^ self.keys[self.sorted[i]])
                i += 1
        return (trace << 20) | self.cells

    def _descend(self, level: i64, on_first: bool) -> i64:
        """Walk the tree below a refined colouring; returns the level at which to go on."""
        if self.work > BOUND or level >= DEPTH:
            self.work = BOUND + 1
            return -1
        points = self.points
        if self.traces[level] & 0xFFFFF == points:
            return self._leaf(level, on_first)
        base = level * points
        size = self._choose_cell(level)
        m: i64 = 0
        while m < size:
            point = self.members[base + m]
            m += 1
            if on_first and m > 1 and self._known(base, m - 1, point):
                continue
            self.path[level] = point
            i: i64 = 0
            start = self.colours[base + point]
            while i < points:
                colour = self.colours[base + i]
                if colour == start and i != point:
                    colour += 1
                self.colours[base + points + i] = colour
                i += 1
            self._sort_by_colour(level + 1)
            self.traces[level + 1] = self._refine(level + 1)
            if m > 1 or not on_first:
                like_first = self._like_first(level + 1)
                if not like_first and self._beside_best(level + 1) > 0:
                    continue
            back = self._descend(level + 1, on_first and m == 1)
            if back < level:
                return back
        if on_first:
            # Every automorphism so far leaves the path's earlier choices where they are.
            alike = 0
            root = _root(self.orbit, self.members[base])
            m = 0
            while m < size:
                if _root(self.orbit, self.members[base + m]) == root:
                    alike += 1
                m += 1
            self.group *= alike
        return level - 1

    def _choose_cell(self, level: i64) -> i64:
        """List in `members` the points of the cell to branch on; returns how many.

        Of the columns with the fewest points told apart (two in one column determine nothing),
        the first of the smallest cells.
        """
        n = self.n
        points = self.points
        base = level * points
        order = self.sorted
        single = self.spare
        self._sort_by_colour(level)
        _count_single(self.colours, order, single, base, n, points)
        best: i64 = 0
        least = n * (points + 1)
        size: i64 = 0
        i: i64 = 0
        while i < points:
            start = i
            colour = self.colours[base + order[i]]
            fewest = n
            while i < points and self.colours[base + order[i]] == colour:
                fewest = min(fewest, single[order[i] // n])
                i += 1
            rank = fewest * (points + 1) + i - start
            if i - start > 1 and rank < least:
                least = rank
                best = start
                size = i - start
        i = 0
        while i < size:
            self.members[base + i] = order[best + i]
            i += 1
        return size

    def _known(self, base: i64, tried: i64, point: i64) -> bool:
        """Whether an automorphism takes one of the first `tried` members to `point`."""
        root = _root(self.orbit, point)
        m: i64 = 0
        while m < tried:
            if _root(self.orbit, self.members[base + m]) == root:
                return True
            m += 1
        return False

    def _like_first(self, level: i64) -> bool:
        i: i64 = 0
        while i <= level:
            if i > self.first_length or self.traces[i] != self.first_traces[i]:
                return False
            i += 1
        return True

    def _beside_best(self, level: i64) -> i64:
        """-1, 0 or 1: this path's traces beside those of the best leaf's path."""
        i: i64 = 0
        while i <= level:
            if i > self.best_length:
                return 1
            if self.traces[i] != self.best_traces[i]:
                return -1 if self.traces[i] < self.best_traces[i] else 1
            i += 1
        return 0

    def _leaf(self, level: i64, on_first: bool) -> i64:
        """Compare a labelled array with the first one and with the best."""
        self._label(level)
        if on_first:
            self._keep_first(level)
            self._keep_best(level)
            return level - 1
        if self._like_first(level) and _compare(self.leaf, self.first_leaf) == 0:
            self._join(self.first_points)
            return _common(self.path, self.first_path)
        beside = self._beside_best(level)
        if beside == 0:
            beside = _compare(self.leaf, self.best_leaf)
        if beside < 0:
            self._keep_best(level)
        elif beside == 0:
            self._join(self.best_points)
            return _common(self.path, self.best_path)
        return level - 1

    def _label(self, level: i64) -> None:
        """Name columns and symbols in the order of their colours, and write the array anew."""
        n = self.n
        k = self.k
        base = level * self.points
        order = self.spare
        i: i64 = 0
        while i < self.points:
            order[self.colours[base + i]] = i
            i += 1
        _name(order, self.label, self.place, self.sums, n, k)
        _rename(self.array, self.leaf, self.label, self.place, n, k)

    def _keep_first(self, level: i64) -> None:
        self.first_length = level
        _copy(self.traces, self.first_traces, DEPTH + 2)
        _copy(self.path, self.first_path, DEPTH + 2)
        _copy(self.leaf, self.first_leaf, len(self.leaf))
        _invert(self.label, self.first_points, self.points)

    def _keep_best(self, level: i64) -> None:
        self.best_length = level
        _copy(self.traces, self.best_traces, DEPTH + 2)
        _copy(self.path, self.best_path, DEPTH + 2)
        _copy(self.leaf, self.best_leaf, len(self.leaf))
        _invert(self.label, self.best_points, self.points)

    def _join(self, points: vec[i64]) -> None:
        """Enter the automorphism that takes `points`, by label, to those of the current leaf."""
        i: i64 = 0
        while i < self.points:
            one = _root(self.orbit, points[self.label[i]])
            other = _root(self.orbit, i)
            if one < other:
                self.orbit[other] = one
            elif other < one:
                self.orbit[one] = other
            i += 1


def _link(array: vec[i64], links: vec[i64], n: i64, k: i64) -> None:
    """Fill links[a, b, c, x, s]: column c's symbol in the row with x in column a, s in b."""
    end = n * n * k
    at: i64 = 0
    while at < end:
        a: i64 = 0
        while a < k:
            x = array[at + a] - a * n
            b: i64 = 0
            while b < k:
                if b != a:
                    place = (a * k + b) * k * n * n + x * n + array[at + b] - b * n
                    c: i64 = 0
                    while c < k:
                        links[place] = array[at + c] - c * n
                        place += n * n
                        c += 1
                b += 1
            a += 1
        at += k


def _cycles(links: vec[i64], seen: vec[i64], n: i64, k: i64, a: i64, x: i64, y: i64) -> i64:
    """A number for the cycles between symbols x and y of column a, in any two other columns."""
    total: i64 = 0
    b: i64 = 0
    while b < k - 1:
        c = b + 1
        while c < k:
            if a not in (b, c):
                there = ((a * k + b) * k + c) * n * n + x * n
                back = ((a * k + c) * k + b) * n * n + y * n
                kinds: i64 = 0
                s: i64 = 0
                while s < n:
                    seen[s] = 0
                    s += 1
                s = 0
                while s < n:
                    if seen[s] == 0:
                        length: i64 = 0
                        at = s
                        while seen[at] == 0:
                            seen[at] = 1
                            at = links[back + links[there + at]]
                            length += 1
                        kinds += mix(length)
                    s += 1
                total += mix(kinds)
            c += 1
        b += 1
    return mix(total)


def _spread(
    array: vec[i64],
    colours: vec[i64],
    hashes: vec[i64],
    sums: vec[i64],
    base: i64,
    rows: i64,
    k: i64,
    points: i64,
) -> None:
    """Give each point the sum over its rows of what the row's colours mix to."""
    i: i64 = 0
    while i < points:
        hashes[i] = mix(colours[base + i] + 1)
        sums[i] = 0
        i += 1
    at: i64 = 0
    while at < rows * k:
        row: i64 = 0
        end = at + k
        i = at
        while i < end:
            row += hashes[array[i]]
            i += 1
        row = mix(row)
        while at < end:
            sums[array[at]] += row
            at += 1


def _count_single(
    colours: vec[i64], order: vec[i64], single: vec[i64], base: i64, n: i64, points: i64
) -> None:
    """Count in each column the points that are told apart from all others."""
    i: i64 = 0
    while i < points // n:
        single[i] = 0
        i += 1
    i = 0
    while i < points:
        colour = colours[base + order[i]]
        # A cell's colour is where it begins.
        if colour == i and (i + 1 == points or colours[base + order[i + 1]] != colour):
            single[order[i] // n] += 1
        i += 1


def _name(
    order: vec[i64], label: vec[i64], place: vec[i64], used: vec[i64], n: i64, k: i64
) -> None:
    """Number columns by their first point in `order`, and each column's points among them."""
    a: i64 = 0
    while a < k:
        place[a] = -1
        used[a] = 0
        a += 1
    columns: i64 = 0
    i: i64 = 0
    while i < n * k:
        point = order[i]
        a = point // n
        if place[a] < 0:
            place[a] = columns
            columns += 1
        label[point] = place[a] * n + used[a]
        used[a] += 1
        i += 1


def _rename(
    array: vec[i64], leaf: vec[i64], label: vec[i64], place: vec[i64], n: i64, k: i64
) -> None:
    """Write the array with its new names, row by row of its squares."""
    first: i64 = 0
    second: i64 = 0
    a: i64 = 0
    while a < k:
        if place[a] == 0:
            first = a
        elif place[a] == 1:
            second = a
        a += 1
    size = n * n
    at: i64 = 0
    while at < size * k:
        cell = label[array[at + first]] * n + label[array[at + second]] - n
        a = 0
        while a < k:
            if place[a] > 1:
                leaf[(place[a] - 2) * size + cell] = label[array[at + a]] - place[a] * n
            a += 1
        at += k


def _compare(one: vec[i64], other: vec[i64]) -> i64:
    i: i64 = 0
    while i < len(one):
        if one[i] != other[i]:
            return -1 if one[i] < other[i] else 1
        i += 1
    return 0


def _common(path: vec[i64], other: vec[i64]) -> i64:
    """The level at which two paths part."""
    level: i64 = 0
    while path[level] == other[level]:
        level += 1
    return level


def _copy(source: vec[i64], target: vec[i64], size: i64) -> None:
    i: i64 = 0
    while i < size:
        target[i] = source[i]
        i += 1


def _invert(label: vec[i64], points: vec[i64], size: i64) -> None:
    i: i64 = 0
    while i < size:
        points[label[i]] = i
        i += 1


def _root(orbit: vec[i64], point: i64) -> i64:
    while orbit[point] != point:
        point = orbit[point]
    return point
