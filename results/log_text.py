"""Lines of a job's log in words."""

from enum import Enum
from functools import lru_cache

from base.text import count_text
from solver.record_reader import BadRecord, decode
from solver.records import (
    CountRecord,
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

_ENDS = {
    "found": "",
    "exhausted": ", the search is at its end",
    "impossible": ", there is none",
    "stalled": ", given up after a long time in vain",
    "time": ", the time limit came first",
}
"""Why a unit ended, by its record's reason; another version of the solver may have others."""


class Level(Enum):
    """How much of a log is shown; the value says it."""

    ALL = "all"
    FOUND = "found"
    """What was found, how units ended, and what is wrong."""
    WRONG = "wrong"
    """Standard error, and what should be a record and is none."""

    def shows(self, text: str, *, stderr: bool) -> bool:
        """Whether a line is shown."""
        wrong = stderr or (text.startswith("{") and not text.startswith(_RECORDS))
        if self is Level.WRONG or wrong:
            return wrong
        return self is Level.ALL or text.startswith(_RESULTS)


_RESULTS = tuple(
    f'{{"type":"{kind}"' for kind in ("square", "triple", "count", "part", "done", "impossible")
)
_RECORDS = (*_RESULTS, '{"type":"progress"')


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
        case CountRecord():
            mates = "1 mate" if record.mates == 1 else f"{record.mates:,} mates"
            return f"part {record.part + 1:,} of {record.of:,}: {mates}"
        case PartRecord():
            return f"found no. {record.seq + 1}, part {record.part + 1} of {record.of}"
        case ProgressRecord():
            share = f", {record.share:.1%} of all" if record.share else ""
            took = f"{record.seconds:,.0f} s"
            return f"{record.tried:,} tried{share}, {record.found:,} found in {took}"
        case ImpossibleRecord():
            squares = count_text(record.squares, "square")
            return f"searched {squares} of order {record.order}: none has a mate"
        case DoneRecord():
            why = _ENDS.get(record.reason, f" ({record.reason})")
            return f"done: {record.count:,} found{why}"
        case None:
            return ""


def _found(record: FindRecord) -> str:
    tries = "1 try" if record.tried == 1 else f"{record.tried:,} tries"
    # Imported late: most lines tell of progress.
    from solver.classes.places import intercalates

    first = record.squares[0]
    return f"found no. {record.seq + 1} after {tries}, {len(intercalates(first))} intercalates"


def _first_row(squares: tuple[Rows, ...]) -> str:
    from solver.formats.notation import cells

    row = cells([rows[:1] for rows in squares])[0]
    return " ".join(row[:_SHOWN]) + (" …" if len(row) > _SHOWN else "")
