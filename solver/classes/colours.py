"""What colours the symbols of an orthogonal array, whatever their names: part of `canonical`.

Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final

from librt.vecs import vec
from mypy_extensions import i64

MAX_ORDER: Final = 256
"""So that a symbol of a form is a byte."""

# Below 2^30, so that 32-bit machines need not box them, and products stay below 2^62.
ONE: Final = 0x1B873593
TWO: Final = 0x2C1B3C6D
LOW: Final = 0x3FFFFFFF


def mix(value: i64) -> i64:
    """30 bits that look unlike `value`, of which 60 bits count."""
    x = ((value ^ (value >> 30)) & LOW) * ONE
    x = ((x ^ (x >> 29)) & LOW) * TWO
    return (x ^ (x >> 31)) & LOW


def link(array: vec[i64], links: vec[i64], n: i64, k: i64) -> None:
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
                        if c not in (a, b):
                            links[place] = array[at + c] - c * n
                        place += n * n
                        c += 1
                b += 1
            a += 1
        at += k


def cycles(
    links: vec[i64], onward: vec[i64], lacking: vec[i64], n: i64, k: i64, a: i64, x: i64, y: i64
) -> i64:
    """A number for the short cycles between symbols x and y of column a.

    In any two other columns, where these make every pair with a: from a symbol of the one, by the
    row with x to a symbol of the other, by the row with y back. Those of two, three and four steps
    are counted, which takes no branches; longer ones would hardly tell more apart.
    """
    assert len(onward) >= MAX_ORDER
    size = n * n
    total: i64 = 0
    b: i64 = 0
    while b < k - 1:
        c = b + 1
        while c < k:
            if a not in (b, c) and lacking[a * k + b] + lacking[a * k + c] == 0:
                there = ((a * k + b) * k + c) * size + x * n
                back = ((a * k + c) * k + b) * size + y * n
                s: i64 = 0
                while s < n:
                    onward[s & 255] = links[back + links[there + s]]
                    s += 1
                short: i64 = 0
                s = 0
                while s < n:
                    # All ones where a cycle closes, without a branch to guess.
                    at = onward[onward[s & 255] & 255]
                    short += (((at ^ s) - 1) >> 60) & 1
                    at = onward[at & 255]
                    short += (((at ^ s) - 1) >> 60) & 1024
                    at = onward[at & 255]
                    short += (((at ^ s) - 1) >> 60) & 1048576
                    s += 1
                total += mix(short)
            c += 1
        b += 1
    return mix(total)


def spread(
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


def count_single(
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
