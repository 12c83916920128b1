"""The record format: JSON Lines between a solver and whoever reads its output.

One object a line, at most `LINE_LIMIT` bytes. A reader tells from sequence numbers, the `done`
record's count and its digest whether it has all of a unit.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, TypeAlias

LINE_LIMIT = 16 * 1024
"""Bytes; Docker's log drivers split longer lines."""

Rows: TypeAlias = tuple[tuple[int, ...], ...]
"""One square, as rows of symbols 0..n-1."""


class BadRecord(ValueError):
    """A line that claims to be a record and is not one."""


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
class ProgressRecord:
    """Where a unit stands: squares tried, transversals seen, squares found, seconds so far."""

    unit: int
    tried: int
    transversals: int
    found: int
    seconds: float


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
    """The end of a unit: how many squares it gave, the digest over them, and why it ended."""

    unit: int
    count: int
    digest: str
    reason: str


Record: TypeAlias = SquareRecord | ProgressRecord | ImpossibleRecord | DoneRecord


def checksum(record: SquareRecord) -> str:
    """16 hex digits (SHA-256, shortened) over what the record says was found."""
    return _hash([record.unit, record.seq, record.order, record.squares])


def digest(checksums: list[str]) -> str:
    """16 hex digits over a unit's checksums in sequence."""
    return _hash(checksums)


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
        case ProgressRecord():
            body = {
                "type": "progress",
                "unit": record.unit,
                "tried": record.tried,
                "transversals": record.transversals,
                "found": record.found,
                "seconds": record.seconds,
            }
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
    return json.dumps(body, separators=(",", ":"))


def decode(line: str) -> Record | None:
    """The record on a line; None where the line is not ours (plain text in a log).

    Raises BadRecord where it is a JSON object but cut, altered or of no known type.
    """
    if not line.startswith("{"):
        return None
    try:
        body = json.loads(line)
        return _decode_body(body)
    except BadRecord:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadRecord(f"broken record: {type(error).__name__}: {error}") from None


def _decode_body(body: dict[str, Any]) -> Record:
    kind = body["type"]
    if kind == "square":
        found = body["found"]
        record = SquareRecord(
            unit=_whole(body["unit"]),
            seq=_whole(body["seq"]),
            order=_whole(body["order"]),
            squares=tuple(
                tuple(tuple(_whole(cell) for cell in row) for row in square)
                for square in body["squares"]
            ),
            source=_text(found["source"]),
            tried=_whole(found["tried"]),
            transversals=_whole(found["transversals"]),
        )
        if body["sum"] != checksum(record):
            raise BadRecord(f"square {record.seq} of unit {record.unit}: checksum does not match")
        return record
    if kind == "progress":
        return ProgressRecord(
            unit=_whole(body["unit"]),
            tried=_whole(body["tried"]),
            transversals=_whole(body["transversals"]),
            found=_whole(body["found"]),
            seconds=float(body["seconds"]),
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
        )
    raise BadRecord(f"unknown record type {kind!r:.40}")


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62:
        return value
    raise BadRecord(f"expected a whole number, got {value!r:.40}")


def _text(value: object) -> str:
    if isinstance(value, str) and len(value) <= 80:
        return value
    raise BadRecord(f"expected a short text, got {value!r:.40}")


def _hash(value: object) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
