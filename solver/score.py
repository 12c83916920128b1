"""`python -m solver --score`: how fast this solver is on this machine, as one number."""

import time

from solver.question import Question
from solver.records import SquareRecord
from solver.search.units import Unit, search

SECONDS = 10.0
_SEED = 1
_MORE_THAN_CAN_BE = 10**9


def score(seconds: float = SECONDS) -> int:
    """Pairs of order 10 that one core finds in a minute, by the usual search from one seed.

    The search is the same wherever it runs, so that scores of machines compare.
    """
    began = time.monotonic()
    unit = Unit(Question(10), _MORE_THAN_CAN_BE, seed=_SEED)
    records = search(unit, time.monotonic, lambda: time.monotonic() - began >= seconds)
    found = sum(isinstance(record, SquareRecord) for record in records)
    return round(found * 60 / (time.monotonic() - began))
