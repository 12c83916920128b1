"""Work units: a deterministic stream of records for (seed, unit number, order, version)."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from librt.vecs import vec
from mypy_extensions import i64

from solver import VERSION
from solver.latin import MAX_ORDER, Random, cyclic, walk
from solver.mates import Mates
from solver.records import (
    DoneRecord,
    ImpossibleRecord,
    ProgressRecord,
    Record,
    Rows,
    SquareRecord,
    checksum,
    digest,
)
from solver.reduced import Reduced
from solver.transversals import Transversals

EXHAUSTED_ORDERS = (1, 2, 6)
"""Decided by going through every reduced square: random ones would never say no."""
FEW_ORDER = 5
"""Up to here pairs are so few that a unit remembers and skips those it has given."""
STALLED = 20_000
"""Squares tried in vain before a unit of such an order ends: one mate a square is looked for."""
STEP_BOUND = 50_000_000
"""Search steps for one square (about a second); far beyond what a random one needs."""
PROGRESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Unit:
    """Which squares to find: `count` of `order`, the `number`th unit of the job with `seed`.

    `seconds` (0: no limit) cuts the stream short without changing what comes before the cut.
    """

    order: int
    count: int
    seed: int = 0
    number: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError, in one sentence, for what cannot be searched."""
        if not 1 <= self.order <= MAX_ORDER:
            raise ValueError(f"order must be between 1 and {MAX_ORDER}: {self.order} is not.")
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
    for square in _squares(unit):
        if stop():
            return
        if run.over():
            break
        yield from run.step(square)
    yield from run.end()


class _Run:
    """A unit under way."""

    def __init__(self, unit: Unit, clock: Callable[[], float]) -> None:
        self.unit = unit
        self.clock = clock
        self.started = clock()
        self.reported = self.started
        self.transversals = Transversals(unit.order)
        self.mates = Mates(unit.order)
        self.tried = 0
        self.seen = 0
        self.sums: list[str] = []
        self.given: set[tuple[Rows, ...]] = set()
        self.last_new = 0
        self.undecided = 0
        self.reason = "exhausted"

    def over(self) -> bool:
        """True once the unit has nothing more to do; says why in `reason`."""
        unit = self.unit
        if len(self.sums) >= unit.count:
            self.reason = "found"
        elif unit.seconds and self.clock() - self.started >= unit.seconds:
            self.reason = "time"
        elif unit.order <= FEW_ORDER and self.tried - self.last_new >= STALLED:
            self.reason = "stalled"
        else:
            return False
        return True

    def step(self, square: vec[i64]) -> Iterator[Record]:
        """Try one square."""
        self.tried += 1
        count = self.transversals.find(square)
        answer = -1
        if count >= 0:
            self.seen += int(count)
            answer = int(self.mates.find(self.transversals.found, count, STEP_BOUND))
        if answer < 0:
            self.undecided += 1
        elif answer > 0:
            squares = (_first_row_natural(square, self.unit.order), _frozen(self.mates.rows()))
            if squares not in self.given:
                yield self._found(squares, int(count))
        now = self.clock()
        if now - self.reported >= PROGRESS_SECONDS:
            self.reported = now
            seconds = round(now - self.started, 1)
            yield ProgressRecord(self.unit.number, self.tried, self.seen, len(self.sums), seconds)

    def _found(self, squares: tuple[Rows, ...], count: int) -> SquareRecord:
        self.last_new = self.tried
        unit = self.unit
        if unit.order <= FEW_ORDER:
            self.given.add(squares)
        source = "exhaust" if unit.order in EXHAUSTED_ORDERS else "random"
        record = SquareRecord(
            unit.number, len(self.sums), unit.order, squares, source, self.tried, count
        )
        self.sums.append(checksum(record))
        return record

    def end(self) -> Iterator[Record]:
        """The unit's last records."""
        unit = self.unit
        exhausted = unit.order in EXHAUSTED_ORDERS and self.reason == "exhausted"
        if exhausted and not self.sums and not self.undecided:
            self.reason = "impossible"
            yield ImpossibleRecord(
                unit.number, unit.order, "reduced Latin squares", self.tried, self.seen
            )
        yield DoneRecord(unit.number, len(self.sums), digest(self.sums), self.reason)


def _squares(unit: Unit) -> Iterator[vec[i64]]:
    """The Latin squares to try, each valid until the next is asked for."""
    order = unit.order
    if order in EXHAUSTED_ORDERS:
        reduced = Reduced(order)
        while reduced.advance():
            yield reduced.square
        return
    name = f"squarm {VERSION} random {order} {unit.seed} {unit.number}"
    seed = hashlib.sha256(name.encode()).digest()
    random = Random([int.from_bytes(seed[i : i + 4], "big") | 1 for i in range(0, 16, 4)])
    chain = cyclic(order)
    walk(chain, random, order, 2 * order**3)
    while True:
        walk(chain, random, order, order * order)
        yield chain


def _first_row_natural(square: vec[i64], order: int) -> Rows:
    """The square with its symbols renamed so that its first row reads 0, 1, 2, ..."""
    name = {int(square[c]): c for c in range(order)}
    return tuple(tuple(name[int(square[r * 16 + c])] for c in range(order)) for r in range(order))


def _frozen(rows: list[list[int]]) -> Rows:
    return tuple(tuple(row) for row in rows)
