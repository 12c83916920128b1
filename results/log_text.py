"""Lines of a job's log in words."""

from functools import lru_cache

from solver.record_reader import BadRecord, decode
from solver.records import (
    DoneRecord,
    FindRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    Rows,
    SquareRecord,
    TripleRecord,
)

_SHOWN = 16
"""Cells of a first row: wider than most screens, and than all orders that are searched."""


@lru_cache(4096)
def told(line: str) -> str:
    """What a record says; '' for a line that is none, or a broken one."""
    try:
        record = decode(line)
    except BadRecord:
        return ""
    match record:
        case SquareRecord():
            many = f", {record.transversals:,} transversals" if record.transversals else ""
            return f"{_found(record)}: {_first_row(record.squares)}{many}"
        case TripleRecord():
            pairs = " + ".join(map(str, (record.order**2, *record.covered)))
            return f"{_found(record)}, pairs {pairs}: {_first_row(record.squares)}"
        case PartRecord():
            return f"found no. {record.seq + 1}, part {record.part + 1} of {record.of}"
        case ProgressRecord():
            share = f", {record.share:.1%} of all" if record.share else ""
            took = f"{record.seconds:,.0f} s"
            return f"{record.tried:,} tried{share}, {record.found:,} found in {took}"
        case ImpossibleRecord():
            return f"none of all {record.squares:,} squares of order {record.order} has a mate"
        case DoneRecord():
            return f"done: {record.count:,} found ({record.reason})"
        case None:
            return ""


def _found(record: FindRecord) -> str:
    tries = "1 try" if record.tried == 1 else f"{record.tried:,} tries"
    first = record.squares[0]
    return f"found no. {record.seq + 1} after {tries}, {intercalates(first)} intercalates"


def _first_row(squares: tuple[Rows, ...]) -> str:
    # Imported late: most lines tell of progress.
    from solver.formats.notation import cells

    row = cells([rows[:1] for rows in squares])[0]
    return " ".join(row[:_SHOWN]) + (" …" if len(row) > _SHOWN else "")


def intercalates(square: Rows) -> int:
    """How many 2x2 subsquares a Latin square has."""
    order = len(square)
    places = [{symbol: column for column, symbol in enumerate(row)} for row in square]
    twice = 0
    for upper in range(order):
        for lower in range(upper + 1, order):
            for column in range(order):
                # The column in which the upper row has what stands below here.
                other = places[upper][square[lower][column]]
                twice += square[lower][other] == square[upper][column]
    return twice // 2
