"""The canonical form of a set of squares: the same for all that differ in names alone.

A set of k squares of order n is an orthogonal array: n * n rows (row, column, symbol, symbol...)
of k + 2 columns. Two sets are of one class (a main class, for one square) where permuting the
array's columns, and the symbols within each, turns one into the other. Of a set whose squares are
not all orthogonal that keeps, with the array, how many pairs of symbols each two columns make.

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

from solver.classes.automorphisms import Automorphisms
from solver.classes.colours import LOW, MAX_ORDER, count_single, cycles, link, mix, spread
from solver.classes.leaves import common, compare, copy, invert, name, rename
from solver.search.latin import zeros

Squares: TypeAlias = tuple[tuple[tuple[int, ...], ...], ...]
Gaps: TypeAlias = tuple[tuple[int, int, int], ...]
"""Two squares that are not orthogonal, by number, and how many pairs of symbols they lack."""

BOUND: Final = 50_000_000
PASSES: Final = 20_000
"""Rows looked at before a form is given up, about a second, or passes over a set's rows where that
is more: half a minute of a pair of order 256."""
CYCLES: Final = 40_000_000
LINKS: Final = 2_000_000
"""Where the cycles alone would take more steps or memory, colours begin without them: of sets of
three or more. A pair of order 256 takes a hundred million steps and 34 MB."""
DEPTH: Final = 32
"""Symbols singled out at most; each doubles what the ones before it determine."""
COLUMNS: Final = 64


@final
class Canonical:
    """Finds the forms of sets of `squares` squares of one order; a set is kept until the next."""

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
        self.with_cycles = squares <= 2 or (steps <= CYCLES and links <= LINKS)
        self.links: vec[i64] = zeros(int(links) if self.with_cycles else 0)
        self.onward: vec[i64] = zeros(MAX_ORDER)
        self.lacking: vec[i64] = zeros(int(k * k))
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
        self.automorphisms = Automorphisms(points, DEPTH + 1)
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
        self.bound: i64 = max(BOUND, PASSES * order * order)
        self.group = 1

    def find(self, squares: Squares, gaps: Gaps = ()) -> bool:
        """Find the form of a set (`form`) and the size of its group (`group`).

        False where that would take too long: nothing is then known. The squares are of symbols 0 to
        n - 1 and orthogonal but for the `gaps`; this is not checked.
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
        self._enter_gaps(gaps)
        self.automorphisms.forget()
        i: i64 = 0
        while i < self.points:
            self.sorted[i] = i
            self.colours[i] = self._lacked(i // n)
            i += 1
        if self.with_cycles:
            self._by_cycles()
        else:
            self._sort_by_colour(0)
        self.traces[0] = self._refine(0)
        self._descend(0, True)
        return self.work <= self.bound

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

    def _enter_gaps(self, gaps: Gaps) -> None:
        """Write how many pairs of symbols each two columns lack."""
        k = self.k
        i: i64 = 0
        while i < k * k:
            self.lacking[i] = 0
            i += 1
        for one, other, pairs in gaps:
            self.lacking[(one + 2) * k + other + 2] = pairs
            self.lacking[(other + 2) * k + one + 2] = pairs

    def _lacked(self, column: i64) -> i64:
        """How many pairs a column lacks: rows and columns of a form are of those that lack none."""
        lacked: i64 = 0
        i: i64 = column * self.k
        while i < column * self.k + self.k:
            lacked += self.lacking[i]
            i += 1
        return lacked

    def _by_cycles(self) -> None:
        """Colour columns and symbols by the cycles between each two symbols of a column."""
        n = self.n
        k = self.k
        link(self.array, self.links, n, k)
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
                    found = cycles(self.links, self.onward, self.lacking, n, k, a, x, y)
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
            lacked = self._lacked(a)
            whole = mix(whole + lacked)
            if lacked > 0:
                whole += LOW + 1
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
            spread(self.array, self.colours, self.hashes, self.sums, base, n * n, k, points)
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
        if self.work > self.bound or level >= DEPTH:
            self.work = self.bound + 1
            return -1
        points = self.points
        if self.traces[level] & 0xFFFFF == points:
            return self._leaf(level, on_first)
        base = level * points
        size = self._choose_cell(level)
        known = self.automorphisms
        learnt: i64 = -1
        m: i64 = 0
        while m < size:
            point = self.members[base + m]
            m += 1
            if on_first:
                if m > 1 and known.beside_first(self.members, base, m - 1):
                    continue
            elif m > 1:
                learnt = known.learn(self.path, level, learnt)
                if known.beside(self.members, base, m - 1):
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
            self.group *= int(known.orbit_size(self.members, base, size))
        return level - 1

    def _choose_cell(self, level: i64) -> i64:
        """List in `members` the points of the cell to branch on; returns how many.

        Of the columns with the fewest points told apart (two in one column determine nothing),
        the first of the largest cells.
        """
        n = self.n
        points = self.points
        base = level * points
        order = self.sorted
        single = self.spare
        self._sort_by_colour(level)
        count_single(self.colours, order, single, base, n, points)
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
            rank = fewest * (points + 1) + points - (i - start)
            if i - start > 1 and rank < least:
                least = rank
                best = start
                size = i - start
        i = 0
        while i < size:
            self.members[base + i] = order[best + i]
            i += 1
        return size

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
        if self._like_first(level) and compare(self.leaf, self.first_leaf) == 0:
            self.automorphisms.join(self.first_points, self.label)
            return common(self.path, self.first_path)
        beside = self._beside_best(level)
        if beside == 0:
            beside = compare(self.leaf, self.best_leaf)
        if beside < 0:
            self._keep_best(level)
        elif beside == 0:
            self.automorphisms.join(self.best_points, self.label)
            return common(self.path, self.best_path)
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
        name(order, self.label, self.place, self.sums, n, k)
        rename(self.array, self.leaf, self.label, self.place, n, k)

    def _keep_first(self, level: i64) -> None:
        self.first_length = level
        copy(self.traces, self.first_traces, DEPTH + 2)
        copy(self.path, self.first_path, DEPTH + 2)
        copy(self.leaf, self.first_leaf, len(self.leaf))
        invert(self.label, self.first_points, self.points)

    def _keep_best(self, level: i64) -> None:
        self.best_length = level
        copy(self.traces, self.best_traces, DEPTH + 2)
        copy(self.path, self.best_path, DEPTH + 2)
        copy(self.leaf, self.best_leaf, len(self.leaf))
        invert(self.label, self.best_points, self.points)
