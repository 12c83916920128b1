"""What is said of lines that make no Latin square: where, why, and what to do."""

import math
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import groupby

from solver.formats.arrays import array_flaw, parted
from solver.formats.cells import Reading, likely, nearly_latin, run_together
from solver.formats.headings import (
    is_beside,
    is_header,
    is_label,
    is_name,
    is_prose,
    is_remark,
    is_talk,
)
from solver.formats.items import MAX_ORDER, Given, Item, Lone, Problem, Read, too_large
from solver.formats.layouts import on_one_line, readings, square
from solver.formats.lookalikes import mistaken
from solver.formats.symbols import Named, Row, alike, folded, numbered, odd, order_on_one_line

_ONE_CELL = re.compile(r"[A-Z](\d+(?:\.\d+)*)")
"""A set of order 1."""
_LONGEST = 18
"""Digits of such a number."""
_COUNTS = 4
"""Numbers on a line that says how much was done, or which part of a work."""
LABELS = 3
"""Lines of one symbol in one block that are labels; more are a list."""


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


def unread(
    rows: Sequence[Row],
    first: Row | None = None,
    *,
    joined: bool = False,
    last: Row | None = None,
) -> Iterator[Read]:
    """Of lines that make no squares together: each part that does, and one sentence on the rest.

    `first`: the row behind them with which a square begins, of which a header may tell; `joined`:
    a square stands right before them, of which they may be a row too many; `last`: the last row of
    the last square, wherever that stands.
    """
    one = rows[0]
    near = [row for row in (first, last) if row]
    apart = len(one.words) == 1 or (not one.word and len(one.words) <= MAX_ORDER)
    ones = len(rows) == len(set(one.words)) == 1 and apart and not odd(one.words)
    if ones and not is_label(one) and not is_header(one, first):
        squares = (((0,),),) * len(rows[0].words)
        yield Lone(Given(rows[0].line, squares), None if _is_shape(rows) else _unfinished(rows))
        return
    rows = alike((yield from _without_labels(rows, first if joined else None)))
    if len(parts := parted(rows) if rows else []) > 1 and any(map(readings, parts)):
        for part in parts:
            if ways := readings(part):
                yield from given(part, ways)
            else:
                yield from [*faulty(part)] or [array_flaw(part) or _nothing(part)]
        return
    if nearly := [*faulty(rows)]:
        yield from nearly
        return
    if rows and (array := array_flaw(rows)):
        yield array
        return
    runs = [list(run) for _, run in groupby(rows, lambda row: (len(row.words), bool(row.word)))]
    found = [readings(run) or flawed(run) for run in runs]
    if len(runs) > 1:
        # Four symbols among other lines are rather those of another row than a square of order 2.
        found = [[] if _may_be_four(run) else ways for run, ways in zip(runs, found, strict=True)]
    begins = [*(run[0] if ways else None for run, ways in zip(runs, found, strict=True)), first]
    lost: list[list[Row]] = []
    for run, ways, behind in zip(runs, found, begins[1:], strict=True):
        width = len(run[0].words)
        prose = is_prose(run) and not (joined and _may_be_row(run[0]))
        if (
            prose
            or is_remark(run, near)
            or _is_shape(run)
            or (near and not joined and len(run) == 1 and run[0].label)
            or ((joined or behind) and _is_count(run))
            or (len(run) == 1 and not joined and is_header(run[0], behind))
        ):
            continue
        joined = True
        if ways:
            yield from given(run, ways)
            near = [*near, run[-1]]
        elif width > 1 and _is_whole(run) and not (len(runs) > 1 and _may_be_four(run)):
            yield from _bad(run)
        else:
            lost.append(run)
    if array := next(filter(None, map(array_flaw, lost)), None):
        yield array
        return
    other = next((run[0] for run in lost if len(run[0].words) != len(lost[0][0].words)), None)
    if lost:
        said = _mixed(other, lost[0][0]) if other else _unfinished(lost[0])
        talk = not near and is_talk([row for run in lost for row in run])
        yield Lone(said) if talk else said


def flawed(rows: Sequence[Row]) -> list[Reading]:
    """The first way to read lines as squares that hardly a cell keeps from being Latin."""
    return readings(rows, nearly_latin)[:1] if rows else []


def faulty(rows: Sequence[Row]) -> Iterator[Item]:
    """Squares that hardly a cell keeps from being Latin, or what was typed in the place of what."""
    if meant := mistaken(rows):
        yield meant
    elif near := flawed(rows):
        yield from given(rows, near)


