"""Pages of what is kept, newest first: each costs what it holds, however much there is."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from base.errors import MALFORMED
from base.text import clean_text
from base.times import bounded_time
from results.result import Result, Unreadable
from results.selection import Selection
from results.store.classes import ALL, squares_of
from solver.records import Rows, SquareRecord, TripleRecord, checksum

Read = Callable[[str, tuple[int | str | bytes, ...]], list[Any]]
"""A query and its values, to rows."""

_COLUMNS = (
    "id, size, squares, source, job, unit, seq, node, found_at, class, covered_one, covered_other"
)
TOP = 2**62
"""Above every id."""


def page(
    read: Read, order: int | None, job: str | None, limit: int, before: int | None
) -> list[Result]:
    """The newest sets below id `before`; of a job also triples."""
    below = TOP if before is None else before
    if job is not None:
        # A job has one order, so that its newest finds can be cut to `limit` first: a page of an
        # old job then costs no walk over everything found since.
        return _results(
            read,
            " WHERE id IN (SELECT DISTINCT result FROM finds WHERE job = ? AND result < ?"
            " ORDER BY result DESC LIMIT ?) AND ? IN (0, size)",
            (job, below, limit, order or 0),
        )
    if order is not None:
        return _results(
            read,
            " INDEXED BY sets_by_order WHERE covered_one IS NULL AND size = ? AND id < ?",
            (order, below),
            limit,
        )
    return _results(
        read, " INDEXED BY sets_by_id WHERE covered_one IS NULL AND id < ?", (below,), limit
    )


def selected(
    read: Read,
    selection: Selection,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> list[Result]:
    """Newest first, the newest of them below id `before`, or the oldest above id `after`."""
    if after is not None:
        return _selected_above(read, selection, limit, after)
    if not selection.main_class:
        return page(read, selection.order or None, selection.job or None, limit, before)
    where, values = _where(selection)
    below = TOP if before is None else before
    return _results(read, f"{where} AND id < ?", (*values, below), limit)


def count(read: Read, selection: Selection, above: int = 0, top: int = TOP) -> int:
    """How many of a selection are kept, each once: those above id `above`, up to id `top`."""
    if selection.job:
        query = "SELECT count(DISTINCT result) FROM finds WHERE job = ? AND result > ?"
        [[number]] = read(f"{query} AND result <= ?", (selection.job, above, top))
        return int(number)
    where, values = _where(selection)
    [[number]] = read(
        f"SELECT count(*) FROM results{where} AND id > ? AND id <= ?",  # noqa: S608 - fixed texts only
        (*values, above, top),
    )
    return int(number)


def _where(selection: Selection) -> tuple[str, tuple[int | str | bytes, ...]]:
    """Sets of an order or of a class, or all; in the order of their ids."""
    sets = "WHERE covered_one IS NULL"
    if selection.order:
        return f" INDEXED BY sets_by_order {sets} AND size = ?", (selection.order,)
    if selection.main_class:
        name = bytes.fromhex(selection.main_class)
        return f" INDEXED BY sets_by_class {sets} AND class > x'' AND class = ?", (name,)
    return f" INDEXED BY sets_by_id {sets}", ()


def _selected_above(read: Read, selection: Selection, limit: int, after: int) -> list[Result]:
    if selection.job:
        numbers = read(
            "SELECT DISTINCT result FROM finds WHERE job = ? AND result > ?"
            " ORDER BY result LIMIT ?",
            (selection.job, after, limit),
        )
    else:
        where, values = _where(selection)
        numbers = read(
            f"SELECT id FROM results{where} AND id > ? ORDER BY id LIMIT ?",  # noqa: S608 - fixed texts only
            (*values, after, limit),
        )
    chosen = json.dumps([number for (number,) in numbers])
    return _results(read, " WHERE id IN (SELECT value FROM json_each(?))", (chosen,))


def distinct_page(
    read: Read, order: int | None, job: str | None, limit: int, before: int | None
) -> list[Result]:
    """Of each class the set that was found first, by the job where one is named."""
    whose = ALL if job is None else job
    below = TOP if before is None else before
    numbers: list[int] = []
    for each in _orders(read, whose) if order is None else (order,):
        rows = read(
            "SELECT result FROM distinct_sets WHERE job = ? AND size = ? AND result < ?"
            " ORDER BY result DESC LIMIT ?",
            (whose, each, below, limit),
        )
        numbers += [number for (number,) in rows]
    chosen = sorted(numbers, reverse=True)[:limit]
    return _results(read, " WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(chosen),))


def best_triples(read: Read, limit: int) -> list[Result]:
    """Of each class the first, the nearest to three orthogonal squares first, of equals the oldest.

    A triple whose class is not known stands for itself.
    """
    rows: list[tuple[Any, ...]] = []
    for places in (
        "SELECT result, renamings, times FROM triple_classes",
        "SELECT result, 0 AS renamings, 1 AS times FROM triples_without_class",
    ):
        rows += read(
            f"SELECT renamings, times, {_COLUMNS} FROM"  # noqa: S608 - fixed texts only
            f" ({places} ORDER BY covered DESC, result LIMIT ?) JOIN results ON id = result",
            (limit,),
        )
    found = [
        replace(each, group=group, times=times)
        for group, times, *row in rows
        if isinstance(each := _result(row), Result)
    ]
    return sorted(found, key=lambda one: (-sum(one.covered or ()), one.id))[:limit]


def miscounted_triples(read: Read) -> list[str]:
    """Whether the classes of triples, and what waits for one, are as many as there are triples."""
    [[said, there]] = read(
        "SELECT (SELECT coalesce(sum(times), 0) FROM triple_classes)"
        " + (SELECT count(*) FROM triples_without_class),"
        " (SELECT count(*) FROM results WHERE covered_one IS NOT NULL)",
        (),
    )
    if said == there:
        return []
    return [f"The leaderboard counts {said:,} triples, there are {there:,}."]


def all_results(read: Read, limit: int, after: int) -> list[Result | Unreadable]:
    """Sets and triples from the oldest on, those whose ids are above `after`."""
    rows = read(
        f"SELECT {_COLUMNS} FROM results WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608 - fixed texts only
        (after, limit),
    )
    return [_result(row) for row in rows]


def found_by_minute(read: Read, since: int, most: int) -> tuple[int, dict[str, dict[int, int]]]:
    """How many of the newest `most` results each node found in each minute since the epoch.

    With the first minute, `since` or later, from which these are all.
    """
    rows = read(
        "SELECT node, CAST(found_at / 60 AS INTEGER) AS minute, count(*), min(id) FROM results"
        " WHERE id > (SELECT coalesce(max(id), 0) FROM results) - ? AND found_at >= ?"
        " GROUP BY node, minute",
        (most, since * 60),
    )
    found: dict[str, dict[int, int]] = {}
    for node, minute, number, _ in rows:
        found.setdefault(str(node), {})[int(minute)] = int(number)
    [[newest]] = read("SELECT coalesce(max(id), 0) FROM results", ())
    cut = [int(minute) for _, minute, _, first in rows if first == newest - most + 1]
    return (cut[0] + 1 if cut else since), found


def one(read: Read, number: int) -> Result | None:
    """A result by its id."""
    found = _results(read, " WHERE id = ?", (number,), 1)
    return found[0] if found else None


def as_kept(squares: tuple[Rows, ...]) -> tuple[str, bytes]:
    """Squares as they stand in the file, and what names them there."""
    text = json.dumps(squares, separators=(",", ":"))
    return text, hashlib.sha256(text.encode()).digest()


def checksum_of(
    unit: int, seq: int, order: int, text: str, first: int | None, other: int | None
) -> str:
    """The checksum of a find that is kept, as its unit formed it; '' where it was altered."""
    try:
        place = (unit, seq, order, squares_of(text))
        if first is None or other is None:
            return checksum(SquareRecord(*place, "", 0, 0))
        return checksum(TripleRecord(*place, (first, other), "", 0))
    except MALFORMED:
        return ""


def _orders(read: Read, job: str) -> list[int]:
    """The orders of a job's sets; there are few, and SQLite would list every set for them."""
    orders: list[int] = []
    last = -1
    while True:
        query = "SELECT min(size) FROM distinct_sets WHERE job = ? AND size > ?"
        ((last,),) = read(query, (job, last))
        if last is None:
            return orders
        orders.append(last)


