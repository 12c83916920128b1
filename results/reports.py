"""What the running swarm reports to whoever shows it: immutable snapshots and batches."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from results.endings import all_found, ending
from results.result import Collected, Result
from swarm.engine import JobState, JobView, LogLine, NodeView


class UnitState(StrEnum):
    """How much of a unit's output this reader has."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class UnitView:
    """One work unit: squares `found` so far, Latin squares `tried`, where it runs.

    `share`: how much of all it has to try it has tried, 0 to 1; 0 until then where that has no end.
    """

    unit: int
    state: UnitState
    found: int = 0
    tried: int = 0
    node: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with what has been collected from it.

    `found`: squares of this job in the store, of which `distinct` remain where those that differ
    in names alone count once; `rate`: verified squares a minute over the last minute; `pace`: those
    of one unit on the average, 0 where that was not seen; `rejected`: records the verifier refused;
    `verdict`: the sentence of a proof that there is nothing to find;
    `left`: seconds that a search with an end is likely to go on, 0 where that is not known; `ends`:
    how each unit ended, once all have. Of a job that counts mates `found` are those in the `parts`
    of its square that are counted and kept.
    """

    job: JobView
    found: int
    rate: float
    units: tuple[UnitView, ...]
    rejected: int = 0
    verdict: str = ""
    distinct: int = 0
    left: float = 0.0
    ends: tuple[Collected, ...] = ()
    parts: int = 0
    pace: float = 0.0

    @property
    def share(self) -> float:
        """How much of all there is to try has been tried, 0 to 1; 0 where that has no end."""
        spec = self.job.spec
        if spec.question.count_mates:
            return self.parts / spec.count
        if not spec.question.finite or not self.units:
            return 0.0
        return sum(unit.share for unit in self.units) / len(self.units)

    @property
    def squares(self) -> int:
        """How many squares of the job are kept: none of one that counts."""
        return 0 if self.job.spec.question.count_mates else self.found

    @property
    def standing(self) -> str:
        """How much is found of what is wanted, for people: `12 of 20 squares`, `12,265 mates`."""
        spec = self.job.spec
        if spec.question.count_mates:
            mates = "1 mate" if self.found == 1 else f"{self.found:,} mates"
            return f"{mates} in {self.parts:,} of {spec.count:,} parts"
        what = "triples" if spec.question.triple else "squares"
        return f"{self.found:,} of {spec.count:,} {what}"

    @property
    def whole(self) -> bool:
        """True for a job that is complete and of which every unit was read to its end."""
        read = all(unit.state is UnitState.COMPLETE for unit in self.units)
        return read and self.job.state is JobState.COMPLETE and len(self.units) > 0

    @property
    def proved(self) -> str:
        """That nothing is missing of the job, '' where that is not known."""
        if not self.whole:
            return ""
        units = f"All {len(self.units):,} units are" if len(self.units) > 1 else "Its unit is"
        return f"{units} read to the end: no number is missing, each digest agrees."

    @property
    def ending(self) -> str:
        """What a job that was read to its end found of all there is; '' where there is no need."""
        if self.verdict or not self.whole:
            return ""
        return ending(self.job.spec, self.found, self.ends, self.parts)

    @property
    def short(self) -> bool:
        """True for a job that was read to its end and found too little of what may be there."""
        spec = self.job.spec
        if spec.question.count_mates:
            return self.whole and self.parts < spec.count
        few = self.whole and not self.verdict and self.found < spec.count
        return few and not all_found(spec.question, self.ends)

    @property
    def gaps(self) -> int:
        """Units whose output is known to be incomplete and is being fetched anew."""
        return sum(unit.state is UnitState.GAP for unit in self.units)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment; `problem` is the engine's last error sentence, '' when well.

    `kept`: different results in the store; `distinct`: how many differ in more than names.
    `node_rates`: squares found a minute, by the node's name.
    """

    engine: str
    place: str
    nodes: tuple[NodeView, ...]
    jobs: tuple[JobRow, ...]
    kept: int
    taken: float
    problem: str = ""
    node_rates: Mapping[str, float] = field(default_factory=dict)
    distinct: int = 0


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Lines as they came, cleaned, at most one tick's worth."""

    lines: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class FoundBatch:
    """Squares that were verified and newly kept in this tick."""

    results: tuple[Result, ...]


def as_kept(view: JobView, *, whole: bool) -> JobView:
    """A job as it is shown: one that is kept `whole` is complete, whatever became of its tasks."""
    ended = view.state in (JobState.INTERRUPTED, JobState.FAILED)
    if not whole or view.unknown or not ended:
        return view
    return replace(view, state=JobState.COMPLETE, units_done=view.spec.units, why="")


Event: TypeAlias = Snapshot | LogBatch | FoundBatch
