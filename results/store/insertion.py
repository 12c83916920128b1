"""How one find goes into the results file, where what contradicts it may lie already."""

import sqlite3

from results.result import Result
from results.store.classes import class_of, enter, enter_all, enter_triple
from results.store.pages import as_kept
from solver.records import FindRecord, SquareRecord, TripleRecord


def insert(
    database: sqlite3.Connection, job: str, node: str, found_at: float, record: FindRecord
) -> tuple[Result | None, bool, str]:
    """The result where it is newly kept, whether the find is new, and what it contradicts."""
    text, content = as_kept(record.squares)
    place = (job, record.unit, record.seq)
    earlier = database.execute(
        "SELECT content, squares, size FROM finds JOIN results ON id = result"
        " WHERE finds.job = ? AND finds.unit = ? AND finds.seq = ?",
        place,
    ).fetchone()
    if earlier is not None:
        if earlier[0] == content:
            _mend(database, content, (text, record.order), earlier[1:])
            return None, False, ""
        return (
            None,
            False,
            (
                f"unit {record.unit}, square {record.seq}, from {node}: "
                "another square is already kept in its place."
            ),
        )
    known = database.execute(
        "SELECT id, class, squares, size FROM results WHERE content = ?", (content,)
    ).fetchone()
    if known is not None:
        number, name, *there = known
        _mend(database, content, (text, record.order), tuple(there))
        database.execute("INSERT INTO finds VALUES (?, ?, ?, ?)", (*place, number))
        if isinstance(record, SquareRecord):
            enter(database, job, number, name)
        return None, True, ""
    covered = record.covered if isinstance(record, TripleRecord) else None
    name, group = class_of(record.squares, covered)
    added = database.execute(
        "INSERT INTO results"
        " (content, size, squares, source, job, unit, seq, node, found_at, class,"
        " covered_one, covered_other) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(content, record.order, text, record.source, *place, node, found_at, name),
            *(covered or (None, None)),
        ),
    )
    number = added.lastrowid or 0
    database.execute("INSERT INTO finds VALUES (?, ?, ?, ?)", (*place, number))
    if covered is None:
        enter(database, job, number, name)
    else:
        enter_triple(database, number, covered, name, group)
    result = Result(
        number,
        record.order,
        record.squares,
        record.source,
        *place,
        node=node,
        found_at=found_at,
        main_class=name.hex(),
        covered=covered,
    )
    return result, True, ""


def _mend(
    database: sqlite3.Connection, content: bytes, right: tuple[str, int], there: tuple[object, ...]
) -> None:
    """Put a set (its squares, its order) back where it is no more what names it.

    It was altered on the card.
    """
    if there != right:
        query = "UPDATE results SET squares = ?, size = ? WHERE content = ?"
        database.execute(query, (*right, content))


def release(database: sqlite3.Connection, job: str, unit: int) -> None:
    """Take from what is kept its place in a unit of a job: it stays, and the unit is read anew."""
    place = (job, unit)
    finds = database.execute("DELETE FROM finds WHERE job = ? AND unit = ?", place).rowcount
    database.execute("UPDATE tallies SET found = found - ? WHERE job = ?", (finds, job))
    enter_all(database, job)
    parts, mates = database.execute(
        "SELECT count(*), coalesce(sum(mates), 0) FROM mate_counts WHERE job = ? AND unit = ?",
        place,
    ).fetchone()
    database.execute("DELETE FROM mate_counts WHERE job = ? AND unit = ?", place)
    database.execute(
        "UPDATE mate_tallies SET parts = parts - ?, mates = mates - ? WHERE job = ?",
        (parts, mates, job),
    )
    database.execute("DELETE FROM units WHERE job = ? AND unit = ?", place)
    database.execute("DELETE FROM checkpoints WHERE job = ? AND unit = ?", place)
