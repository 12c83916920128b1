"""Which results in the store differ in more than names: their classes, written and counted.

The class is found here, from squares that were verified, and never taken from a worker's word.
"""

import json
import sqlite3

from solver.records import Rows

ALL = ""
"""Stands for all jobs, in `tallies`, `classes` and `class_tallies`."""
UNDECIDED = b""
"""The class of a set whose class takes too long to find; it counts as none."""


def class_of(squares: tuple[Rows, ...]) -> bytes:
    """The class of a verified set as it is stored."""
    # Imported late: who only reads does without.
    from solver.classes.main_class import main_class

    found = main_class(squares)
    return found.digest if found else UNDECIDED


def enter(database: sqlite3.Connection, job: str, number: int, name: bytes | None) -> None:
    """Note that a job found result `number`, whose class is `name` (None: not yet looked for)."""
    if not name:
        return
    for whose in (job, ALL):
        added = database.execute(
            "INSERT OR IGNORE INTO classes VALUES (?, ?, ?)", (whose, name, number)
        )
        if added.rowcount == 1:
            database.execute(
                "INSERT INTO class_tallies VALUES (?, 1)"
                " ON CONFLICT (job) DO UPDATE SET classes = classes + 1",
                (whose,),
            )


def catch_up(database: sqlite3.Connection, limit: int) -> bool:
    """Find the classes of up to `limit` results from before there were any; True when all are."""
    waiting = database.execute(
        "SELECT id, squares FROM results"
        " WHERE (class IS NULL OR class = x'') AND class IS NULL ORDER BY id LIMIT ?",
        (limit,),
    ).fetchall()
    if not waiting:
        return True
    names: dict[int, bytes] = {}
    for number, text in waiting:
        squares = tuple(tuple(map(tuple, square)) for square in json.loads(text))
        names[number] = class_of(squares)
        database.execute("UPDATE results SET class = ? WHERE id = ?", (names[number], number))
    jobs = database.execute("SELECT job FROM tallies WHERE job <> ?", (ALL,)).fetchall()
    for (job,) in jobs:
        finds = database.execute(
            "SELECT DISTINCT result FROM finds WHERE job = ? AND result BETWEEN ? AND ?",
            (job, waiting[0][0], waiting[-1][0]),
        ).fetchall()
        for (number,) in finds:
            enter(database, job, number, names.get(number))
    return len(waiting) < limit
