"""One job's collecting: what has been read, what is missing, and what to do about it. Pure."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from base.text import clean_text
from results.ledger import Ledger, Novelty, verdict
from results.pace import JobPace
from results.reports import JobRow, UnitState, UnitView, as_kept
from results.result import GENERATION, Collected, Refusal
from solver.parts import Parts
from solver.record_reader import BadRecord, decode
from solver.records import (
    Checkpoint,
    CountRecord,
    FindRecord,
    ImpossibleRecord,
    PartRecord,
    Record,
    SquareRecord,
    TripleRecord,
    checksum,
)
from swarm.engine import JobState, JobView, LogLine, TaskState

RATE_SECONDS = 60.0
_LEAST_SPAN = 2.0
_SHARE_SECONDS = 300.0
_REFUSED = 10_000
"""Refused lines of a job that are remembered, to be counted and shown once."""


class Remedy(StrEnum):
    """What can be done about a gap."""

    REREAD = "reread"
    RERUN = "rerun"


_STEPS = (Remedy.REREAD, Remedy.RERUN, Remedy.REREAD, Remedy.REREAD)
"""Tried in turn, each after twice the wait of the one before; then the gap is left to be seen."""
_RERUN = _STEPS.index(Remedy.RERUN)
_REFUSED_STEPS = 6
"""How often a gap's steps may fail to be taken at all: they are taken later then."""

_REFUSALS = {
    Novelty.CONFLICT: "contradicts what the unit gave before",
    Novelty.FOREIGN: "does not belong to this unit of the job",
}


@dataclass(slots=True)
class _Gap:
    due: float
    wait: float
    taken: int = 0
    refused: int = 0


@dataclass(slots=True)
class LineBatch:
    """What a batch of one job's lines holds for the store and for the screen."""

    squares: list[tuple[str, FindRecord]] = field(default_factory=list)
    counts: list[tuple[str, CountRecord]] = field(default_factory=list)
    proof: ImpossibleRecord | None = None
    finished: dict[int, Collected] = field(default_factory=dict)
    reached: dict[int, Checkpoint] = field(default_factory=dict)
    lines: list[LogLine] = field(default_factory=list)
    released: set[int] = field(default_factory=set)
    """Units of which something else is kept than they gave: their places are to be free first."""

    def drop(self, unit: int) -> None:
        """Hold nothing of a unit: it is read anew."""
        self.squares = [each for each in self.squares if each[1].unit != unit]
        self.finished.pop(unit, None)
        self.reached.pop(unit, None)
        self.released.add(unit)


