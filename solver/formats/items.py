"""What reading text gives: squares, ends of units, and sentences on what cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from solver.records import DoneRecord, FindRecord, Rows

MAX_ORDER = 256
"""Orders read at most; the canonical form goes no further."""


@dataclass(frozen=True, slots=True)
class Given:
    """Squares that belong together, from `line` on; the record where they came as one.

    `said`: the JSON object that held them otherwise, as it was.
    """

    line: int
    squares: tuple[Rows, ...]
    record: FindRecord | None = None
    said: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a work unit, as a record."""

    line: int
    record: DoneRecord


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence on what cannot be read, and what to do; it names the line.

    `altered`: a record of ours that is not as it was written.
    """

    line: int
    sentence: str
    altered: bool = False


Item: TypeAlias = Given | Ended | Problem


@dataclass(frozen=True, slots=True)
class Lone:
    """A line that is a square of order 1, or nothing like it, where a text holds nothing else.

    `alone`: what it is then; `among`: what is said of it in any other text, None for a label.
    """

    alone: Item
    among: Problem | None = None


Read: TypeAlias = Item | Lone


def too_large(line: int, order: int) -> Problem:
    """The sentence for an order above MAX_ORDER."""
    return Problem(
        line, f"line {line}: order {order} is above {MAX_ORDER}, the greatest that squarm reads."
    )
