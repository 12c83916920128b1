"""`python -m solver --self-test`: whether this solver, on this machine, gives what it must.

Run wherever the solver has come to by a way that can break it: another compiler, an emulator, a
new image on a Pi. One line, and an exit status; a second where the solver is compiled.
"""

import platform
import time
from collections.abc import Callable, Sequence

from solver import VERSION, compiled
from solver.question import Question
from solver.records import DoneRecord, ImpossibleRecord, ProgressRecord, Record, SquareRecord
from solver.search.units import Unit, search
from solver.verify import flaw

PAIRS = 2
SEED = 42
GOLDEN = "819ee30ace1625e1"
"""The digest of the first two pairs of order 10 that this version finds with this seed."""


def main() -> int:
    """Print how it is in one line: 0 where all is well, else 1."""
    began = time.monotonic()
    wrong = failures()
    how = "compiled" if compiled() else "interpreted"
    said = wrong[0] if wrong else "well"
    seconds = time.monotonic() - began
    print(f"solver {VERSION}, {how}, on {platform.machine()}: {said} ({seconds:.1f} s)")
    return 1 if wrong else 0


def failures() -> list[str]:
    """What is wrong, a clause each; none where all is well."""
    return [said for check in (_order_6, _order_5, _order_10) if (said := _judged(check))]


def _judged(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever a broken build does is its failure
        return f"FAILED, {check.__name__.strip('_')} raised {type(error).__name__}"


def _order_6() -> str:
    """Gone through in full, it has no pair."""
    proof = ImpossibleRecord(0, 6, "reduced Latin squares", 9_408, 64_512)
    if proof in _records(Unit(Question(6), 1)):
        return ""
    return "FAILED, order 6 is not exhausted by its 9,408 squares"


def _order_5() -> str:
    """Its 56 reduced squares have 18 mates in all."""
    records = _records(Unit(Question(5, source="exhaust"), 1_000, SEED))
    found = sum(isinstance(record, SquareRecord) for record in records)
    tried = max((r.tried for r in records if isinstance(r, ProgressRecord)), default=0)
    if (tried, found) == (56, 18):
        return ""
    return f"FAILED, {tried} squares of order 5 have {found} mates, not 56 and 18"


def _order_10() -> str:
    """The pairs are those they must be, and the verifier tells right from wrong."""
    records = _records(Unit(Question(10), PAIRS, SEED))
    if not isinstance(end := records[-1], DoneRecord) or end.digest != GOLDEN:
        return "FAILED, it does not find the pairs of order 10 that it must"
    one, other = next(record.squares for record in records if isinstance(record, SquareRecord))
    if wrong := flaw((one, other)):
        return f"FAILED, the verifier refuses a pair: {wrong.rstrip('.')}"
    # Not orthogonal; and all pairs of symbols, but columns that are not Latin.
    rows_changed = (other[1], other[0], *other[2:])
    moved = [((row[1], row[0], *row[2:]), *rows) for row, *rows in (one, other)]
    if not flaw((one, rows_changed)) or not flaw(moved):
        return "FAILED, the verifier takes squares that are no pair"
    return ""


def _records(unit: Unit) -> Sequence[Record]:
    return list(search(unit, lambda: 0.0, lambda: False))
