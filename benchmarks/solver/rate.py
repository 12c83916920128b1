"""`python -m benchmarks.solver.rate MODE ORDER SOURCE SECONDS SEED`: one process's search.

MODE `record`: sets of squares, records and all; `first`: squares with a mate, no records; `all`:
every mate of each square, counted. Prints finds per CPU second, squares per CPU second and the
peak resident memory in MB.
"""

import sys
import time
from pathlib import Path

from solver.question import Question
from solver.records import SquareRecord, encode
from solver.search.mates import Mates
from solver.search.sources import source
from solver.search.transversals import Transversals
from solver.search.units import Unit, search

BOUND = 10**15
CAP = 20_000
"""Mates counted of one square that is rich, as turn-squares are (one of them has 12,265,168) and
all of an order above 10."""


def main(mode: str, order: int, source: str, seconds: float, seed: int) -> None:
    """Search for so many CPU seconds."""
    started = time.process_time()
    question, end = Question(order, source=source), started + seconds
    if mode == "record":
        found, tried = _records(question, seed, end)
    else:
        found, tried = _mates(question, seed, end, 1 if mode == "first" else wanted(order, source))
    spent = time.process_time() - started
    print(f"{found / spent:.3f} {tried / spent:.3f} {_resident():.1f}")


def _resident() -> float:
    """The peak, in MB. getrusage gives that of whoever started this process, if it was larger."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def capped(order: int, source: str) -> bool:
    """True where only the first CAP mates of a square are counted."""
    return order > 10 or source == "turn"


def wanted(order: int, source: str) -> int:
    """How many mates of a square are counted."""
    return CAP if capped(order, source) else BOUND


def _records(question: Question, seed: int, end: float) -> tuple[int, int]:
    """Sets and squares; encoding each record is part of the work."""
    found = tried = 0
    unit = Unit(question, 10**9, seed)
    for record in search(unit, time.monotonic, lambda: time.process_time() >= end):
        encode(record)
        if isinstance(record, SquareRecord):
            found += 1
            tried = record.tried
    return found, tried


def _mates(question: Question, seed: int, end: float, most: int) -> tuple[int, int]:
    """Mates, at most so many of a square, and squares."""
    finder, mates = Transversals(question.order), Mates(question.order)
    found = tried = 0
    squares = source(question, seed, 0, 1)
    squares.begin()
    while squares.advance():
        count = finder.find(squares.square)
        if count >= 0:
            mates.search(finder.found, count, BOUND, most)
            found += mates.found()
        tried += 1
        if time.process_time() >= end:
            break
    return found, tried


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
