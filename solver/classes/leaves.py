"""Leaves and paths of the tree that `canonical` walks.

Compiled by mypyc; the same source runs without it, slower.
"""

from librt.vecs import vec
from mypy_extensions import i64


def name(order: vec[i64], label: vec[i64], place: vec[i64], used: vec[i64], n: i64, k: i64) -> None:
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


def rename(
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


def compare(one: vec[i64], other: vec[i64]) -> i64:
    """-1, 0 or 1: which of two arrays of a size comes first."""
    i: i64 = 0
    while i < len(one):
        if one[i] != other[i]:
            return -1 if one[i] < other[i] else 1
        i += 1
    return 0


def common(path: vec[i64], other: vec[i64]) -> i64:
    """The level at which two paths part."""
    level: i64 = 0
    while path[level] == other[level]:
        level += 1
    return level


def copy(source: vec[i64], target: vec[i64], size: i64) -> None:
    """Copy the first `size` numbers."""
    i: i64 = 0
    while i < size:
        target[i] = source[i]
        i += 1


def invert(label: vec[i64], points: vec[i64], size: i64) -> None:
    """Which point has which label."""
    i: i64 = 0
    while i < size:
        points[label[i]] = i
        i += 1
