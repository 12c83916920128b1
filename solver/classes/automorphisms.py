"""Automorphisms that `canonical` comes upon, and the orbits of points that they make.

Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import zeros

GENERATORS: Final = 64
"""Automorphisms kept to prune with, the last ones."""


@final
class Automorphisms:
    """What is known of a set's automorphisms: a point goes to another, of `points` in all."""

    def __init__(self, points: int, levels: int) -> None:
        self.points: i64 = points
        # Level by level: the orbits of the automorphisms that leave the path so far as it is; one
        # `orbit` does for the first path's nodes, which are left from the deepest up.
        self.orbits: vec[i64] = zeros(points * levels)
        self.orbit: vec[i64] = zeros(points)
        self.kept: vec[i64] = zeros(points * GENERATORS)
        self.joined: i64 = 0

    def known(self) -> list[list[int]]:
        """Automorphisms that make those orbits, each as where it takes every point.

        A part of what made them, where they were more than are kept.
        """
        found: list[list[int]] = []
        which: i64 = 0
        while which < min(self.joined, GENERATORS):
            at = which * self.points
            found.append([int(self.kept[at + point]) for point in range(int(self.points))])
            which += 1
        return found

    def forget(self) -> None:
        """Begin another set: every point is an orbit of its own."""
        self.joined = 0
        i: i64 = 0
        while i < self.points:
            self.orbit[i] = i
            i += 1

    def beside(self, members: vec[i64], base: i64, m: i64) -> bool:
        """Whether member m of a node's cell, from `base` on, is in an earlier one's orbit."""
        return _beside(self.orbits, base, members, base, m)

    def beside_first(self, members: vec[i64], base: i64, m: i64) -> bool:
        """The same for a node of the first path."""
        return _beside(self.orbit, 0, members, base, m)

    def orbit_size(self, members: vec[i64], base: i64, size: i64) -> i64:
        """How many of a cell's members are in its first one's orbit, on the first path."""
        same = root(self.orbit, 0, members[base])
        alike: i64 = 0
        m: i64 = 0
        while m < size:
            if root(self.orbit, 0, members[base + m]) == same:
                alike += 1
            m += 1
        return alike

    def learn(self, path: vec[i64], level: i64, learnt: i64) -> i64:
        """Join, in a node's orbits, what automorphisms found since do; returns how many there are.

        Only those count that leave the path to the node as it is. `learnt`: -1 at first.
        """
        points = self.points
        base = level * points
        i: i64 = 0
        if learnt < 0:
            while i < points:
                self.orbits[base + i] = i
                i += 1
        which: i64 = max(learnt, 0, self.joined - GENERATORS)
        while which < self.joined:
            at = which % GENERATORS * points
            i = 0
            while i < level and self.kept[at + path[i]] == path[i]:
                i += 1
            if i == level:
                i = 0
                while i < points:
                    unite(self.orbits, base, i, self.kept[at + i])
                    i += 1
            which += 1
        return self.joined

    def join(self, points: vec[i64], label: vec[i64]) -> None:
        """Enter the automorphism that takes `points`, by label, to those of the current leaf."""
        at = self.joined % GENERATORS * self.points
        i: i64 = 0
        while i < self.points:
            point = points[label[i]]
            self.kept[at + point] = i
            unite(self.orbit, 0, point, i)
            i += 1
        self.joined += 1


def _beside(orbits: vec[i64], at: i64, members: vec[i64], base: i64, m: i64) -> bool:
    same = root(orbits, at, members[base + m])
    i: i64 = 0
    while i < m:
        if root(orbits, at, members[base + i]) == same:
            return True
        i += 1
    return False


def root(orbits: vec[i64], at: i64, point: i64) -> i64:
    """The least point of an orbit, of those that begin `at`."""
    while orbits[at + point] != point:
        point = orbits[at + point]
    return point


def unite(orbits: vec[i64], at: i64, one: i64, other: i64) -> None:
    """Make the orbits of two points one."""
    one = root(orbits, at, one)
    other = root(orbits, at, other)
    if one < other:
        orbits[at + other] = one
    else:
        orbits[at + one] = other
