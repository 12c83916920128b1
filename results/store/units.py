"""The units of jobs in the results file: which are whole, how they ended, what is kept of them."""

import sqlite3

from results.result import GENERATION, Collected
from results.store.counts import count_checksums
from results.store.pages import Read, checksum_of


def finish(database: sqlite3.Connection, job: str, unit: int, end: Collected) -> None:
    """Remember that all of a unit's squares have been collected."""
    bounds = None if end.bounds is None else " ".join(end.bounds)
    database.execute(
        "INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?)", (job, unit, end.count, end.digest)
    )
    database.execute(
        "INSERT OR REPLACE INTO endings VALUES (?, ?, ?, ?)", (job, unit, end.reason, bounds)
    )
    database.execute("DELETE FROM checkpoints WHERE job = ? AND unit = ?", (job, unit))


def finished(read: Read, job: str) -> dict[int, Collected]:
    """The units of a job that need not be read again."""
    rows = read(
        "SELECT unit, count, digest, coalesce(reason, ''), bounds"
        " FROM units LEFT JOIN endings USING (job, unit) WHERE job = ?",
        (job,),
    )
    return {
        unit: Collected(count, said, reason, None if bounds is None else tuple(bounds.split()))
        for unit, count, said, reason, bounds in rows
    }


def unfinished(read: Read, job: str) -> list[int]:
    """The units of which something is kept, and not all."""
    rows = read(
        "SELECT unit FROM (SELECT unit FROM finds WHERE job = ?"
        " UNION SELECT unit FROM mate_counts WHERE job = ?)"
        " WHERE unit NOT IN (SELECT unit FROM units WHERE job = ?)",
        (job, job, job),
    )
    return [unit for (unit,) in rows]


def checksums(read: Read, job: str, unit: int) -> list[tuple[int, str]]:
    """Numbers and checksums of what is kept of a unit, in sequence."""
    rows = read(
        "SELECT finds.seq, size, squares, covered_one, covered_other"
        " FROM finds JOIN results ON id = result WHERE finds.job = ? AND finds.unit = ?"
        " ORDER BY finds.seq",
        (job, unit),
    )
    sums = [(seq, checksum_of(unit, seq % GENERATION, *said)) for seq, *said in rows]
    return sums + count_checksums(read, job, unit)
