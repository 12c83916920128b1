"""Reading records: what a line holds, where every byte of it may be a lie."""

import json
import re
from collections.abc import Callable
from itertools import chain
from typing import Any

from solver.records import (
    LINE_LIMIT,
    MOST_MATES,
    MOST_PARTS,
    Checkpoint,
    CountRecord,
    DoneRecord,
    FindRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    Record,
    Rows,
    SquareRecord,
    TripleRecord,
    checksum,
    short_hash,
)

_MOST_BOUNDS = 8
_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGE = 2**62
_LONGEST = 10.0**10
"""Seconds; three centuries."""


class BadRecord(ValueError):
    """A line that claims to be a record and is not one."""


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
    if kind in _FINDS:
        record = _FINDS[kind](body)
        if body["sum"] != checksum(record):
            raise BadRecord(f"{kind} {record.seq} of unit {record.unit}: checksum does not match")
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


def _decode_count(body: dict[str, Any]) -> CountRecord:
    part, of, mates = _whole(body["part"]), _whole(body["of"]), _whole(body["mates"])
    if not part < of or mates > MOST_MATES:
        raise BadRecord(f"part {part} of {of} with {mates} mates cannot be")
    place = (_whole(body["unit"]), _whole(body["seq"]), _whole(body["order"]))
    return CountRecord(*place, part, of, mates)


_FINDS: dict[str, Callable[[dict[str, Any]], FindRecord | CountRecord]] = {
    "square": _decode_square,
    "triple": _decode_triple,
    "count": _decode_count,
}


def _decode_part(body: dict[str, Any]) -> PartRecord:
    part, of, text = _whole(body["part"]), _whole(body["of"]), _text(body["text"], LINE_LIMIT)
    if not part < of <= MOST_PARTS or body["sum"] != short_hash(text):
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
