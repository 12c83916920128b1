"""Which transversals of a square are alike: its automorphisms take one to the other.

An automorphism (an autoparatopism: rows may become columns or symbols) takes transversals to
transversals and mates to mates, so alike transversals are in equally many mates.
Compiled by mypyc; the same source runs without it, slower.
"""

from collections.abc import Sequence

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import zeros


def orbits(
    square: tuple[tuple[int, ...], ...],
    listed: vec[i64],
    count: i64,
    automorphisms: Sequence[Sequence[int]],
) -> vec[i64]:
    """For each of the `count` transversals listed, all that there are, the first one alike.

    They are packed as in `solver.search.transversals`; the automorphisms are those of
    `solver.classes.main_class.automorphisms`.
    """
    n: i64 = len(square)
    first = zeros(int(count))
    i: i64 = 0
    while i < count:
        first[i] = i
        i += 1
    if not automorphisms:
        return first
    size: i64 = 1
    while size < 2 * count:
        size *= 2
    places = zeros(int(size))
    i = 0
    while i < count:
        places[_place(places, listed, listed[i])] = i + 1
        i += 1
    for automorphism in automorphisms:
        cells = _taken(square, automorphism)
        i = 0
        while i < count:
            there = places[_place(places, listed, _image(listed[i], cells, n))]
            _unite(first, i, there - 1)
            i += 1
    i = 0
    while i < count:
        first[i] = _root(first, i)
        i += 1
    return first


def _place(places: vec[i64], listed: vec[i64], transversal: i64) -> i64:
    """Where a transversal's number in the list, from 1, is or belongs: a dict of them is large."""
    mask = len(places) - 1
    at = (transversal ^ (transversal >> 17) ^ (transversal >> 34)) & mask
    while places[at] > 0 and listed[places[at] - 1] != transversal:
        at = (at + 1) & mask
    return at


def _taken(square: tuple[tuple[int, ...], ...], automorphism: Sequence[int]) -> vec[i64]:
    """[row, column]: where the cell goes, as one nibble of a packed transversal."""
    n = len(square)
    cells = zeros(256)
    for row in range(n):
        for column in range(n):
            points = (row, n + column, 2 * n + square[row][column])
            to = sorted(automorphism[point] for point in points)
            cells[row * 16 + column] = (to[1] - n) << 4 * to[0]
    return cells


def _image(transversal: i64, cells: vec[i64], n: i64) -> i64:
    assert len(cells) >= 256
    image: i64 = 0
    row: i64 = 0
    while row < n:
        image |= cells[(row * 16 + (transversal & 15)) & 255]
        transversal >>= 4
        row += 1
    return image


def _root(first: vec[i64], i: i64) -> i64:
    while first[i] != i:
        first[i] = first[first[i]]
        i = first[i]
    return i


def _unite(first: vec[i64], one: i64, other: i64) -> None:
    one = _root(first, one)
    other = _root(first, other)
    if one < other:
        first[other] = one
    else:
        first[one] = other