def _results(
    read: Read, where: str, values: tuple[int | str | bytes, ...], limit: int = TOP
) -> list[Result]:
    rows = read(
        f"SELECT {_COLUMNS} FROM results{where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - fixed texts only
        (*values, limit),
    )
    return _readable(rows)


def _readable(rows: list[Any]) -> list[Result]:
    """The results that can be read: one that was altered on the card hides no others."""
    return [found for found in map(_result, rows) if isinstance(found, Result)]


def _result(row: Sequence[Any]) -> Result | Unreadable:
    number, order, text, source, job, unit, seq, node, found_at, name, first, other = row
    try:
        squares = squares_of(text)
        numbers = (order, unit, seq, *chain.from_iterable(chain.from_iterable(squares)))
        covered = None if first is None else (int(first), int(other))
        shown = name.hex() if name else ""
        if bounded_time(found_at) is None or set(map(type, numbers)) != {int}:
            raise ValueError(number)
        if min(numbers) < 0 or not all(_has_order(square, order) for square in squares):
            raise ValueError(number)
        source, job, node = clean_text(source), clean_text(job), clean_text(node)
    except MALFORMED:
        return Unreadable(number, clean_text(str(job)))
    return Result(number, order, squares, source, job, unit, seq, node, found_at, shown, covered)


def _has_order(square: Rows, order: int) -> bool:
    return len(square) == order and all(len(row) == order > max(row) for row in square)
