"""Counts of a square's mates in the results file: each part of a job's square once."""

import sqlite3
from collections.abc import Iterable

from results.result import Refusal
from results.store.pages import Read
from solver.records import CountRecord, checksum


def insert_counts(
    database: sqlite3.Connection, job: str, counts: Iterable[tuple[str, CountRecord]]
) -> list[Refusal]:
    """Keep the counts that nodes gave; gives those that contradict what is kept."""
    refused = []
    for node, record in counts:
        said = (record.order, record.part, record.of, record.mates)
        earlier = database.execute(
            "SELECT size, part, parts, mates FROM mate_counts"
            " WHERE job = ? AND unit = ? AND seq = ?",
            (job, record.unit, record.seq),
        ).fetchone()
        if earlier is not None:
            if earlier != said:
                sentence = (
                    f"unit {record.unit}, part {record.part}, from {node}: "
                    "another count of it is already kept."
                )
                refused.append(Refusal(record, sentence, taken=True))
            continue
        database.execute(
            "INSERT INTO mate_counts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (job, record.unit, record.seq, *said),
        )
        database.execute(
            "INSERT INTO mate_tallies VALUES (?, 1, ?) ON CONFLICT (job) DO UPDATE"
            " SET parts = parts + 1, mates = mates + excluded.mates",
            (job, record.mates),
        )
    return refused


def counted(read: Read, job: str) -> tuple[int, int]:
    """How many parts of a job's square are counted, and how many mates there are in them."""
    rows = read("SELECT parts, mates FROM mate_tallies WHERE job = ?", (job,))
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def count_checksums(read: Read, job: str, unit: int) -> list[tuple[int, str]]:
    """Numbers and checksums of a unit's counts that are kept, as it formed them, in sequence."""
    rows = read(
        "SELECT seq, size, part, parts, mates FROM mate_counts WHERE job = ? AND unit = ?"
        " ORDER BY seq",
        (job, unit),
    )
    return [(seq, checksum(CountRecord(unit, seq, *said))) for seq, *said in rows]


def miscounted_mates(read: Read) -> list[str]:
    """The jobs whose number of mates is not that of what is kept, one sentence each."""
    rows = read(
        "SELECT said.job, said.mates, coalesce(sum(kept.mates), 0)"
        " FROM mate_tallies AS said LEFT JOIN mate_counts AS kept USING (job) GROUP BY said.job"
        " HAVING said.parts <> count(part) OR said.mates <> coalesce(sum(kept.mates), 0)",
        (),
    )
    return [
        f"{job}: {mates:,} mates are said to be counted, there are {there:,}."
        for job, mates, there in rows
    ]
