"""Work units: a deterministic stream of records for (question, seed, unit number, version)."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from librt.vecs import vec
from mypy_extensions import i64

from solver.constructions import construct, method
from solver.constructions.variants import variants
from solver.question import Question
from solver.records import (
    DoneRecord,
    FindRecord,
    ImpossibleRecord,
    ProgressRecord,
    Record,
    Rows,
    SquareRecord,
    TripleRecord,
    checksum,
    digest,
)
from solver.sets import Sets
from solver.shape import covered, diagonal, has_subsquare, natural, rows_of, transposed
from solver.sources import candidates
from solver.triple import Hunt

FEW_ORDER = 5
"""Up to here pairs are so few that all that a job finds is one unit's work."""
STALLED = 20_000
"""Squares tried in vain before a unit ends that skips what it has given before."""
BARREN = 20_000_000_000
"""Steps of work in vain (some ten minutes) before any unit ends but one that exhausts."""
STEP_BOUND = 50_000_000
"""Search steps for one square (about a second); far beyond what a random one needs."""
RICH_BOUND = 5_000_000
"""The same where the next square is as good: a few rich ones have no mate, and never tell."""
RICH_MATES = 100
"""Mates of a rich square to give, where it is left to the source: finding the first is the work."""
PROGRESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Unit:
    """Which part of a question's answer to find: the `number`th of the job's `units`.

    `count` sets are wanted of it. `seconds` (0: no limit) cuts the stream short without changing
    what comes before the cut.
    """

    question: Question
    count: int
    seed: int = 0
    number: int = 0
    seconds: float = 0.0
    units: int = 1

    def __post_init__(self) -> None:
        """Raises ValueError, in one sentence, for what cannot be searched."""
        if self.count < 0 or self.number < 0 or self.seconds < 0:
            raise ValueError("count, unit and seconds must not be negative.")


def share(count: int, units: int, number: int) -> int:
    """How many of a job's `count` squares its `number`th unit has to find."""
    return count // units + (number < count % units)


def search(unit: Unit, clock: Callable[[], float], stop: Callable[[], bool]) -> Iterator[Record]:
    """The unit's records, `done` last; none follows once `stop()`, asked at each square, is True.

    `clock` counts seconds; it decides when progress is reported and when time is up, and nothing
    else.
    """
    run = _Run(unit, clock)
    tries = _tries(unit, run.account)
    while True:
        if stop():
            return
        if run.over():
            break
        finds = next(tries, None)
        if finds is None:
            break
        yield from run.take(finds)
    yield from run.end()


@dataclass(slots=True)
class Account:
    """What a unit has done so far."""

    tried: int = 0
    transversals: int = 0
    work: int = 0
    undecided: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Find:
    """A set of squares, how it was found, and the first square's transversals.

    `covered`: of a triple, the pairs of symbols that the third makes with the first two.
    """

    squares: tuple[Rows, ...]
    source: str
    transversals: int = 0
    covered: tuple[int, int] | None = None


class _Run:
    """A unit under way."""

    def __init__(self, unit: Unit, clock: Callable[[], float]) -> None:
        self.unit = unit
        self.clock = clock
        self.started = clock()
        self.reported = self.started
        self.account = Account()
        self.sums: list[str] = []
        self.exhausts = unit.question.exhausts
        self.remembers = unit.question.order <= FEW_ORDER or (
            unit.question.way in ("construct", "turn") and not unit.question.triple
        )
        self.given: set[bytes] = set()
        self.last_tried = 0
        self.last_work = 0
        self.reason = "exhausted"

    def over(self) -> bool:
        """True once the unit has nothing more to do; says why in `reason`."""
        unit = self.unit
        account = self.account
        if len(self.sums) >= unit.count:
            self.reason = "found"
        elif unit.seconds and self.clock() - self.started >= unit.seconds:
            self.reason = "time"
        elif self.exhausts:
            return False
        elif (self.remembers and account.tried - self.last_tried >= STALLED) or (
            account.work - self.last_work >= BARREN
        ):
            self.reason = "stalled"
        else:
            return False
        return True

    def take(self, finds: Sequence[Find]) -> Iterator[Record]:
        """The records of what one square gave."""
        for find in finds:
            if len(self.sums) < self.unit.count and not self._known(find):
                yield self._found(find)
        now = self.clock()
        if now - self.reported >= PROGRESS_SECONDS:
            self.reported = now
            yield self._progress(now)

    def end(self) -> Iterator[Record]:
        """The unit's last records."""
        unit = self.unit
        account = self.account
        proven = self.reason == "exhausted" and not self.sums and not account.undecided
        if self.exhausts and proven and unit.units == 1 and not unit.question.filtered:
            self.reason = "impossible"
            yield ImpossibleRecord(
                unit.number,
                unit.question.order,
                "reduced Latin squares",
                account.tried,
                account.transversals,
            )
        elif self.exhausts:
            yield self._progress(self.clock())
        yield DoneRecord(unit.number, len(self.sums), digest(self.sums), self.reason)

    def _known(self, find: Find) -> bool:
        if not self.remembers:
            return False
        cells = bytes(cell for square in find.squares for row in square for cell in row)
        name = hashlib.sha256(cells).digest()[:12]
        known = name in self.given
        self.given.add(name)
        return known

    def _found(self, find: Find) -> FindRecord:
        unit, account = self.unit, self.account
        self.last_tried, self.last_work = account.tried, account.work
        place = (unit.number, len(self.sums), unit.question.order, find.squares)
        record: FindRecord
        if find.covered is None:
            record = SquareRecord(*place, find.source, account.tried, find.transversals)
        else:
            record = TripleRecord(*place, find.covered, find.source, account.tried)
        self.sums.append(checksum(record))
        return record

    def _progress(self, now: float) -> ProgressRecord:
        account = self.account
        return ProgressRecord(
            self.unit.number,
            account.tried,
            account.transversals,
            len(self.sums),
            round(now - self.started, 1),
            round(account.share, 6),
        )


