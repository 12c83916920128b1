"""What is said of lines that make no Latin square: where, why, and what to do."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from solver.formats.cells import likely, run_together
from solver.formats.headings import is_header, is_prose
from solver.formats.items import MAX_ORDER, Given, Item, Problem, too_large
from solver.formats.layouts import Reading, on_one_line, readings, square
from solver.formats.symbols import Named, Row, alike, folded, numbered, odd, order_on_one_line

_ONE_CELL = re.compile(r"[A-Z](\d+(?:\.\d+)*)")
"""A set of order 1."""


def given(rows: Sequence[Row], found: list[Reading]) -> Iterator[Item]:
    """The squares of the one way to read these lines, or the question which of two is meant."""
    if len(found) > 1:
        yield _question(rows[0].line, found)
        return
    (reading,) = found
    for which, squares in enumerate(reading):
        line = rows[which * len(rows) // len(reading)].line
        order = len(squares[0])
        yield too_large(line, order) if order > MAX_ORDER else Given(line, squares)


def unread(rows: Sequence[Row], following: Row | None = None) -> Iterator[Item]:
    """Of lines that make no squares together: each part that does, and one sentence on the rest.

    `following`: the line behind them, of which a header may tell.
    """
    if len(rows) == 1 and (one := _ONE_CELL.fullmatch(rows[0].text)):
        yield Given(rows[0].line, (((0,),),) * (2 + one[1].count(".")))
        return
    runs = [list(run) for _, run in groupby(alike(rows), lambda row: len(row.words))]
    behind = [*(run[0] for run in runs[1:]), following]
    lost: list[list[Row]] = []
    for run, after in zip(runs, behind, strict=True):
        width = len(run[0].words)
        if is_prose(run) or (1 in {width, len(run)} and is_header(run[-1], after)):
            continue
        if found := readings(run):
            yield from given(run, found)
        elif _is_whole(run) and not (width == 1 and lost):
            yield from _bad(run)
        else:
            lost.append(run)
    other = next((run[0] for run in lost if len(run[0].words) != len(lost[0][0].words)), None)
    if other:
        yield _mixed(other, lost[0][0])
    elif lost:
        yield _unfinished(lost[0])


def _is_whole(rows: Sequence[Row]) -> bool:
    """Whether these are whole squares, Latin or not."""
    return len(rows) % len(rows[0].words) == 0 or all(map(_line_square, rows))


def _bad(rows: Sequence[Row]) -> Iterator[Item]:
    """Squares that are whole but not all Latin, each for itself."""
    width = len(rows[0].words)
    if width == 1:
        for row in rows:
            yield _square([row], [row.words])
    elif len(rows) % width == 0:
        for at in range(0, len(rows), width):
            part = rows[at : at + width]
            yield _square(part, [row.words for row in part])
    else:
        for row in rows:
            yield _square([row], folded(row.words, _line_square(row)))


def _square(rows: Sequence[Row], named: Named) -> Item:
    """One square, Latin or not, or the symbol in it that is none."""
    first, order = rows[0].line, len(named)
    if order > MAX_ORDER:
        return too_large(first, order)
    if ways := square(named):
        return Given(first, ways[0])
    for number, symbols in enumerate(named):
        line = rows[number].line if len(rows) == order else first
        for column, symbol in enumerate(symbols, 1):
            if wrong := odd([symbol]):
                return Problem(line, f"line {line}: row {number + 1}, column {column}: {wrong}.")
    one, other = run_together(named)
    if one:
        return Problem(
            first,
            f"line {first}: {one.replace('.', '')!r} can be read as {one} or as {other}: write a "
            "point between the two numbers of each cell.",
        )
    return Given(first, likely(named) or (numbered(named),))


def _line_square(row: Row) -> int:
    """The order of the square that a line seems to hold, Latin or not; 0 for a row."""
    if on_one_line(row.words):
        return math.isqrt(len(row.words))
    return order_on_one_line(row.words, sum(bool(odd([symbol])) for symbol in set(row.words)))


def _unfinished(rows: Sequence[Row]) -> Problem:
    line, width = rows[0].line, len(rows[0].words)
    kinds = len(set(rows[0].words))
    if width > MAX_ORDER and kinds == width:
        return too_large(line, width)
    for number, row in enumerate(rows, 1):
        for column, symbol in enumerate(row.words, 1):
            if wrong := odd([symbol]):
                where = f"row {number}, column {column}"
                return Problem(row.line, f"line {row.line}: {where}: {wrong}.")
    if len(rows) == 1 and kinds < width:
        return Problem(
            line,
            f"line {line} has {width:,} symbols, {kinds:,} of them different: a square on one line "
            "needs n times n symbols, a row n different ones.",
        )
    return Problem(
        line,
        f"line {line}: the square begun here has {len(rows):,} of {width:,} rows: give it as many "
        "rows as a row has symbols.",
    )


def _mixed(row: Row, first: Row) -> Problem:
    return Problem(
        row.line,
        f"line {row.line} has {len(row.words):,} symbols, not {len(first.words):,} as the rows "
        f"from line {first.line} on: make the rows of a square alike.",
    )


def _question(line: int, found: Sequence[Reading]) -> Problem:
    one, other = (_described(reading) for reading in found[:2])
    return Problem(
        line,
        f"line {line}: this can be read as {one} or as {other}: put brackets round the rows or the "
        "cells that belong together, or a blank line between squares.",
    )


def _described(reading: Reading) -> str:
    """How many squares, and how they begin: `2 squares of order 4 (0 1 2 3 / 1 0 3 2 / ...)`."""
    squares = [one for together in reading for one in together]
    order = len(squares[0])
    shown = " and ".join(
        " / ".join(" ".join(map(str, row[:4])) for row in one[:2]) + (" ..." if order > 2 else "")
        for one in squares[:2]
    )
    what = "a square" if len(squares) == 1 else f"{len(squares):,} squares"
    return f"{what} of order {order} ({shown})"
