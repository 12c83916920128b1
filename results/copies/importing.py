"""Results from a file on their way into the store: the verifier has the last word on each."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from base.text import clean_text
from results.store import Store
from solver.formats.items import Given, Item, Problem
from solver.records import FindRecord, SquareRecord, TripleRecord
from solver.verify import flaw_of

IMPORTED = "imported"
"""The job of what says of itself no better."""
BATCH = 200
"""Sets that are verified and kept at a time."""
_JOB = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_UNITS = 2**31
_NUMBERS = 2**42
"""Above every number of a unit, and of a square: those of later generations are high."""


class Import:
    """Takes what was read from a file into the store, so many at a time.

    What a result says of where it was found is taken over; other squares are the job `imported`'s.
    `refuse` is told one sentence for each that stays out.
    """

    def __init__(self, store: Store, items: Iterator[Item], refuse: Callable[[str], None]) -> None:
        self.kept = self.known = self.refused = 0
        self._store = store
        self._items = items
        self._refuse = refuse

    def step(self) -> bool:
        """Take in the next batch; False where there is none. Raises StoreError, OSError."""
        items = list(islice(self._items, BATCH))
        by_job: dict[str, list[tuple[str, float, FindRecord]]] = {}
        for item in items:
            if isinstance(item, Problem):
                self._stays_out(item.sentence)
            elif isinstance(item, Given):
                self._sort(item, by_job)
        for job, found in by_job.items():
            added = self._store.bring_in(job, found)
            for sentence in added.refused:
                self._stays_out(f"{job}, {sentence}")
            self.kept += len(added.kept)
            self.known += len(found) - len(added.kept) - len(added.refused)
        return bool(items)

    def _sort(self, given: Given, by_job: dict[str, list[tuple[str, float, FindRecord]]]) -> None:
        job, node, found_at, record = _found(given)
        if wrong := flaw_of(record):
            self._stays_out(f"line {given.line}: {wrong}")
            return
        if job == IMPORTED:
            before = by_job.get(job, ())
            if self._store.knows(record.squares) or any(
                record.squares == other.squares for *_, other in before
            ):
                self.known += 1
                return
            record = replace(record, unit=0, seq=self._store.next_number(job) + len(before))
        by_job.setdefault(job, []).append((node, found_at, record))

    def _stays_out(self, sentence: str) -> None:
        self.refused += 1
        self._refuse(sentence)


def _found(given: Given) -> tuple[str, str, float, FindRecord]:
    """Job, node, time and record of what was given, as far as it says them; all may be lies."""
    said: Mapping[str, object] = given.said or {}
    record = given.record
    job, unit = said.get("job"), _number(said.get("unit"), _UNITS)
    seq = _number(said.get("seq"), _NUMBERS)
    if not isinstance(job, str) or not _JOB.fullmatch(job) or unit is None or seq is None:
        job, unit, seq = IMPORTED, 0, 0
    found_at = said.get("found_at")
    if not isinstance(found_at, int | float) or not 0 <= found_at <= time.time():
        found_at = time.time()
    return job, _text(said.get("node")), float(found_at), record or _record(given, unit, seq)


def _record(given: Given, unit: int, seq: int) -> FindRecord:
    said: Mapping[str, object] = given.said or {}
    order, source = len(given.squares[0]), _text(said.get("source")) or IMPORTED
    match said.get("covered"):
        case [int(one), int(other)]:
            return TripleRecord(unit, seq, order, given.squares, (one, other), source, 0)
        case _:
            return SquareRecord(unit, seq, order, given.squares, source, 0, 0)


def _number(value: object, end: int) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end:
        return value
    return None


def _text(value: object) -> str:
    return clean_text(value, 80) if isinstance(value, str) else ""
