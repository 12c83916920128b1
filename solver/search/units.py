"""Work units: a deterministic stream of records for (question, seed, unit number, version)."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from librt.vecs import vec
from mypy_extensions import i64

from solver import VERSION
from solver.constructions import construct, method
from solver.constructions.variants import variants
from solver.question import FEW_ORDER, Question
from solver.records import (
    NOTHING,
    Checkpoint,
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
from solver.search.given import Given
from solver.search.latin import Source
from solver.search.sets import EVERY, Sets
from solver.search.shape import covered, diagonal, has_subsquare, natural, rows_of, transposed
from solver.search.sieve import END, FOUND, PAUSE, Sieve
from solver.search.sources import label, source, through
from solver.search.triples import Hunt

STALLED = 20_000
"""Squares tried in vain before a unit ends that skips what it has given before."""
BARREN = 20_000_000_000
"""Steps of work in vain (some ten minutes) before any unit ends but one that has an end."""
STEP_BOUND = 50_000_000
"""Search steps for one square (about a second); far beyond what a random one needs."""
RICH_BOUND = 5_000_000
"""The same where the next square is as good: a few rich ones have no mate, and never tell."""
RICH_MATES = 100
"""Mates of a rich square to give, where it is left to the source: finding the first is the work."""
AT_ONCE = 500
"""Sets of one square that are given before the clock is looked at."""
PROGRESS_SECONDS = 2.0
PATIENCE = 20_000
"""Steps of work in vain (about a millisecond) between looks at the clock and at who waits."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Which part of a question's answer to find: the `number`th of the job's `units`.

    `count` sets are wanted of it. `seconds` (0: no limit) cuts the stream short without changing
    what comes before the cut. After a `checkpoint` of its own it gives only what is left of it;
    one of another version of the solver is of no use, and passed over.
    """

    question: Question
    count: int
    seed: int = 0
    number: int = 0
    seconds: float = 0.0
    units: int = 1
    checkpoint: Checkpoint | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, in one sentence, for what cannot be searched."""
        if self.checkpoint is not None and not self.question.resumable:
            raise ValueError("only a unit that goes through all there is has checkpoints.")
        if self.count < 0 or self.number < 0 or self.seconds < 0:
            raise ValueError("count, unit and seconds must not be negative.")


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
        if finds:
            yield from run.take(finds)
        if run.due():
            yield run.progress()
    yield from run.end()


@dataclass(slots=True)
class Account:
    """What a unit has done so far; `part` is the one of its source that it is in."""

    tried: int = 0
    transversals: int = 0
    work: int = 0
    undecided: int = 0
    share: float = 0.0
    found: int = 0
    digest: str = NOTHING
    part: int = -1
    bounds: set[str] = field(default_factory=set)
    checkpoint: Checkpoint | None = None

    @classmethod
    def since(cls, checkpoint: Checkpoint | None) -> "Account":
        """The account as it stood at a checkpoint."""
        if checkpoint is None or checkpoint.version != VERSION:
            return cls()
        return cls(
            tried=checkpoint.tried,
            transversals=checkpoint.transversals,
            undecided=checkpoint.undecided,
            found=checkpoint.found,
            digest=checkpoint.digest,
            checkpoint=checkpoint,
        )

    def read(self, sieve: Sieve) -> None:
        """Take over what a sieve has counted."""
        self.tried, self.transversals = int(sieve.tried), int(sieve.seen)
        self.work, self.undecided = int(sieve.work), int(sieve.undecided)
        if sieve.unlisted:
            self.bounds.add("transversals")
        if sieve.undecided > sieve.unlisted:
            self.bounds.add("steps")

    def enter(self, part: int) -> None:
        """Go on to another part of the source; from the second on there is something to save."""
        if self.part >= 0:
            self.checkpoint = Checkpoint(
                self.digest,
                VERSION,
                part,
                self.tried,
                self.transversals,
                self.undecided,
                self.found,
            )
        self.part = part


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
        self.account = Account.since(unit.checkpoint)
        question = unit.question
        self.has_end = question.finite
        self.exhausts = question.exhausts
        self.tires = not self.has_end and (
            question.order <= FEW_ORDER
            or (question.way in ("construct", "turn") and not question.triple)
        )
        self.remembers = self.tires or question.order <= FEW_ORDER or question.triple
        self.given: set[bytes] = set()
        self.last_tried = 0
        self.last_work = 0
        self.reason = "exhausted"

    def over(self) -> bool:
        """True once the unit has nothing more to do; says why in `reason`."""
        unit = self.unit
        account = self.account
        if account.found >= unit.count:
            self.reason = "found"
        elif unit.seconds and self.clock() - self.started >= unit.seconds:
            self.reason = "time"
        elif self.has_end:
            return False
        elif (self.tires and account.tried - self.last_tried >= STALLED) or (
            account.work - self.last_work >= BARREN
        ):
            self.reason = "stalled"
        else:
            return False
        return True

    def take(self, finds: Sequence[Find]) -> Iterator[Record]:
        """The records of what one square gave."""
        for find in finds:
            if self.account.found < self.unit.count and not self._known(find):
                yield self._found(find)

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

    def _known(self, find: Find) -> bool:
        if not self.remembers:
            return False
        squares = find.squares
        if find.covered is not None:
            # The hunt comes to the same two mates from either.
            squares = (squares[0], *sorted(squares[1:]))
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
        account.found += 1
        account.digest = digest([checksum(record)], account.digest)
        return record

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


