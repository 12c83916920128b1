"""Squares of n rows of n symbols among rows that do not go together."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from solver.formats.cells import Squares
from solver.formats.items import Read
from solver.formats.layouts import readings, square
from solver.formats.symbols import Row
from solver.formats.unread import given, unread


def may_be_square(rows: Sequence[Row]) -> bool:
    """What most rows that are no square fail, soon: their first column, and what two are made of.

    Each row of a Latin square, and of several in one grid, is written with the same characters.
    """
    first, last = rows[0].words, rows[-1].words
    if len(first) != len(last) or len({row.words[0] for row in rows}) < len(rows):
        return False
    return sorted("".join(first)) == sorted("".join(last))


def told(
    rows: Sequence[Row],
    rules: Sequence[int],
    first: Row | None = None,
    *,
    joined: bool = False,
    last: Row | None = None,
) -> Iterator[Read]:
    """Of rows that make no squares together: each square among them, and what is said of the rest.

    `rules`: before which rows one stands; `first`, `joined`, `last`: as in `unread`.
    """
    parts = _parts(rows, rules)
    for number, part in enumerate(parts, 1):
        at = 0
        for start, end, ways in windows(part):
            if at < start:
                yield from unread(part[at:start], part[start], joined=joined or at > 0, last=last)
            yield from given(part[start:end], [[way] for way in ways])
            at, last = end, part[end - 1]
        if at < len(part):
            behind = first if number == len(parts) else None
            yield from unread(part[at:], behind, joined=joined or at > 0, last=last)
        joined = False


def _parts(rows: Sequence[Row], rules: Sequence[int]) -> list[Sequence[Row]]:
    """The rows as rules part them, where that makes one readable; else they stand between rows."""
    if len({len(row.words) for row in rows}) == 1 and len(rows) % len(rows[0].words) == 0:
        return [rows]
    ends = [0, *(rule for rule in rules if rule < len(rows)), len(rows)]
    parts = [rows[start:end] for start, end in pairwise(ends)]
    return parts if len(parts) > 1 and any(map(readings, parts)) else [rows]


def windows(rows: Sequence[Row]) -> list[tuple[int, int, list[Squares]]]:
    """Where squares begin and end, looked for from the end: a row too few stands before them."""
    found = []
    end = len(rows)
    while end > 0:
        start = end - len(rows[end - 1].words)
        window = rows[max(start, 0) : end]
        if end - start > 2 and start >= 0 and may_be_square(window) and (ways := _square(window)):
            found.append((start, end, ways))
            end = start
        else:
            end -= 1
    return found[::-1]


def _square(rows: Sequence[Row]) -> list[Squares]:
    even = all(len(row.words) == len(rows) for row in rows)
    return square([row.words for row in rows]) if even else []