class JobCollection:
    """The collecting of one job; times are seconds of a monotonic clock."""

    def __init__(
        self,
        view: JobView,
        finished: Mapping[int, Collected],
        proof: ImpossibleRecord | None,
        found: int,
        patience: float,
        known: Mapping[int, Sequence[tuple[int, str]]] = MappingProxyType({}),
        *,
        reruns: bool = True,
        fresh: bool = False,
    ) -> None:
        """`reruns` False: no unit is run again, what cannot be read stays a gap.

        `fresh`: the job has only just begun.
        """
        self.ledger = Ledger(view.spec, finished, known)
        self.found = found
        self.parts = 0
        self.distinct = 0
        self.rejected = 0
        self.behind = False
        self._proof = proof
        self._patience = patience
        self._reruns = reruns
        self._parts = Parts()
        self._refused: set[int] = set()
        self._unsound: set[str] = set()
        self._reached: dict[int, Checkpoint] = {}
        self._gaps: dict[int, _Gap] = {}
        self._samples: deque[tuple[float, int]] = deque()
        self._shares: deque[tuple[float, float]] = deque()
        self._pace = JobPace(seen_from_its_beginning=fresh and not found)
        self.see(view)

    def see(self, view: JobView) -> None:
        """Take note of how the engine sees the job now."""
        self.view = view
        self._tried = frozenset(task.unit for task in view.tasks)
        self._running = _units_in(view, TaskState.RUNNING)
        self._busy = self._running | _units_in(view, TaskState.PENDING)
        self._over = _units_in(view, TaskState.COMPLETE) - self._busy

    @property
    def whole(self) -> bool:
        """True once every unit has been read to its end."""
        return all(self.ledger.collected(unit) is not None for unit in self._units)

    @property
    def exhausted(self) -> bool:
        """True where nothing more can come of an ended job: each gap is filled or given up."""
        return all(gap.taken >= len(_STEPS) for gap in self._gaps.values()) and not any(
            self._doubtful(unit) and unit not in self._gaps for unit in self._units
        )

    def read(self, lines: Iterable[LogLine]) -> LineBatch:
        """Account for lines in order; records that repeat what was read are not shown again."""
        batch = LineBatch()
        for line in lines:
            record, entry = self._enter(line)
            if record is not None and (void := self.ledger.overruled(record.unit)):
                self._unsound.update(void)
                self._begin_anew(record.unit)
                self._gaps.pop(record.unit, None)
                batch.drop(record.unit)
            if entry is Novelty.AGAIN:
                continue
            if record is not None and entry in _REFUSALS and self._was_refused(line):
                continue
            batch.lines.append(_cleaned(line))
            if record is None:
                continue
            if entry in _REFUSALS:
                self.rejected += 1
                why = f"squarm: this {_REFUSALS[entry]}: refused."
                batch.lines.append(replace(line, text=why))
                continue
            if entry is Novelty.NEW and isinstance(record, SquareRecord | TripleRecord):
                if line.generation:
                    record = replace(record, seq=record.seq + line.generation * GENERATION)
                batch.squares.append((line.node, record))
            elif entry is Novelty.NEW and isinstance(record, CountRecord):
                batch.counts.append((line.node, record))
            elif entry is Novelty.NEW and isinstance(record, ImpossibleRecord):
                batch.proof = self._proof = record
            unit = record.unit
            if end := self.ledger.collected(unit):
                batch.finished[unit] = end
            elif (there := self.ledger.checkpoint(unit)) and there != self._reached.get(unit):
                batch.reached[unit] = self._reached[unit] = there
        return batch

    def spoils(self, refusal: Refusal) -> bool:
        """Whether its unit cannot be whole: what an earlier generation gave is not missed in it."""
        generation = refusal.record.seq // GENERATION
        return refusal.taken or generation == self.ledger.generation(refusal.record.unit)

    def refuse(self, refusal: Refusal) -> bool:
        """The store would not keep a record: its unit is read anew. False where that was known.

        What the verifier refuses is passed over then. Where another find was in its place, that
        has been made free.
        """
        record = refusal.record
        if not refusal.taken:
            self._unsound.add(checksum(replace(record, seq=record.seq % GENERATION)))
        if self.spoils(refusal):
            self._begin_anew(record.unit)
        known = hash(refusal.sentence) in self._refused
        self._refused.add(hash(refusal.sentence))
        self.rejected += not known
        return not known

    def _begin_anew(self, unit: int) -> None:
        self.ledger.distrust(unit)
        self._reached.pop(unit, None)

    def steps(self, now: float, fetching: Collection[int]) -> list[tuple[int, Remedy]]:
        """What to do about gaps now; each step is given out once, none for units in `fetching`."""
        steps: list[tuple[int, Remedy]] = []
        for unit in self._units:
            if not self._doubtful(unit):
                self._gaps.pop(unit, None)
                continue
            gap = self._gaps.get(unit)
            if gap is None or self.behind:
                self._gaps[unit] = gap = gap or _Gap(now, self._patience)
                gap.due = now + gap.wait
            if gap.taken >= len(_STEPS) or now < gap.due or unit in fetching:
                continue
            step = _STEPS[gap.taken]
            # What is running again has not given all that it will.
            if unit in self._busy and (step is Remedy.RERUN or gap.taken > _RERUN):
                continue
            gap.taken += 1
            gap.wait *= 2
            gap.due = now + gap.wait
            if step is Remedy.RERUN and not self._may_rerun:
                gap.taken = len(_STEPS)
                continue
            steps.append((unit, step))
        self.behind = False
        return steps

    def not_taken(self, unit: int) -> None:
        """The last step about a unit's gap was refused, by a swarm without a leader, say."""
        gap = self._gaps.get(unit)
        if gap is not None and gap.refused < _REFUSED_STEPS and gap.taken > 0:
            gap.refused += 1
            gap.taken -= 1

    def sample(self, now: float, found: int) -> None:
        """Note how much of the job the store held a moment ago: since then only more."""
        self.found = max(self.found, found)
        self._samples.append((now, self.found))
        self._pace.note(now, self.found, len(self._running))
        while now - self._samples[0][0] > RATE_SECONDS:
            self._samples.popleft()

    @property
    def steady(self) -> bool:
        """True where the number of squares has been the same for as long as the rate looks back."""
        return bool(self._samples) and self._samples[0][1] == self.found

    def row(self, now: float) -> JobRow:
        """The job for the screen."""
        row = JobRow(
            job=as_kept(self.view, whole=self.whole),
            found=self.found,
            rate=self._rate(now),
            pace=self._pace.each,
            units=tuple(self._view(unit) for unit in self._units),
            rejected=self.rejected,
            verdict=verdict(self._proof) if self._proof else "",
            distinct=self.distinct,
            parts=self.parts,
            ends=self._ends() if self.whole else (),
        )
        self._note_share(now, row.share)
        return replace(row, left=self._left())

    def _ends(self) -> tuple[Collected, ...]:
        return tuple(end for unit in self._units if (end := self.ledger.collected(unit)))

    def _note_share(self, now: float, share: float) -> None:
        if share and (not self._shares or now - self._shares[-1][0] >= 1.0):
            self._shares.append((now, share))
        while self._shares and now - self._shares[0][0] > _SHARE_SECONDS:
            self._shares.popleft()

    def _left(self) -> float:
        """Seconds until all has been tried, at the speed of the last minutes."""
        if len(self._shares) < 2:
            return 0.0
        (since, before), (now, share) = self._shares[0], self._shares[-1]
        return (1.0 - share) * (now - since) / (share - before) if share > before else 0.0

    def rest(self) -> None:
        """Nothing more is expected: give memory back."""
        for unit in self._units:
            self.ledger.close(unit)
        self._tried = self._running = self._busy = self._over = frozenset()
        self._reached = {}

    @property
    def _units(self) -> range:
        return range(len(self.ledger))

    @property
    def _may_rerun(self) -> bool:
        may_run = self.view.state.live or self.view.state is JobState.COMPLETE
        return self._reruns and may_run

    def _enter(self, line: LogLine) -> tuple[Record | None, Novelty]:
        """A line's record and what it is to the ledger; no record where the line is not ours."""
        if line.stderr:
            return None, Novelty.FOREIGN
        try:
            record = decode(line.text)
        except BadRecord:
            # A cut record: what it held is then missing, and shows as a gap.
            return None, Novelty.FOREIGN
        if record is None:
            return None, Novelty.FOREIGN
        if record.unit != line.unit:
            # A task speaks for its own unit, and for no other.
            return record, Novelty.FOREIGN
        entry = self._account(record, line)
        if not isinstance(record, PartRecord) or entry is not Novelty.NEW:
            return record, entry
        try:
            whole = self._parts.add(record)
        except BadRecord:
            return None, Novelty.FOREIGN
        return (record, entry) if whole is None else (whole, self._account(whole, line))

    def _account(self, record: Record, line: LogLine) -> Novelty:
        """What a record is to the ledger of the unit's last generation.

        What an earlier one found is kept, and neither missed nor contradicted by a later one; what
        it counted the later one counts again.
        """
        unit, generation = record.unit, line.generation
        if isinstance(record, FindRecord | CountRecord) and self._is_unsound(record):
            return Novelty.AGAIN
        if unit < len(self.ledger) and generation != self.ledger.generation(unit):
            if generation < self.ledger.generation(unit):
                finds = isinstance(record, SquareRecord | TripleRecord | PartRecord)
                return Novelty.NEW if finds else Novelty.AGAIN
            self.ledger.begin_anew(unit, generation)
            if self.ledger.collected(unit) is not None:
                return Novelty.AGAIN
        return self.ledger.enter(record, line.node)

    def _is_unsound(self, record: FindRecord | CountRecord) -> bool:
        return bool(self._unsound) and checksum(record) in self._unsound

    def _was_refused(self, line: LogLine) -> bool:
        """True where the line was refused in an earlier reading; notes that it is from now on."""
        said = hash((line.unit, line.text))
        known = said in self._refused
        if len(self._refused) < _REFUSED:
            self._refused.add(said)
        return known

    def _doubtful(self, unit: int) -> bool:
        """True where some of a unit is missing, or it is over and its end has not been read."""
        if self.ledger.collected(unit) is not None:
            return False
        over = self.view.state is JobState.COMPLETE or unit in self._over
        return over or self.ledger.suspect(unit)

    def _view(self, unit: int) -> UnitView:
        state = UnitState.WAITING
        gap = self._gaps.get(unit)
        if self.ledger.suspect(unit) or (gap is not None and gap.taken):
            state = UnitState.GAP
        elif unit in self._running or gap is not None or self._is_growing(unit):
            state = UnitState.RUNNING
        return self.ledger.view(unit, state)

    def _is_growing(self, unit: int) -> bool:
        """True for a unit begun since the engine was last looked at."""
        seen = unit in self._tried
        return self.view.state.live and not seen and self.ledger.has_begun(unit)

    def _rate(self, now: float) -> float:
        if not self._samples:
            return 0.0
        since, before = self._samples[0]
        return (self.found - before) * 60.0 / max(now - since, _LEAST_SPAN)


def _units_in(view: JobView, state: TaskState) -> frozenset[int]:
    return frozenset(task.unit for task in view.tasks if task.state is state)


def _cleaned(line: LogLine) -> LogLine:
    """The line as it may be shown; itself where it is harmless, as nearly all are."""
    text = clean_text(line.text)
    return line if text == line.text else replace(line, text=text)