def labels(rows: Iterable[Row]) -> Iterator[Lone]:
    """Lines that are labels; in a text of nothing else they are squares of order 1."""
    for row in rows:
        if one := _ONE_CELL.fullmatch(row.text):
            yield Lone(Given(row.line, (((0,),),) * (2 + one[1].count("."))))
        elif len(row.words) == 1 and not odd(row.words):
            yield Lone(Given(row.line, (((0,),),)))
        elif not is_prose([row]):
            yield Lone(_unfinished([row]))


def _without_labels(
    rows: Sequence[Row], joined_to: Row | None
) -> Generator[Lone, None, Sequence[Row]]:
    """The rows but for labels among them; more than a few symbols a line are a list, not labels."""
    listed = sum(len(row.words) == 1 for row in rows) > LABELS
    kept: list[Row] = []
    for row, behind in zip(rows, [*rows[1:], joined_to], strict=True):
        beside = [other for other in (*kept[-1:], behind) if other and not is_name(other)]
        about = is_label(row) and not (listed and len(row.words) == 1)
        if about and all(is_beside(row, other) for other in beside):
            yield from labels([row])
        else:
            kept.append(row)
    return kept


def _may_be_four(rows: Sequence[Row]) -> bool:
    return len(rows) == 1 and len(rows[0].words) == 4 and not rows[0].word


def _is_shape(rows: Sequence[Row]) -> bool:
    """Whether a number stands twice or three times on a line: how large a square beside it is."""
    words = rows[0].words
    same = len(rows) == len(set(words)) == 1 < len(words) < _COUNTS
    return same and words[0].isdecimal() and len(words[0]) < _COUNTS


def _is_count(rows: Sequence[Row]) -> bool:
    """Whether a few numbers of which one is too large to be a symbol stand alone on a line."""
    words = rows[0].words
    if len(rows) > 1 or len(words) > _COUNTS or rows[0].word or not all(map(str.isdecimal, words)):
        return False
    if any((len(word) > 1 and word[0] == "0") or len(word) > _LONGEST for word in words):
        return False
    return len(set(words)) > 1 and max(map(int, words)) > MAX_ORDER


def _may_be_row(row: Row) -> bool:
    """Whether a word may as well be a row of letters."""
    return row.word.islower() and len(set(row.word)) == len(row.word)


def _is_whole(rows: Sequence[Row]) -> bool:
    """Whether these are whole squares, Latin or not."""
    return len(rows) % len(rows[0].words) == 0 or all(map(_line_square, rows))


def _bad(rows: Sequence[Row]) -> Iterator[Item]:
    """Squares that are whole but not all Latin, each for itself."""
    width = len(rows[0].words)
    if len(rows) % width == 0:
        parts = [rows[at : at + width] for at in range(0, len(rows), width)]
        tables = [[row.words for row in part] for part in parts]
        if not any(map(_nearly, tables)) and (len(parts) > 1 or _says_else(tables[0])):
            yield _nothing(rows)
            return
        for part, table in zip(parts, tables, strict=True):
            yield _square(part, table)
    else:
        for row in rows:
            yield _square([row], folded(row.words, _line_square(row)))


def _says_else(table: Named) -> bool:
    """Whether there are far too many symbols in as many rows as each has, and none of two parts."""
    kinds = {symbol for row in table for symbol in row}
    words = sum(len(symbol) > 2 and symbol.isalpha() for symbol in kinds)
    return len(kinds) > 2 * len(table) > 4 and words > 1 and not likely(table)


def _nearly(table: Named) -> bool:
    return bool(square(table) or square(table, nearly_latin))


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
    if width == 1 < len(rows):
        return Problem(
            line,
            f"line {line}: the list begun here has {len(rows):,} symbols: a square needs n times n "
            "symbols, each of them n times.",
        )
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


def _nothing(rows: Sequence[Row]) -> Problem:
    line = rows[0].line
    return Problem(
        line,
        f"line {line}: the {len(rows):,} rows of {len(rows[0].words):,} symbols begun here are no "
        "Latin squares, nor nearly so, in any way: write a square as n rows of n symbols.",
    )


def columns_missing(rows: Sequence[Row]) -> Problem:
    """The sentence for a square that is printed some columns at a time, and not whole."""
    line = rows[0].line
    return Problem(
        line,
        f"line {line}: of the square begun here, printed some columns at a time, other columns "
        "are missing: give it whole.",
    )


def _mixed(row: Row, first: Row) -> Problem:
    for mark in "\t,;|&":
        cells = [cell.strip() for cell in row.text.strip("|").split(mark)]
        if len(cells) == len(first.words) and "" in cells:
            where = f"line {row.line}, column {cells.index('') + 1}"
            return Problem(row.line, f"{where} is an empty cell: fill it.")
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