def _tries(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """One square after another, and what it gave."""
    question = unit.question
    if question.triple:
        return _hunted(unit, account)
    if question.way == "construct":
        return _constructed(unit, account)
    return _searched(unit, account)


def _constructed(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """The recorded construction, by the first unit, then variants of it without end."""
    order, mols = unit.question.order, unit.question.mols
    source = f"construct: {method(order, mols)}"[:80]
    if unit.number == 0:
        account.tried += 1
        yield (Find(construct(order, mols), source),)
    for squares in variants(order, f"{unit.seed} {unit.number}", mols):
        account.tried += 1
        yield (Find(squares, "construct"),)


def _searched(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """Each of the source's squares, with the sets it is the first of."""
    question = unit.question
    rich = question.way == "turn"
    most = question.mates or (RICH_MATES if rich else 1)
    sets = Sets(question.order, question.mols, most, RICH_BOUND if rich else STEP_BOUND)
    least, alike = question.transversals, question.self_orthogonal
    for candidate in candidates(question, question.way, unit.seed, unit.number, unit.units):
        # Of order 7 a hundred thousand pass here a second, and one of them in a hundred further.
        square = candidate.square
        account.tried += 1
        account.share = candidate.share
        count = sets.count(square)
        account.work = sets.work
        if count < 0:
            account.undecided += 1
            yield ()
            continue
        account.transversals += count
        if count < least:
            yield ()
            continue
        others = [] if alike else sets.find(count)
        account.undecided += not sets.decided
        if others or alike:
            found = _of_square(question, rows_of(square, question.order), others)
            shaped = _shaped(question, found, sets.transversals.found, count)
            yield [Find(squares, candidate.label, count) for squares in shaped]
        else:
            yield ()


def _of_square(
    question: Question, square: Rows, others: Sequence[tuple[Rows, ...]]
) -> list[tuple[Rows, ...]]:
    """The sets of a square and its mates, or of a square and its transpose."""
    first = natural(square)
    if not question.self_orthogonal:
        return [(first, *mates) for mates in others]
    second = transposed(square)
    orthogonal = covered(square, second) == question.order**2
    return [(first, natural(second))] if orthogonal else []


def _shaped(
    question: Question, found: list[tuple[Rows, ...]], transversals: vec[i64], count: int
) -> list[tuple[Rows, ...]]:
    """The sets that pass the filters, rearranged where that makes the first square diagonal."""
    if question.subsquare and found and not has_subsquare(found[0][0], question.subsquare):
        return []
    if not question.diagonal:
        return found
    alike = question.self_orthogonal
    shaped = (diagonal(squares, transversals, count, symmetric=alike) for squares in found)
    return [squares for squares in shaped if squares is not None]


def _hunted(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """Each of the source's squares, with the best third square for some of its pairs."""
    question = unit.question
    hunt = Hunt(question.order)
    for candidate in candidates(question, question.way, unit.seed, unit.number, unit.units):
        account.tried += 1
        account.share = candidate.share
        triples = list(hunt.triples(candidate.square))
        account.transversals += hunt.transversals
        account.work = hunt.work
        yield [Find(t.squares, candidate.label, hunt.transversals, t.covered) for t in triples]
