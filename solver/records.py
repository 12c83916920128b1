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
from itertools import chain
from typing import Any, Self, TypeAlias

_compact = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
LINE_LIMIT = 16 * 1024
"""Bytes; Docker's log drivers split longer lines."""

_PART = 12 * 1024
"""Characters of a record in one part: with every quote escaped it still fits a line."""
_MOST_PARTS = 64
ROOM = _PART * (_MOST_PARTS - 1)
"""Characters that the squares of a record may take."""
_MOST_BOUNDS = 8

NOTHING = "0" * 16
"""The digest over no squares."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_CHECKPOINT = re.compile(r"[0-9a-f]{16}:[0-9.]{1,20}(:[0-9]{1,18}){5}", re.ASCII)

_LARGE = 2**62
_LONGEST = 10.0**10
"""Seconds; three centuries."""

Rows: TypeAlias = tuple[tuple[int, ...], ...]
"""One square, as rows of symbols 0..n-1."""


class BadRecord(ValueError):
    """A line that claims to be a record and is not one."""


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
"""What a unit finds, numbered by `seq`."""

Record: TypeAlias = FindRecord | PartRecord | ProgressRecord | ImpossibleRecord | DoneRecord


@lru_cache(maxsize=8)  # asked for twice: for the unit's digest, and for the record's own line
def checksum(record: FindRecord) -> str:
    """16 hex digits (SHA-256, shortened) over what the record says was found."""
    said = [record.unit, record.seq, record.order, record.squares]
    return _hash([*said, record.covered] if isinstance(record, TripleRecord) else said)


def digest(checksums: Iterable[str], before: str = NOTHING) -> str:
    """16 hex digits over a unit's checksums in sequence, `before` being those over the first."""
    for one in checksums:
        before = _hash([before, one])
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
        case PartRecord():
            body = {
                "type": "part",
                "unit": record.unit,
                "seq": record.seq,
                "part": record.part,
                "of": record.of,
                "text": record.text,
                "sum": _hash(record.text),
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


def decode(line: str) -> Record | None:
    """The record on a line; None where the line is not ours (plain text in a log).

    Raises BadRecord, and nothing else, where it is a JSON object but cut, altered or of no known
    type. What it gives can be stored and written again: numbers are bounded, texts are Unicode.
    """
    if not line.startswith("{"):
        return None
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _broken(error) from None
    return decode_object(body)


def decode_object(body: dict[str, Any]) -> Record:
    """The record that a JSON object is; raises BadRecord, as `decode` does."""
    try:
        return _decode_body(body)
    except BadRecord:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _broken(error) from None


def _broken(error: Exception) -> BadRecord:
    return BadRecord(f"broken record: {type(error).__name__}: {error}")


def _decode_body(body: dict[str, Any]) -> Record:
    kind = body["type"]
    if kind in ("square", "triple"):
        record = _decode_square(body) if kind == "square" else _decode_triple(body)
        if body["sum"] != checksum(record):
            raise BadRecord(f"square {record.seq} of unit {record.unit}: checksum does not match")
        return record
    if kind == "part":
        return _decode_part(body)
    if kind == "progress":
        return ProgressRecord(
            unit=_whole(body["unit"]),
            tried=_whole(body["tried"]),
            transversals=_whole(body["transversals"]),
            found=_whole(body["found"]),
            seconds=_number(body["seconds"], _LONGEST),
            share=_number(body.get("share", 0.0), 1.0),
            checkpoint=Checkpoint.parse(body["checkpoint"]) if "checkpoint" in body else None,
        )
    if kind == "impossible":
        return ImpossibleRecord(
            unit=_whole(body["unit"]),
            order=_whole(body["order"]),
            exhausted=_text(body["exhausted"]),
            squares=_whole(body["squares"]),
            transversals=_whole(body["transversals"]),
        )
    if kind == "done":
        return DoneRecord(
            unit=_whole(body["unit"]),
            count=_whole(body["count"]),
            digest=_text(body["digest"]),
            reason=_text(body["reason"]),
            bounds=_bounds(body["bounds"]) if "bounds" in body else None,
        )
    raise BadRecord(f"unknown record type {kind!r:.40}")


def _decode_square(body: dict[str, Any]) -> SquareRecord:
    found = body["found"]
    return SquareRecord(
        unit=_whole(body["unit"]),
        seq=_whole(body["seq"]),
        order=_whole(body["order"]),
        squares=_squares(body["squares"]),
        source=_text(found["source"]),
        tried=_whole(found["tried"]),
        transversals=_whole(found["transversals"]),
    )


def _decode_triple(body: dict[str, Any]) -> TripleRecord:
    one, other = body["covered"]
    return TripleRecord(
        unit=_whole(body["unit"]),
        seq=_whole(body["seq"]),
        order=_whole(body["order"]),
        squares=_squares(body["squares"]),
        covered=(_whole(one), _whole(other)),
        source=_text(body["found"]["source"]),
        tried=_whole(body["found"]["tried"]),
    )


def _decode_part(body: dict[str, Any]) -> PartRecord:
    part, of, text = _whole(body["part"]), _whole(body["of"]), _text(body["text"], LINE_LIMIT)
    if not part < of <= _MOST_PARTS or body["sum"] != _hash(text):
        raise BadRecord(f"part {part} of {of}: checksum does not match")
    return PartRecord(_whole(body["unit"]), _whole(body["seq"]), part, of, text)


def _bounds(body: Any) -> tuple[str, ...]:  # noqa: ANN401 - what json.loads gave
    if isinstance(body, list) and len(body) <= _MOST_BOUNDS:
        return tuple(map(_text, body))
    raise BadRecord("expected a short list of bounds")


def _squares(body: Any) -> tuple[Rows, ...]:  # noqa: ANN401 - what json.loads gave
    squares = tuple(tuple(tuple(row) for row in square) for square in body)
    # All cells at once: one by one they are half of what reading a record costs.
    cells = list(chain.from_iterable(chain.from_iterable(squares)))
    whole = set(map(type, cells)) <= {int}
    if whole and min(cells, default=0) >= 0 and max(cells, default=0) < _LARGE:
        return squares
    raise BadRecord("expected squares of whole numbers")


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGE:
        return value
    raise BadRecord(f"expected a whole number, got {value!r:.40}")


def _number(value: object, most: float) -> float:
    """A number of 0 to `most`; what compares with nothing (NaN) is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    raise BadRecord(f"expected a number of 0 to {most:g}, got {value!r:.40}")


def _text(value: object, limit: int = 80) -> str:
    """A text that can be written anywhere: half of a surrogate pair cannot."""
    if isinstance(value, str) and len(value) <= limit and not _SURROGATE.search(value):
        return value
    raise BadRecord(f"expected a text of at most {limit} characters, got {value!r:.40}")


def _hash(value: object) -> str:
    text = _compact(value)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
