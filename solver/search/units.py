"""Work units: a deterministic stream of records for (question, seed, unit number, version)."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from solver.question import FEW_ORDER
from solver.records import (
    CountRecord,
    DoneRecord,
    FindRecord,
    ImpossibleRecord,
    ProgressRecord,
    Record,
    SquareRecord,
    TripleRecord,
    checksum,
    digest,
)
from solver.search.sets import EVERY
from solver.search.tries import tries
from solver.search.unit import Account, Find, PartCount, Unit

__all__ = ["Unit", "search"]

STALLED = 20_000
"""Squares tried in vain before a unit ends that skips what it has given before."""
BARREN = 20_000_000_000
"""Steps of work in vain (some ten minutes) before any unit ends but one that has an end."""
LOOKS_ON = 500
"""Steps that a search with an end goes on once it has what is wanted: that may be all there is."""
PROGRESS_SECONDS = 2.0


def search(unit: Unit, clock: Callable[[], float], stop: Callable[[], bool]) -> Iterator[Record]:
    """The unit's records, `done` last; none follows once `stop()`, asked at each square, is True.

    `clock` counts seconds; it decides when progress is reported and when time is up, and nothing
    else.
    """
    run = _Run(unit, clock)
    tried = tries(unit, run.account)
    while True:
        if stop():
            return
        if run.over():
            break
        finds = next(tried, None)
        if finds is None:
            break
        if finds:
            yield from run.take(finds)
        if run.due():
            yield run.progress()
    yield from run.end()


class _Run:
    """A unit under way."""

    def __init__(self, unit: Unit, clock: Callable[[], float]) -> None:
        self.unit = unit
        self.clock = clock
        self.started = clock()
        self.reported = self.started
        self.account = Account.since(unit.checkpoint)
        question = unit.question
        self.has_end = question.finite
        self.exhausts = question.exhausts
        # Of a count the parts are wanted, and the square tells how many there are.
        self.wanted = EVERY if question.count_mates else unit.count
        self.tires = not self.has_end and (
            question.order <= FEW_ORDER
            or (question.way in ("construct", "turn", "symmetric") and not question.triple)
        )
        # What is taken up at a checkpoint knows nothing of what was given before.
        hunted = question.triple and not question.resumable
        self.remembers = self.tires or question.order <= FEW_ORDER or hunted
        self.given: set[bytes] = set()
        self.last_tried = 0
        self.last_work = 0
        self.looked_on = 0
        self.more = False
        self.reason = "exhausted"

    def over(self) -> bool:
        """True once the unit has nothing more to do; says why in `reason`."""
        unit = self.unit
        account = self.account
        enough = account.found >= self.wanted
        if enough and not self._looks_on():
            self.reason = "found"
        elif unit.seconds and self.clock() - self.started >= unit.seconds:
            self.reason = "found" if enough else "time"
        elif self.has_end:
            return False
        elif (self.tires and account.tried - self.last_tried >= STALLED) or (
            account.work - self.last_work >= BARREN
        ):
            self.reason = "stalled"
        else:
            return False
        return True

    def take(self, finds: Sequence[Find | PartCount]) -> Iterator[Record]:
        """The records of what one square gave."""
        for find in finds:
            if isinstance(find, PartCount):
                yield self._counted(find)
            elif self._known(find):
                continue
            elif self.account.found < self.wanted:
                yield self._found(find)
            else:
                self.more = True

    def due(self) -> bool:
        """True where nothing has been said for a while."""
        return self.clock() - self.reported >= PROGRESS_SECONDS

    def end(self) -> Iterator[Record]:
        """The unit's last records."""
        unit = self.unit
        account = self.account
        proven = self.reason == "exhausted" and not account.found and not account.undecided
        if self.exhausts and proven and unit.units == 1 and not unit.question.filtered:
            self.reason = "impossible"
            yield ImpossibleRecord(
                unit.number,
                unit.question.order,
                "reduced Latin squares",
                account.tried,
                account.transversals,
            )
        elif self.has_end:
            yield self.progress()
        bounds = tuple(sorted(account.bounds)) if self.reason == "exhausted" else None
        yield DoneRecord(unit.number, account.found, account.digest, self.reason, bounds)

    def _looks_on(self) -> bool:
        """True until it is known that there is more, or it would take long to know."""
        self.looked_on += 1
        could_tell = self.has_end and self.unit.count > 0
        return could_tell and not self.more and self.looked_on <= LOOKS_ON

    def _known(self, find: Find) -> bool:
        if not self.remembers:
            return False
        # From either of two mates the other is come to, and it is the same set.
        squares = (find.squares[0], *sorted(find.squares[1:]))
        cells = bytes(cell for square in squares for row in square for cell in row)
        name = hashlib.sha256(cells).digest()[:12]
        known = name in self.given
        self.given.add(name)
        return known

    def _found(self, find: Find) -> FindRecord:
        unit, account = self.unit, self.account
        self.last_tried, self.last_work = account.tried, account.work
        place = (unit.number, account.found, unit.question.order, find.squares)
        record: FindRecord
        if find.covered is None:
            record = SquareRecord(*place, find.source, account.tried, find.transversals)
        else:
            record = TripleRecord(*place, find.covered, find.source, account.tried)
        self._note(record)
        return record

    def _counted(self, count: PartCount) -> CountRecord:
        place = (self.unit.number, self.account.found, self.unit.question.order)
        record = CountRecord(*place, count.part, count.of, count.mates)
        self._note(record)
        return record

    def _note(self, record: FindRecord | CountRecord) -> None:
        self.account.found += 1
        self.account.digest = digest([checksum(record)], self.account.digest)

    def progress(self) -> ProgressRecord:
        """Where the unit stands."""
        account = self.account
        now = self.reported = self.clock()
        return ProgressRecord(
            self.unit.number,
            account.tried,
            account.transversals,
            account.found,
            round(now - self.started, 1),
            round(account.share, 6),
            account.checkpoint,
        )