def _tries(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """One square after another, and what it gave."""
    question = unit.question
    if question.triple:
        return _hunted(unit, account)
    if question.way == "construct":
        return _constructed(unit, account)
    if question.way == "file":
        return _given(unit, account)
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
    """Those of the source's squares that have what is asked, with the sets it is the first of.

    Now and then nothing, so that whoever asks can see to other things.
    """
    question = unit.question
    rich = question.way == "turn"
    most = question.mates or (RICH_MATES if rich else EVERY if question.exhausts else 1)
    bound = RICH_BOUND if rich else STEP_BOUND
    alike = question.self_orthogonal
    # Where every square is gone through, one set more tells that some were left out.
    wanted = 0 if alike else most + 1 if question.exhausts and most < EVERY else most
    sets = Sets(
        question.order,
        question.mols,
        wanted,
        bound,
        question.transversals,
        whole=question.exhausts,
    )
    sieve = sets.sieve
    sieve.tried, sieve.seen, sieve.undecided = (
        account.tried, account.transversals, account.undecided
    )  # fmt: skip
    begun = account.checkpoint.part if account.checkpoint else 0
    squares = source(question, unit.seed, unit.number, unit.units, begun)
    # What may have no more to give is over after so many squares in vain, counted one by one.
    patience = 0 if rich or question.order <= FEW_ORDER else PATIENCE
    while squares.begin():
        account.enter(int(squares.part))
        reached = PAUSE
        while reached != END:
            reached = int(sieve.advance(squares, patience))
            account.read(sieve)
            account.share = through(squares, account.tried)
            if reached != FOUND or alike:
                yield _finds(question, squares, sets, []) if reached == FOUND else ()
                continue
            mates, given = sets.sets(), 0
            while others := list(islice(mates, AT_ONCE)):
                given += len(others)
                if given > most:
                    account.bounds.add("mates")
                    others.pop()
                account.read(sieve)
                yield _finds(question, squares, sets, others)


def _given(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """What the user's squares give, step by step; mostly nothing."""
    since = account.checkpoint
    given = Given(unit.question, unit.number, unit.units, since.part if since else None)
    tried, seen = account.tried, account.transversals
    for sets in given.sets(lambda: unit.count - account.found):
        account.tried, account.transversals = tried + given.tried, seen + given.seen
        account.bounds |= given.bounds
        account.share = given.share
        if given.part != account.part:
            account.enter(given.part)
        yield [Find(squares, "file", given.count) for squares in sets]
    account.tried, account.transversals = tried + given.tried, seen + given.seen
    account.bounds |= given.bounds
    account.share = 1.0


def _finds(
    question: Question, squares: Source, sets: Sets, others: list[tuple[Rows, ...]]
) -> list[Find]:
    """What the square that the sieve has let pass gives, with the `others` of its sets."""
    sieve = sets.sieve
    found = _of_square(question, rows_of(squares.square, question.order), others)
    count = int(sieve.count)
    shaped = _shaped(question, found, sieve.transversals.found, count)
    return [Find(sets_, label(question), count) for sets_ in shaped]


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
    hunt = Hunt(question.order, every=question.finite)
    # The nearest are looked for within bounds; none is proved to be the nearest of all.
    account.bounds.add("steps")
    squares, called = source(question, unit.seed, unit.number, unit.units), label(question)
    squares.begin()
    while squares.advance():
        account.tried += 1
        account.share = through(squares, account.tried)
        for triple in hunt.triples(squares.square):
            account.work = hunt.work
            yield (
                [Find(triple.squares, called, hunt.transversals, triple.covered)] if triple else ()
            )
        account.transversals += hunt.transversals
        if hunt.unlisted:
            account.bounds.add("transversals")
        yield ()
