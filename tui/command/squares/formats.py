"""Squares on standard output: grids for people, other notations for programs."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from results.result import Result
from solver.formats.csv_reader import HEAD
from solver.formats.notation import grid
from solver.formats.writing import FORMS
from solver.records import FindRecord, Rows, TripleRecord, encode


class Writer(Protocol):
    """Turns what was found into text, one set of squares at a time."""

    def record(self, record: FindRecord) -> str:
        """Text, newline and all, for a square just found."""
        ...

    def result(self, result: Result) -> str:
        """Text, newline and all, for a square that was kept."""
        ...


class GridFormat:
    """`A0 B1 C2 ...`, one row a line; a blank line between squares.

    What is said of them stands in lines that begin with #, which `squarm verify` passes over.
    """

    def __init__(self) -> None:
        self._between = ""

    def record(self, record: FindRecord) -> str:
        """The squares alone, and of a triple how near it is."""
        covered = record.covered if isinstance(record, TripleRecord) else None
        return self._grid(record.squares, covered)

    def result(self, result: Result) -> str:
        """The squares below their number, job, node and date."""
        found = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(result.found_at))
        head = f"# {result.id}  {result.job}  {result.node}  {found}\n"
        return self._grid(result.squares, result.covered, head)

    def _grid(
        self, squares: tuple[Rows, ...], covered: tuple[int, int] | None, head: str = ""
    ) -> str:
        between, self._between = self._between, "\n"
        text = f"{between}{head}{grid(squares)}\n"
        if covered is None:
            return text
        all_pairs = len(squares[0]) ** 2
        return f"{text}# {all_pairs} + {covered[0]} + {covered[1]} of {all_pairs} pairs each\n"


class Json:
    """One JSON object a line: the solver's record, or the result with where it was found."""

    def record(self, record: FindRecord) -> str:
        """The record as `solver.records` defines it."""
        return encode(record) + "\n"

    def result(self, result: Result) -> str:
        """The result's fields by name; `found_at` in seconds since the epoch."""
        body: dict[str, object] = {
            "id": result.id,
            "order": result.order,
            "squares": result.squares,
            "source": result.source,
            "job": result.job,
            "unit": result.unit,
            "seq": result.seq,
            "node": result.node,
            "found_at": result.found_at,
            "class": result.main_class,
        }
        if result.covered is not None:
            body["covered"] = result.covered
        if result.times:
            body |= {"group": result.group, "times": result.times}
        return json.dumps(body, separators=(",", ":")) + "\n"


class Csv:
    """A header, then one row of one square a line: set,order,square,row,cells.

    `set` numbers the set (a result's id), `square` the square within it and `row` the row, each
    from 0 but the id; `cells` are the row's symbols with spaces between.
    """

    def __init__(self) -> None:
        self._head = HEAD + "\n"

    def record(self, record: FindRecord) -> str:
        """The set's number is its place in the output."""
        return self._lines(record.seq, record.order, record.squares)

    def result(self, result: Result) -> str:
        """The set's number is the result's id."""
        return self._lines(result.id, result.order, result.squares)

    def _lines(self, number: int, order: int, squares: tuple[Rows, ...]) -> str:
        head, self._head = self._head, ""
        return head + "".join(_rows(number, order, squares))


class Bare:
    """The squares alone, in one of the notations of `solver.formats.writing`."""

    def __init__(self, form: Callable[[Sequence[Rows]], str]) -> None:
        self._form = form

    def record(self, record: FindRecord) -> str:
        """The squares of a record."""
        return self._form(record.squares)

    def result(self, result: Result) -> str:
        """The squares of a result."""
        return self._form(result.squares)


def writer(name: str) -> Writer:
    """The writer for one of the formats."""
    if name in FORMS:
        return Bare(FORMS[name])
    match name:
        case "json":
            return Json()
        case "csv":
            return Csv()
        case _:
            return GridFormat()


def _rows(number: int, order: int, squares: tuple[Rows, ...]) -> Iterator[str]:
    for which, square in enumerate(squares):
        for row, cells in enumerate(square):
            yield f"{number},{order},{which},{row},{' '.join(map(str, cells))}\n"
