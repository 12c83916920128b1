"""The orthogonality graph of Latin squares: who is r-orthogonal to whom, and what follows from it.

Two squares are r-orthogonal where laying one on the other gives r different pairs of symbols; of
n * n they are orthogonal. Its vertices are squares, alike where their symbols have other names
only; classes of squares that are orthogonal to others of the same class have a loop (J. Egan, I. M.
Wanless, "Enumeration of MOLS of small order", Math. Comp. 85 (2016) 799-824).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import add

from solver.records import Rows

CLIQUE_STEPS = 200_000
"""Choices tried for the cliques: about a second."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Two squares, by their place in the graph, and the pairs of symbols they make."""

    one: int
    other: int
    r: int


@dataclass(frozen=True, slots=True)
class Cliques:
    """Sets of squares, each two joined, that no further one can join: how many of each size.

    `largest`: one of the largest, as places. Not `whole` where the search was ended before its end.
    """

    sizes: Counter[int]
    largest: tuple[int, ...]
    whole: bool


@dataclass(slots=True)
class OrthogonalityGraph:
    """Squares of one order, joined where they make at least so many pairs: every one, for 0.

    `spectrum`: how many pairs of squares make how many pairs of symbols. `self_orthogonal`: places
    of squares that are joined to their own transpose.
    """

    order: int
    at_least: int = 0
    edges: list[Edge] = field(default_factory=list)
    spectrum: Counter[int] = field(default_factory=Counter)
    self_orthogonal: set[int] = field(default_factory=set)
    _cells: list[list[int]] = field(default_factory=list)
    _scaled: list[list[int]] = field(default_factory=list)
    _places: dict[bytes, int] = field(default_factory=dict)

    @property
    def needed(self) -> int:
        """Pairs of symbols that an edge takes."""
        return self.at_least or self.order**2

    @property
    def size(self) -> int:
        """How many squares there are."""
        return len(self._cells)

    def place(self, square: Rows) -> int | None:
        """Where a Latin square, or one with other names, stands; None where it does not."""
        return self._places.get(_key(square))

    def add(self, square: Rows) -> list[Edge]:
        """Compare a Latin square that is not there yet with all that are; its edges."""
        cells = [symbol for row in square for symbol in row]
        new, order = self.size, self.order
        found = []
        for other, scaled in enumerate(self._scaled):
            r = len(set(map(add, scaled, cells)))
            self.spectrum[r] += 1
            if r >= self.needed:
                found.append(Edge(other, new, r))
        turned = [order * symbol for column in zip(*square, strict=True) for symbol in column]
        if len(set(map(add, turned, cells))) >= self.needed:
            self.self_orthogonal.add(new)
        self.edges += found
        self._places[_key(square)] = new
        self._cells.append(cells)
        self._scaled.append([order * symbol for symbol in cells])
        return found

    def neighbours(self) -> list[int]:
        """For each square the places of those it is joined to, as bits."""
        joined = [0] * self.size
        for edge in self.edges:
            joined[edge.one] |= 1 << edge.other
            joined[edge.other] |= 1 << edge.one
        return joined

    def components(self) -> list[list[int]]:
        """The squares that edges lead from one to the other of, the largest sets first."""
        joined = self.neighbours()
        left = set(range(self.size))
        found = []
        while left:
            member, todo = [], [min(left)]
            left.discard(todo[0])
            while todo:
                place = todo.pop()
                member.append(place)
                reached = [other for other in _bits(joined[place]) if other in left]
                left.difference_update(reached)
                todo += reached
            found.append(sorted(member))
        return sorted(found, key=lambda member: (-len(member), member))

    def cliques(self) -> Cliques:
        """C. Bron, J. Kerbosch, "Algorithm 457", Comm. ACM 16 (1973) 575-577, with a pivot."""
        joined = self.neighbours()
        sizes: Counter[int] = Counter()
        largest: tuple[int, ...] = ()
        met = 0
        for place, others in enumerate(joined):
            met |= (others != 0) << place
        todo: list[tuple[tuple[int, ...], int, int]] = [((), met, 0)]
        steps = 0
        while todo and steps < CLIQUE_STEPS:
            steps += 1
            chosen, free, done = todo.pop()
            if not free and not done:
                sizes[len(chosen)] += bool(chosen)
                largest = max(largest, chosen, key=len)
                continue
            if not free:
                continue
            pivot = max(_bits(free | done), key=lambda place: (joined[place] & free).bit_count())
            for place in _bits(free & ~joined[pivot]):
                near = joined[place]
                todo.append(((*chosen, place), free & near, done & near))
                free &= ~(1 << place)
                done |= 1 << place
        return Cliques(+sizes, tuple(sorted(largest)), whole=not todo)


def _key(square: Rows) -> bytes:
    """The same for squares whose symbols have other names."""
    name = {symbol: number for number, symbol in enumerate(square[0])}
    width = 1 if len(square) <= 256 else 2
    return b"".join(name[symbol].to_bytes(width, "big") for row in square for symbol in row)


def _bits(places: int) -> Iterator[int]:
    while places:
        low = places & -places
        yield low.bit_length() - 1
        places ^= low
