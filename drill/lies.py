"""What a hostile task writes: forged records of every kind, escapes, and what is no record."""

import json
from collections.abc import Iterator
from dataclasses import replace

from solver.question import Question
from solver.records import (
    CountRecord,
    DoneRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    SquareRecord,
    TripleRecord,
    encode,
)
from solver.search.units import Unit, search

_UNITS = 64
"""Units that are spoken for: those of a drill's job, and some that it has not."""
_SEED = 99
"""Of another job: its squares are genuine, and none of those that the units would find."""
_SEQS = (0, 120, 249)
"""In the beginning, the middle and the end of a unit of a drill's job."""
_NOISE = (
    b"\x1b]0;mine\x07\x1b[2J\x1b[H\x1bc\x1b]52;c;bWluZQ==\x07",
    b"\x9b31m\xff\xfe\xc0\x80\x00\x00",
    "\u202eesrever\u2066\u2028\u2029\u3164".encode(),
    b"[bold red]mine[/] [link=file:///etc/passwd]here[/link]",
    b'{"type":' + b"[" * 3000,
    b'{"type":"square","unit":1e999}',
    b'{"type":"part","unit":0,"seq":0,"part":0,"of":1,"text":"\\ud800","sum":"d5f9dd1ba3eb6e46"}',
)


def lies() -> bytes:
    """Lines for the output of a task of a job of order 10, whichever unit it runs."""
    genuine = _genuine()
    forged = (line for unit in range(_UNITS) for line in _of_unit(unit, genuine))
    return b"\n".join([*_NOISE, *(line.encode("utf-8", "replace") for line in forged), b""])


def _of_unit(unit: int, genuine: SquareRecord) -> Iterator[str]:
    first, second = genuine.squares
    for seq in _SEQS:
        yield encode(replace(genuine, unit=unit, seq=seq))
        yield encode(replace(genuine, unit=unit, seq=seq + 1, squares=(first, first)))
    yield encode(replace(genuine, unit=unit, seq=10**9))
    yield encode(TripleRecord(unit, 3, 10, (first, second, first), (100, 100), "random", 1))
    yield encode(CountRecord(unit, 0, 10, unit, 1, 10**12))
    yield encode(PartRecord(unit, 4, 0, 2, "half a record"))
    yield encode(ImpossibleRecord(unit, 10, "all", 9408, 1))
    for count, reason in ((0, "found"), (250, "found"), (3, "time"), (0, "impossible")):
        yield encode(DoneRecord(unit, count, "0" * 16, reason))
    told = json.loads(encode(ProgressRecord(unit, 1, 1, 1, 1.0)))
    yield json.dumps({**told, "seconds": 10**400})
    yield json.dumps({**told, "seconds": float("inf"), "tried": -1})
    claimed = json.loads(encode(replace(genuine, unit=unit, seq=5)))
    yield json.dumps({**claimed, "found": {**claimed["found"], "source": "\ud800"}})


def _genuine() -> SquareRecord:
    wanted = Unit(Question(10), 1, _SEED, 0, units=1)
    found = search(wanted, lambda: 0.0, lambda: False)
    return next(record for record in found if isinstance(record, SquareRecord))
