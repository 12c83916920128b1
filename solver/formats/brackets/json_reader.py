"""Squares in JSON: our records, results, and the shapes in which others write squares."""

import json
import math
from collections.abc import Iterator

from solver.formats.brackets.nested import Tree, readings_of
from solver.formats.cells import Reading, nearly_latin
from solver.formats.items import MAX_ORDER, Ended, Given, Item, Problem, too_large
from solver.formats.layouts import square
from solver.formats.symbols import Named, Row, cut, folded, numbered, odd, order_on_one_line
from solver.formats.unread import given
from solver.parts import Parts
from solver.record_reader import BadRecord, decode_object
from solver.records import DoneRecord, PartRecord, Record, SquareRecord, TripleRecord

_RECORDS = frozenset({"square", "triple", "part", "progress", "impossible", "done"})


NAMES = frozenset({"type", "squares", "square", "rows", "cells"})
"""What an object has that is meant to be squares by itself."""


class _ShapeError(ValueError):
    """A value that is no square; the text is the rest of a sentence."""


def items_of(line: int, value: object, parts: Parts) -> Iterator[Item]:
    """What one value of JSON holds: a square, a set, a record, or a list of such."""
    try:
        items = list(_of(line, value, parts))
        problems = [item for item in items if isinstance(item, Problem) and not item.altered]
        if len(problems) == len(items) and (found := _anywhere(value)):
            items = [*given([Row(line, "", ())], found)]
        yield from items
    except RecursionError:
        yield Problem(line, f"line {line}: lists within lists within lists hold no squares.")


def _of(line: int, value: object, parts: Parts) -> Iterator[Item]:
    """What one value holds: a square, a set, a record, or a list of such."""
    try:
        if isinstance(value, dict):
            yield from _of_object(line, value, parts)
        elif isinstance(value, list) and _holds_several(value):
            for one in value:
                yield from _of(line, one, parts)
        else:
            yield from _given(line, [_square(value)])
    except _ShapeError as error:
        yield Problem(line, f"line {line}: {error}.")


def _of_object(line: int, body: dict[str, object], parts: Parts) -> Iterator[Item]:
    kind = body.get("type")
    # Whatever stands there: a list is no key of a set.
    if isinstance(kind, str) and kind in _RECORDS:
        yield from _of_record(line, body, parts)
        return
    squares = body.get("squares")
    if isinstance(squares, list) and squares:
        yield from _given(line, [_square(square) for square in squares], body)
        return
    for name in ("square", "rows", "cells"):
        if name in body:
            yield from _given(line, [_square(body[name])])
            return
    raise _ShapeError("this object holds no squares: give it a list `squares`, or a `square`")


def _anywhere(value: object) -> list[Reading]:
    """What objects hold, however deep, in the first way that makes it squares."""
    tree = tree_of(value)
    return [] if isinstance(tree, str) else _first(tree)


def _first(tree: Tree) -> list[Reading]:
    return readings_of(tree) or readings_of(tree, nearly_latin)[:1]


def tree_of(value: object) -> str | Tree:
    """Objects as lists of what they hold: of the squares in it, where there are some."""
    if isinstance(value, dict):
        inner = [tree_of(one) for one in value.values()]
        squares = [one for one in inner if isinstance(one, list) and _first(one)]
        return [*(squares or inner)]
    if isinstance(value, list):
        return [*map(tree_of, value)]
    lines = [cut(text) for text in str(value).splitlines() if text.strip()]
    if len(lines) == 1:
        return [*lines[0]] if lines[0] != list(str(value)) else str(value)
    return [[*line] for line in lines]


def _of_record(line: int, body: dict[str, object], parts: Parts) -> Iterator[Item]:
    try:
        record: Record | None = decode_object(body)
        if isinstance(record, PartRecord):
            record = parts.add(record)
    except BadRecord as error:
        yield Problem(line, f"line {line}: {error}: find it again.", altered=True)
        return
    if isinstance(record, SquareRecord | TripleRecord):
        if record.order > MAX_ORDER:
            yield too_large(line, record.order)
        else:
            yield Given(line, record.squares, record)
    elif isinstance(record, DoneRecord):
        yield Ended(line, record)


def _given(
    line: int, squares: list[Named], said: dict[str, object] | None = None
) -> Iterator[Item]:
    order = max(map(len, squares))
    if order > MAX_ORDER:
        yield too_large(line, order)
    elif len(squares) == 1 and (ways := square(squares[0]) or square(squares[0], nearly_latin)):
        yield Given(line, ways[0], said=said)
    else:
        yield Given(line, tuple(numbered(one) for one in squares), said=said)


def _holds_several(value: list[object]) -> bool:
    """Whether a list is one of squares, objects or one-line squares rather than a square."""
    first = value[0] if value else None
    if isinstance(first, list):
        return bool(first) and isinstance(first[0], list)
    if isinstance(first, str):
        return bool(order_on_one_line(cut(first))) and len(cut(first)) != len(value)
    return isinstance(first, dict)


def _square(value: object) -> Named:
    """The rows of a square: lists, or texts, of symbols. Raises _ShapeError."""
    if isinstance(value, str):
        return _folded(cut(value))
    if not isinstance(value, list) or not value:
        raise _ShapeError(f"{json.dumps(value)[:20]} is no square")
    if isinstance(value[0], int | float) and not isinstance(value[0], bool):
        return _folded([_symbol(cell) for cell in value])
    rows: list[list[str]] = []
    for row in value:
        if isinstance(row, list):
            rows.append([_symbol(cell) for cell in row])
        elif isinstance(row, str):
            rows.append(cut(row))
        else:
            raise _ShapeError(f"{json.dumps(row)[:20]} is no row of a square")
        if len(rows[-1]) != len(value):
            raise _ShapeError(
                f"row {len(rows)} of a square of {len(value)} rows has {len(rows[-1])} symbols: "
                "make them as many"
            )
        if wrong := odd(rows[-1]):
            raise _ShapeError(wrong)
    return rows


def _folded(symbols: list[str]) -> Named:
    if wrong := odd(symbols):
        raise _ShapeError(wrong)
    order = order_on_one_line(symbols)
    if not order:
        raise _ShapeError(
            f"a square on one line needs n times n symbols: {len(symbols)} are not, or are more "
            "than n different ones"
        )
    return folded(symbols, order)


def _symbol(value: object) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if value is None or (isinstance(value, float) and math.isnan(value)):
        raise _ShapeError(f"{json.dumps(value)} is an empty cell: fill it")
    raise _ShapeError(f"{json.dumps(value)[:20]} is no symbol: write numbers or letters")
