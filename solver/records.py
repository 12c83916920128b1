"""The record format: JSON Lines between a solver and whoever reads its output.

One object a line, at most `LINE_LIMIT` bytes; a record that is longer comes in numbered parts. A
reader tells from sequence numbers, the `done` record's count and its digest whether it has all of
a unit.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self, TypeAlias

_compact = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
LINE_LIMIT = 16 * 1024
"""Bytes; Docker's log drivers split longer lines."""

_PART = 12 * 1024
"""Characters of a record in one part: with every quote escaped it still fits a line."""
MOST_PARTS = 64
ROOM = _PART * (MOST_PARTS - 1)
"""Characters that the squares of a record may take."""

NOTHING = "0" * 16
"""The digest over no squares."""
MOST_MATES = 2**42
"""In one part of a count: a month's counting, and the sum over all parts fits 62 bits."""
_CHECKPOINT = re.compile(r"[0-9a-f]{16}:[0-9.]{1,20}(:[0-9]{1,18}){5}", re.ASCII)


Rows: TypeAlias = tuple[tuple[int, ...], ...]
"""One square, as rows of symbols 0..n-1."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a long unit can be taken up: before its source's part number `part`.

    By then it had given `found` squares, with `digest` over them; the rest is what its progress
    tells. `version`: the solver's, since another one may go through the parts differently.
    """

    digest: str
    version: str
    part: int
    tried: int
    transversals: int
    undecided: int
    found: int

    def __str__(self) -> str:
        numbers = (self.part, self.tried, self.transversals, self.undecided, self.found)
        return ":".join((self.digest, self.version, *map(str, numbers)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` gave; raises ValueError for anything else."""
        if not _CHECKPOINT.fullmatch(text):
            raise ValueError("this is no checkpoint of a unit.")
        hashed, version, *numbers = text.split(":")
        return cls(hashed, version, *map(int, numbers))


@dataclass(frozen=True, slots=True)
class SquareRecord:
    """A set of mutually orthogonal squares: found number `seq` of its unit (both from 0)."""

    unit: int
    seq: int
    order: int
    squares: tuple[Rows, ...]
    source: str
    tried: int
    transversals: int


@dataclass(frozen=True, slots=True)
class TripleRecord:
    """The best third square found for a pair: find number `seq` of its unit (both from 0).

    The first two of the three `squares` are orthogonal; `covered`: how many different pairs of
    symbols the third makes with each of them.
    """

    unit: int
    seq: int
    order: int
    squares: tuple[Rows, ...]
    covered: tuple[int, int]
    source: str
    tried: int


@dataclass(frozen=True, slots=True)
class CountRecord:
    """How many `mates` there are in part number `part` (from 0) of the `of` parts of a square.

    It is number `seq` of its unit (both from 0).
    """

    unit: int
    seq: int
    order: int
    part: int
    of: int
    mates: int


@dataclass(frozen=True, slots=True)
class ProgressRecord:
    """Where a unit stands: squares tried, transversals seen, squares found, seconds so far.

    `share`: how much of all there is to try has been tried, 0 to 1; 0 where there is no end.
    `checkpoint`: the last one passed, None for none.
    """

    unit: int
    tried: int
    transversals: int
    found: int
    seconds: float
    share: float = 0.0
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class ImpossibleRecord:
    """The summary of a proof by exhaustion: all `squares` reduced squares, none with a mate."""

    unit: int
    order: int
    exhausted: str
    squares: int
    transversals: int


@dataclass(frozen=True, slots=True)
class DoneRecord:
    """The end of a unit: how many squares it gave, the digest over them, and why it ended.

    `bounds`: what kept a unit that went through all it had to try from seeing everything; None
    where that is not said.
    """

    unit: int
    count: int
    digest: str
    reason: str
    bounds: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PartRecord:
    """Part number `part` (from 0) of the `of` that the line of find `seq` was cut into."""

    unit: int
    seq: int
    part: int
    of: int
    text: str


FindRecord: TypeAlias = SquareRecord | TripleRecord
"""Squares that a unit finds, numbered by `seq`."""

Record: TypeAlias = (
    FindRecord | CountRecord | PartRecord | ProgressRecord | ImpossibleRecord | DoneRecord
)


@lru_cache(maxsize=8)  # asked for twice: for the unit's digest, and for the record's own line
def checksum(record: FindRecord | CountRecord) -> str:
    """16 hex digits (SHA-256, shortened) over what the record says was found."""
    if isinstance(record, CountRecord):
        place = (record.unit, record.seq, record.order)
        return short_hash([*place, record.part, record.of, record.mates])
    said = [record.unit, record.seq, record.order, record.squares]
    return short_hash([*said, record.covered] if isinstance(record, TripleRecord) else said)


def digest(checksums: Iterable[str], before: str = NOTHING) -> str:
    """16 hex digits over a unit's checksums in sequence, `before` being those over the first."""
    for one in checksums:
        before = short_hash([before, one])
    return before


def encode(record: Record) -> str:
    """One line without its newline; the same record always gives the same bytes."""
    body: dict[str, Any]
    match record:
        case SquareRecord():
            body = {
                "type": "square",
                "unit": record.unit,
                "seq": record.seq,
                "order": record.order,
                "squares": record.squares,
                "found": {
                    "source": record.source,
                    "tried": record.tried,
                    "transversals": record.transversals,
                },
                "sum": checksum(record),
            }
        case TripleRecord():
            body = {
                "type": "triple",
                "unit": record.unit,
                "seq": record.seq,
                "order": record.order,
                "squares": record.squares,
                "covered": record.covered,
                "found": {"source": record.source, "tried": record.tried},
                "sum": checksum(record),
            }
        case CountRecord():
            body = {
                "type": "count",
                "unit": record.unit,
                "seq": record.seq,
                "order": record.order,
                "part": record.part,
                "of": record.of,
                "mates": record.mates,
                "sum": checksum(record),
            }
        case PartRecord():
            body = {
                "type": "part",
                "unit": record.unit,
                "seq": record.seq,
                "part": record.part,
                "of": record.of,
                "text": record.text,
                "sum": short_hash(record.text),
            }
        case ProgressRecord():
            body = {
                "type": "progress",
                "unit": record.unit,
                "tried": record.tried,
                "transversals": record.transversals,
                "found": record.found,
                "seconds": record.seconds,
                "share": record.share,
            }
            if record.checkpoint is not None:
                body["checkpoint"] = str(record.checkpoint)
        case ImpossibleRecord():
            body = {
                "type": "impossible",
                "unit": record.unit,
                "order": record.order,
                "exhausted": record.exhausted,
                "squares": record.squares,
                "transversals": record.transversals,
            }
        case DoneRecord():
            body = {
                "type": "done",
                "unit": record.unit,
                "count": record.count,
                "digest": record.digest,
                "reason": record.reason,
            }
            if record.bounds is not None:
                body["bounds"] = record.bounds
    return _compact(body)


def lines(record: Record) -> list[str]:
    """The record as it is written: one line, or its parts where that would be too long."""
    line = encode(record)
    if len(line) < LINE_LIMIT or not isinstance(record, SquareRecord | TripleRecord):
        return [line]
    texts = [line[at : at + _PART] for at in range(0, len(line), _PART)]
    return [
        encode(PartRecord(record.unit, record.seq, part, len(texts), text))
        for part, text in enumerate(texts)
    ]


def short_hash(value: object) -> str:
    """16 hex digits (SHA-256, shortened) over what is written as JSON."""
    text = _compact(value)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
