"""The independent verifier: are these squares Latin, and mutually orthogonal?

It shares no code with the search and works from the definitions alone. The record's checksum is
checked where a line becomes a record (`solver.record_reader.decode`).
"""

from collections.abc import Sequence
from itertools import combinations

from solver.records import FindRecord, Rows, TripleRecord


def flaw(squares: Sequence[Rows]) -> str:
    """One sentence on the first thing wrong with a set of squares; '' where nothing is."""
    if not squares:
        return "There is no square."
    order = len(squares[0])
    if not order:
        return "Square 1 has no cells."
    for number, square in enumerate(squares, 1):
        if len(square) != order or any(len(row) != order for row in square):
            return f"Square {number} is not {order} by {order}."
        wrong = not_latin(square)
        if wrong:
            return f"Square {number} is not Latin: {wrong}."
    for (i, one), (j, other) in combinations(enumerate(squares, 1), 2):
        seen = _covered(one, other)
        if seen != order * order:
            return (
                f"Squares {i} and {j} are not orthogonal: "
                f"only {seen} of {order * order} pairs of symbols occur."
            )
    return ""


def flaw_of(record: FindRecord) -> str:
    """As `flaw`, and whether the record is a set of squares of the order it names.

    Of a triple, whether the first two are orthogonal and the third covers what the record says.
    """
    if len(record.squares) < 2:
        return "A record holds at least two squares."
    if isinstance(record, TripleRecord) and len(record.squares) != 3:
        return f"A triple holds three squares, not {len(record.squares)}."
    if len(record.squares[0]) != record.order:
        return f"The record names order {record.order}, its squares have {len(record.squares[0])}."
    if not isinstance(record, TripleRecord):
        return flaw(record.squares)
    one, other, third = record.squares
    if wrong := flaw((one, other)) or flaw((third,)):
        return wrong
    if len(third) != record.order:
        return f"The third square is not {record.order} by {record.order}."
    covered = (_covered(one, third), _covered(other, third))
    if covered != record.covered:
        return (
            f"The third square makes {covered[0]} and {covered[1]} pairs of symbols with the "
            f"others, not {record.covered[0]} and {record.covered[1]}."
        )
    return ""


def _covered(one: Rows, other: Rows) -> int:
    return len({pair for rows in zip(one, other, strict=True) for pair in zip(*rows, strict=True)})


def not_latin(square: Rows) -> str:
    """Why an n by n square is not Latin, as part of a sentence; '' where it is."""
    order = len(square)
    symbols = set(range(order))
    for number, row in enumerate(square, 1):
        if set(row) != symbols:
            return f"row {number} {_wrong(row, 'column')}"
    for number, column in enumerate(zip(*square, strict=True), 1):
        if set(column) != symbols:
            return f"column {number} {_wrong(column, 'row')}"
    return ""


def _wrong(line: Sequence[int], across: str) -> str:
    """What is wrong in a row or column, counted in what runs `across` it."""
    seen: dict[int, int] = {}
    for place, symbol in enumerate(line, 1):
        if symbol in seen:
            return f"holds the same symbol in {across}s {seen[symbol]} and {place}"
        seen[symbol] = place
    place = next(place for symbol, place in seen.items() if not 0 <= symbol < len(line))
    return f"holds in {across} {place} a symbol too many: there may be {len(line)} in all"
