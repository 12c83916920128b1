"""What a work unit is, how far it has come, and what it finds."""

from dataclasses import dataclass, field

from solver import VERSION
from solver.question import Question
from solver.records import NOTHING, Checkpoint, Rows
from solver.search.sieve import Sieve


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
            raise ValueError(
                "only a unit that goes through all there is, or through parts, has checkpoints."
            )
        if self.count < 0 or self.number < 0 or self.seconds < 0:
            raise ValueError("count, unit and seconds must not be negative.")


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
class PartCount:
    """How many mates a square has in one of its `of` parts."""

    part: int
    of: int
    mates: int


@dataclass(frozen=True, slots=True)
class Find:
    """A set of squares, how it was found, and the first square's transversals.

    `covered`: of a triple, the pairs of symbols that the third makes with the first two.
    """

    squares: tuple[Rows, ...]
    source: str
    transversals: int = 0
    covered: tuple[int, int] | None = None
