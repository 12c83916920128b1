"""Squares of orders too large for a job, written row by row as they are constructed."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from operator import add

from base.errors import EngineError, UsageError
from solver.constructions import NotKnown, rows
from solver.constructions.rows import Row
from solver.formats.csv_reader import HEAD
from solver.formats.notation import letters
from solver.question import fits_record
from swarm.job_values import parse_whole

_FORMATS = ("grid", "csv", "json")
_SEARCHED = (
    "diagonal odls dsodls esodls self_orthogonal triple subsquare transversals source file mates "
    "seconds"
)
"""Options of a search."""


def is_large(arguments: argparse.Namespace) -> bool:
    """Whether what is asked of `solve` is more than a job can carry."""
    if arguments.order is None:
        return False
    return not fits_record(*_size(arguments))


def write_large(arguments: argparse.Namespace) -> int:
    """Write a set by rows, each verified; bounded memory, but for a bit for each pair of symbols.

    Raises UsageError for what cannot be constructed, EngineError where a row does not verify.
    """
    # Imported late: the first row shall come soon.
    from solver.row_verifier import RowVerifier

    order, mols = _wanted(arguments)
    try:
        made = rows(order, mols)
    except NotKnown as error:
        raise UsageError(str(error)) from None
    verifier = RowVerifier(order, mols)
    write = _writer(arguments.format, order, mols)
    for number, row in enumerate(made):
        if wrong := verifier.add(row):
            raise EngineError(f"The construction gave squares that are none: {wrong}")
        sys.stdout.write(write(number, row))
        if number == 0:
            sys.stdout.flush()
    return 0


def _wanted(arguments: argparse.Namespace) -> tuple[int, int]:
    """The order, and how many squares; raises UsageError for what only a search could do."""
    order, mols = _size(arguments)
    for name in _SEARCHED.split():
        if getattr(arguments, name) not in (None, False, "construct"):
            option = name.replace("_", "-")
            raise UsageError(
                f"Squares of order {order} are constructed, not searched for: leave out --{option}."
            )
    if mols < 2:
        raise UsageError(f"Mols must be 2 or more squares: {mols} is not.")
    if arguments.count is not None and parse_whole("count", arguments.count) != 1:
        raise UsageError(f"Of order {order} one set is constructed: say --count 1.")
    if arguments.format not in _FORMATS:
        raise UsageError(
            f"Squares of order {order} are written by rows: say --format {', '.join(_FORMATS)}."
        )
    return order, mols


def _size(arguments: argparse.Namespace) -> tuple[int, int]:
    mols = 2 if arguments.mols is None else parse_whole("mols", arguments.mols)
    return parse_whole("order", arguments.order), mols


def _writer(style: str, order: int, mols: int) -> Callable[[int, Sequence[Row]], str]:
    """What turns a numbered row of each square into text, newline and all."""
    numbers = [str(symbol) for symbol in range(order)]
    names = [letters(symbol) for symbol in range(order)]

    def cells(row: Sequence[Row]) -> Iterator[str]:
        others = [map(numbers.__getitem__, symbols) for symbols in row[1:]]
        tails = map(".".join, zip(*others, strict=True)) if mols > 2 else others[0]
        return map(add, map(names.__getitem__, row[0]), tails)

    def grid(_number: int, row: Sequence[Row]) -> str:
        return " ".join(cells(row)) + "\n"

    def csv(number: int, row: Sequence[Row]) -> str:
        head = "" if number else HEAD + "\n"
        return head + "".join(
            f"0,{order},{square},{number},{' '.join(map(numbers.__getitem__, symbols))}\n"
            for square, symbols in enumerate(row)
        )

    def by_row(number: int, row: Sequence[Row]) -> str:
        body = {"order": order, "row": number, "cells": row}
        return json.dumps(body, separators=(",", ":")) + "\n"

    return {"csv": csv, "json": by_row}.get(style, grid)
