"""The results store: verified squares only, each kept once, by any number of processes at once."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from base.database import file_id, transaction
from base.errors import StoreError
from results.result import Collected, Refusal, Result, Unreadable
from results.selection import Selection
from results.store import units
from results.store.classes import ALL, WAITING, WAITING_TRIPLES, catch_up
from results.store.counts import counted, insert_counts, miscounted_mates
from results.store.file import RESULTS_FILE, default_path
from results.store.insertion import insert, release
from results.store.pages import (
    TOP,
    all_results,
    as_kept,
    best_triples,
    count,
    distinct_page,
    found_by_minute,
    miscounted_triples,
    one,
    page,
    selected,
)
from solver.records import Checkpoint, CountRecord, FindRecord, ImpossibleRecord, Rows
from solver.verify import flaw_of

_AT_OPENING = 2_000
_AT_ADDING = 200
"""Results of a file from before there were classes that get theirs then: some 0.1 ms each."""
_AFTER_ALL = b"\xff" * 64
"""Longer than the name of any class."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch: newly `kept` results, new `finds`, and what was refused.

    A square found again elsewhere is a find but not a newly kept result. `found`: all finds of the
    job by then; `total`: all results.
    """

    kept: tuple[Result, ...]
    finds: int
    refusals: tuple[Refusal, ...]
    found: int
    total: int

    @property
    def refused(self) -> tuple[str, ...]:
        """One sentence for each that was refused."""
        return tuple(refusal.sentence for refusal in self.refusals)


class Store:
    """The results file. Every method may raise StoreError; calls from any thread are safe.

    Reading has a connection of its own, so that it never waits for a commit.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection | None) -> None:
        self.path = path
        self._writer = writer
        self._write_lock = threading.Lock()
        self._caught_up = writer is None
        self._reader = RESULTS_FILE.open_for_reading(path)
        self._opened = file_id(path)
        self._read_lock = threading.Lock()
        self._totals: dict[str, tuple[int, int]] = {}
        self._totals_of = -1

    @classmethod
    def open(cls, path: Path | None = None, *, read_only: bool = False) -> Self:
        """The store in `path`, made where there is none unless `read_only`."""
        path = default_path() if path is None else path
        writer = None if read_only else RESULTS_FILE.open_for_writing(path)
        try:
            store = cls(path, writer)
            store._catch_up(_AT_OPENING)
        except BaseException:
            if writer is not None:
                writer.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the file; harmless when done twice."""
        with self._read_lock, self._write_lock:
            # The writer goes last: only it may fold the write-ahead log into the file.
            self._reader.close()
            if self._writer is not None:
                self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, job: str, found: Iterable[tuple[str, FindRecord]]) -> Added:
        """Keep what a job's nodes found; each pair is a node's name and its record.

        What the verifier refuses, or what contradicts a find already kept for the same unit and
        number, stays out and is reported.
        """
        now = time.time()
        return self._keep(job, ((node, now, record) for node, record in found))

    def bring_in(self, job: str, found: Iterable[tuple[str, float, FindRecord]]) -> Added:
        """As `add`, with when each was found, in seconds since the epoch."""
        return self._keep(job, found)

    def _keep(self, job: str, found: Iterable[tuple[str, float, FindRecord]]) -> Added:
        """The one door to the store."""
        refused: list[Refusal] = []
        sound: list[tuple[str, float, FindRecord]] = []
        for node, when, record in found:
            if wrong := flaw_of(record):
                said = f"unit {record.unit}, square {record.seq}, from {node}: {wrong}"
                refused.append(Refusal(record, said, taken=False))
            else:
                sound.append((node, when, record))
        # First of all: what is raised after the squares are kept would hide that they are new.
        self._catch_up(_AT_ADDING)
        if not sound:
            return Added((), 0, tuple(refused), self.found(job), self.kept())
        kept: list[Result] = []
        finds = 0
        with self._transaction() as database:
            for node, when, record in sound:
                result, is_new, contradiction = insert(database, job, node, when, record)
                if contradiction:
                    refused.append(Refusal(record, contradiction, taken=True))
                finds += is_new
                if result is not None:
                    kept.append(result)
            database.executemany(
                "INSERT INTO tallies VALUES (?, ?)"
                " ON CONFLICT (job) DO UPDATE SET found = found + excluded.found",
                [(job, finds), (ALL, len(kept))],
            )
            (of_job,), (in_all,) = (
                database.execute("SELECT found FROM tallies WHERE job = ?", (whose,)).fetchone()
                for whose in (job, ALL)
            )
        return Added(tuple(kept), finds, tuple(refused), of_job, in_all)

    def add_counts(self, job: str, counts: Iterable[tuple[str, CountRecord]]) -> list[Refusal]:
        """Keep what a job's nodes counted; each pair is a node's name and its record.

        What contradicts a count already kept of the same part stays out, and is given back.
        """
        with self._transaction() as database:
            return insert_counts(database, job, counts)

    def mates_counted(self, job: str) -> tuple[int, int]:
        """How many parts of a job's square are counted, and how many mates there are in them."""
        return counted(self._read, job)

    def add_proof(self, job: str, proof: ImpossibleRecord) -> None:
        """Keep the summary of a proof that there is nothing to find."""
        with self._transaction() as database:
            database.execute(
                "INSERT OR IGNORE INTO proofs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    job,
                    proof.unit,
                    proof.order,
                    proof.exhausted,
                    proof.squares,
                    proof.transversals,
                    time.time(),
                ),
            )

    def finish_unit(self, job: str, unit: int, end: Collected) -> None:
        """Remember that all of a unit's squares have been collected."""
        with self._transaction() as database:
            units.finish(database, job, unit, end)

    def reach(self, job: str, checkpoints: Mapping[int, Checkpoint]) -> None:
        """Remember how far units have come whose squares up to there are kept."""
        with self._transaction() as database:
            database.executemany(
                "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)",
                [(job, unit, str(checkpoint)) for unit, checkpoint in checkpoints.items()],
            )

    def results(
        self,
        order: int | None = None,
        job: str | None = None,
        limit: int = 100,
        before: int | None = None,
        *,
        distinct: bool = False,
    ) -> list[Result]:
        """Newest first, at most `limit`; `before`: only ids below it, to read on page by page.

        `distinct`: of each class only the result that was found first, by the job where one is
        named.

        Triples are among them where their own `job` is asked for.
        """
        pages = distinct_page if distinct else page
        return pages(self._read, order, job, limit, before)

    def selected(
        self,
        selection: Selection,
        limit: int = 100,
        before: int | None = None,
        after: int | None = None,
    ) -> list[Result]:
        """Newest first, those below `before`, or the oldest above `after`; 0: the first of all."""
        return selected(self._read, selection, limit, before, after)

    def count(self, selection: Selection, above: int = 0, top: int = TOP) -> int:
        """How many of a selection are kept, each once: those above id `above`, up to id `top`."""
        return count(self._read, selection, above, top)

    def classes_from(self, beginning: str) -> list[str]:
        """The first two main classes whose names in hex begin so."""
        whole = len(beginning) // 2 * 2
        least = bytes.fromhex(beginning[:whole])
        rows = self._read(
            "SELECT class FROM classes WHERE job = ? AND class >= ? AND class < ?"
            " AND substr(hex(class), 1, ?) = upper(?) LIMIT 2",
            (ALL, least, least + _AFTER_ALL, len(beginning), beginning),
        )
        return [bytes(name).hex() for (name,) in rows]

    def result(self, number: int) -> Result | None:
        """One result by its id."""
        return one(self._read, number)

    def found_by_minute(
        self, since: int, most: int = 50_000
    ) -> tuple[int, dict[str, dict[int, int]]]:
        """As `pages.found_by_minute`."""
        return found_by_minute(self._read, since, most)

    def triples(self, limit: int = 20) -> list[Result]:
        """Of each class of triples the first found, the nearest to three orthogonal squares first.

        Of equals the oldest, each with the size of its group, and with how many of its class are
        kept. A triple whose class is not known, or not yet looked for, stands for itself.
        """
        return best_triples(self._read, limit)

    def everything(self, limit: int, after: int = 0) -> list[Result | Unreadable]:
        """Sets and triples, oldest first, at most `limit`; `after`: only ids above it."""
        return all_results(self._read, limit, after)

    def found(self, job: str) -> int:
        """How many squares of a job are kept, those that other jobs found too included."""
        rows = self._read("SELECT found FROM tallies WHERE job = ?", (job,))
        return int(rows[0][0]) if rows else 0

    def jobs(self) -> list[str]:
        """The jobs of which something is kept."""
        rows = self._read("SELECT job FROM tallies WHERE job <> ? AND found > 0", (ALL,))
        return [str(job) for (job,) in rows]

    def kept(self) -> int:
        """How many different results there are."""
        return self.found(ALL)

    def distinct(self, job: str = ALL) -> int:
        """How many classes a job's squares are of, or all that are kept.

        Squares of one class differ in names alone; those counted by `unclassified` are left out.
        """
        rows = self._read("SELECT classes FROM class_tallies WHERE job = ?", (job,))
        return int(rows[0][0]) if rows else 0

    def totals(self) -> dict[str, tuple[int, int]]:
        """Of each job, and of all under '': how many squares are kept, and of how many classes.

        To be asked each second: the file is read only where it has changed.
        """
        ((changed,),) = self._read("PRAGMA data_version", ())
        if changed != self._totals_of:
            query = "SELECT job, found, coalesce(classes, 0) FROM tallies LEFT JOIN class_tallies"
            rows = self._read(f"{query} USING (job)", ())
            self._totals = {job: (found, classes) for job, found, classes in rows}
            self._totals_of = changed
        return self._totals

    def unclassified(self) -> int:
        """How many sets have no class: not yet looked for, or too long to find."""
        query = (
            "SELECT count(*) FROM results INDEXED BY sets_without_class"
            " WHERE (class IS NULL OR class = x'') AND covered_one IS NULL"
        )
        return int(self._read(query, ())[0][0])

    def finished_units(self, job: str) -> dict[int, Collected]:
        """The units of a job that need not be read again."""
        return units.finished(self._read, job)

    def reached(self, job: str, unit: int) -> str:
        """The checkpoint where a unit can be taken up, as the solver takes it; '' for none."""
        rows = self._read(
            "SELECT checkpoint FROM checkpoints WHERE job = ? AND unit = ?", (job, unit)
        )
        return str(rows[0][0]) if rows else ""

    def knows(self, squares: tuple[Rows, ...]) -> bool:
        """Whether a set is kept, whoever found it."""
        content = as_kept(squares)[1]
        return bool(self._read("SELECT 1 FROM results WHERE content = ?", (content,)))

    def next_number(self, job: str) -> int:
        """The first number that no find of the job's unit 0 has."""
        query = "SELECT coalesce(max(seq) + 1, 0) FROM finds WHERE job = ? AND unit = 0"
        return int(self._read(query, (job,))[0][0])

    def checksums(self, job: str) -> dict[int, list[tuple[int, str]]]:
        """Numbers and checksums of what is kept of each unit that is not finished."""
        return {unit: self.unit_checksums(job, unit) for unit in units.unfinished(self._read, job)}

    def unit_checksums(self, job: str, unit: int) -> list[tuple[int, str]]:
        """Numbers and checksums of what is kept of a unit, in sequence."""
        return units.checksums(self._read, job, unit)

    def reopen(self, job: str, numbers: Iterable[int]) -> None:
        """Forget that units have been collected: they are read again."""
        with self._transaction() as database:
            database.executemany(
                "DELETE FROM units WHERE job = ? AND unit = ?", [(job, unit) for unit in numbers]
            )

    def release(self, job: str, numbers: Iterable[int]) -> None:
        """Take the places of units from what is in them: it stays kept; they are read anew."""
        with self._transaction() as database:
            for unit in numbers:
                release(database, job, unit)

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file, one sentence each; [] for nothing."""
        said = [text for (text,) in self._read("PRAGMA integrity_check(20)", ()) if text != "ok"]
        for table, *_ in self._read("PRAGMA foreign_key_check", ())[:20]:
            said.append(f"a line of {table} tells of a result that is not there")
        return [f"{self.path}: {text}." for text in said]

    def miscounted(self) -> list[str]:
        """The jobs whose numbers are not those of what is kept, one sentence each."""
        rows = self._read(
            "SELECT tallies.job, found, coalesce(there, 0) FROM tallies LEFT JOIN"
            " (SELECT job, count(*) AS there FROM finds GROUP BY job"
            " UNION ALL SELECT ?, count(*) FROM results) AS counted"
            " ON counted.job = tallies.job WHERE found <> coalesce(there, 0)",
            (ALL,),
        )
        wrong = [
            f"{job or 'all jobs'}: {found:,} squares are said to be kept, there are {there:,}."
            for job, found, there in rows
        ]
        return wrong + miscounted_mates(self._read) + miscounted_triples(self._read)

    def other_findings(self) -> tuple[int, int]:
        """What is kept that is no set: how many proofs, and how many jobs that counted mates."""
        query = "SELECT (SELECT count(*) FROM proofs), (SELECT count(*) FROM mate_tallies)"
        ((proofs, counts),) = self._read(query, ())
        return int(proofs), int(counts)

    def proof(self, job: str) -> ImpossibleRecord | None:
        """The proof a job gave that there is nothing to find."""
        rows = self._read(
            "SELECT unit, size, exhausted, squares, transversals FROM proofs WHERE job = ?", (job,)
        )
        return ImpossibleRecord(*rows[0]) if rows else None

    def _catch_up(self, limit: int) -> None:
        # Looked for first by who only reads: a transaction waits for others that write.
        self._caught_up = self._caught_up or not any(
            self._read(waiting, (1,)) for waiting in (WAITING, WAITING_TRIPLES)
        )
        if not self._caught_up:
            with self._transaction() as database:
                self._caught_up = catch_up(database, limit)

    def _read(self, query: str, values: tuple[int | str | bytes, ...]) -> list[Any]:
        with self._read_lock, RESULTS_FILE.sentences(self.path, self._opened):
            return self._reader.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and on the disk when it ends."""
        if self._writer is None:
            raise StoreError(f"{self.path} was opened to be read only.")
        with (
            self._write_lock,
            RESULTS_FILE.sentences(self.path, self._opened),
            transaction(self._writer),
        ):
            yield self._writer
