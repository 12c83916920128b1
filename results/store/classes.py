"""Which results in the store differ in more than names: their classes, written and counted.

The class is found here, from squares that were verified, and never taken from a worker's word.
"""

import json
import sqlite3

from base.errors import MALFORMED
from solver.records import Rows

ALL = ""
"""Stands for all jobs, in `tallies`, `classes` and `class_tallies`."""
UNDECIDED = b""
"""The class of a set whose class takes too long to find; it counts as none."""
_A_TRIPLE = 4
"""Sets that a triple from before there were classes is counted as."""


def class_of(
    squares: tuple[Rows, ...], covered: tuple[int, int] | None = None
) -> tuple[bytes, int]:
    """The class of a verified set or triple as it is stored, and the size of its group."""
    # Imported late: who only reads does without.
    from solver.classes.main_class import main_class

    found = main_class(squares, covered)
    return (found.digest, found.group) if found else (UNDECIDED, 0)


def enter(database: sqlite3.Connection, job: str, number: int, name: bytes | None) -> None:
    """Note that a job found set `number`, whose class is `name` (None: not yet looked for)."""
    if name is None:
        return
    for whose in (job, ALL):
        if name == UNDECIDED:
            database.execute(
                "INSERT OR IGNORE INTO distinct_sets SELECT ?, size, id FROM results WHERE id = ?",
                (whose, number),
            )
            continue
        added = database.execute(
            "INSERT OR IGNORE INTO classes VALUES (?, ?, ?)", (whose, name, number)
        )
        if added.rowcount == 1:
            database.execute(
                "INSERT INTO class_tallies VALUES (?, 1)"
                " ON CONFLICT (job) DO UPDATE SET classes = classes + 1",
                (whose,),
            )


def enter_triple(
    database: sqlite3.Connection, number: int, covered: tuple[int, int], name: bytes, group: int
) -> None:
    """Note of what class triple `number` is; one whose class is not known stands for itself."""
    database.execute(
        "DELETE FROM triples_without_class WHERE covered = ? AND result = ?",
        (sum(covered), number),
    )
    database.execute(
        "INSERT INTO triple_classes VALUES (?, ?, ?, ?, 1) ON CONFLICT (class)"
        " DO UPDATE SET result = min(result, excluded.result), times = times + 1",
        (name or b"%d" % number, sum(covered), number, group),
    )


def enter_all(database: sqlite3.Connection, job: str) -> None:
    """Form anew which classes a job has found: some of its finds are its own no more."""
    for table in ("classes", "class_tallies", "distinct_sets"):
        database.execute(f"DELETE FROM {table} WHERE job = ?", (job,))  # noqa: S608 - fixed names
    sets = database.execute(
        "SELECT DISTINCT id, class FROM finds JOIN results ON id = result"
        " WHERE finds.job = ? AND covered_one IS NULL ORDER BY id",
        (job,),
    ).fetchall()
    for number, name in sets:
        # Until its class is looked for a set stands for itself.
        enter(database, job, number, UNDECIDED if name is None else name)


WAITING = (
    "SELECT id, size, squares FROM results INDEXED BY sets_without_class"
    " WHERE (class IS NULL OR class = x'') AND covered_one IS NULL AND class IS NULL"
    " ORDER BY id LIMIT ?"
)
"""Sets from before there were classes, the oldest first."""
WAITING_TRIPLES = (
    "SELECT id, squares, covered_one, covered_other FROM"
    " (SELECT result FROM triples_without_class ORDER BY covered DESC, result LIMIT ?)"
    " JOIN results ON id = result"
)
"""Triples from before these had classes, the best first."""


def catch_up(database: sqlite3.Connection, limit: int) -> bool:
    """Find the classes of up to `limit` sets from before there were any; True when all are.

    And of some triples.
    """
    sets, triples = _catch_up_sets(database, limit), _catch_up_triples(database, limit // _A_TRIPLE)
    return sets and triples


def _catch_up_triples(database: sqlite3.Connection, limit: int) -> bool:
    waiting = database.execute(WAITING_TRIPLES, (limit,)).fetchall()
    for number, text, *pairs in waiting:
        covered = (pairs[0], pairs[1])
        name, group = _class_in(text, covered)
        database.execute("UPDATE results SET class = ? WHERE id = ?", (name, number))
        enter_triple(database, number, covered, name, group)
    return len(waiting) < limit


def _catch_up_sets(database: sqlite3.Connection, limit: int) -> bool:
    waiting = database.execute(WAITING, (limit,)).fetchall()
    jobs = database.execute("SELECT job FROM tallies WHERE job <> ?", (ALL,)).fetchall()
    for number, order, text in waiting:
        name, _ = _class_in(text)
        database.execute("UPDATE results SET class = ? WHERE id = ?", (name, number))
        found_by = [
            job
            for (job,) in jobs
            if database.execute(
                "SELECT 1 FROM finds WHERE job = ? AND result = ? LIMIT 1", (job, number)
            ).fetchone()
        ]
        for job in (ALL, *found_by):
            # It stood for itself as long as it had no class.
            database.execute(
                "DELETE FROM distinct_sets WHERE job = ? AND size = ? AND result = ?",
                (job, order, number),
            )
        for job in found_by:
            enter(database, job, number, name)
    return len(waiting) < limit


def _class_in(text: str, covered: tuple[int, int] | None = None) -> tuple[bytes, int]:
    """The class of what stands in the file; UNDECIDED where that was altered on the card."""
    try:
        return class_of(squares_of(text), covered)
    except MALFORMED:
        return UNDECIDED, 0


def squares_of(text: str) -> tuple[Rows, ...]:
    """Squares as they stand in the file."""
    return tuple(tuple(tuple(cells) for cells in square) for square in json.loads(text))
