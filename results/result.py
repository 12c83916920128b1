"""What is kept: a set of squares, and what is known of a unit that was read whole."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # What shows results need not import what reads records.
    from solver.records import CountRecord, FindRecord, Rows


GENERATION = 2**32
"""The numbers of what each further generation of attempts at a unit found begin so much higher."""


@dataclass(frozen=True, slots=True)
class Result:
    """A verified, kept set of orthogonal squares and where it was first found.

    `covered`: of a triple, whose third square is only near to being orthogonal to the first two,
    how many pairs of symbols it makes with each of them.
    `main_class` names its class in hex: sets that differ in names alone share it; '' where it is
    not known. On the leaderboard of triples, where each stands for its class, `group` is how many
    renamings leave it as it is (0: not known), and `times` how many of the class are kept.
    """

    id: int
    order: int
    squares: "tuple[Rows, ...]"
    source: str
    job: str
    unit: int
    seq: int
    node: str
    found_at: float
    main_class: str = ""
    covered: tuple[int, int] | None = None
    group: int = 0
    times: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in the place of a result that was altered, so that it is none any more."""

    id: int
    job: str


@dataclass(frozen=True, slots=True)
class Collected:
    """A unit of which everything has been read; `reason` and `bounds` as in its `DoneRecord`."""

    count: int
    digest: str
    reason: str = ""
    bounds: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that is not kept, and why; `taken`: another lies in its place."""

    record: "FindRecord | CountRecord"
    sentence: str
    taken: bool
