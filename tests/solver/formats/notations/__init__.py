"""One square and one pair of order 4 in the notations that people and programs write."""

from tests.solver.formats.notations.marked import MARKED, MARKED_PAIRS
from tests.solver.formats.notations.pairs import TWO as PAIRS
from tests.solver.formats.notations.programs import PROGRAMS, PROGRAMS_PAIRS
from tests.solver.formats.notations.sessions import SESSIONS, SESSIONS_PAIRS
from tests.solver.formats.notations.single import ONE as SINGLE
from tests.solver.formats.notations.spread import SPREAD, SPREAD_PAIRS
from tests.solver.formats.notations.squares import FOUR, MATE

__all__ = ["FOUR", "MATE", "ONE", "TWO"]

ONE = SINGLE | MARKED | PROGRAMS | SESSIONS | SPREAD
TWO = PAIRS | MARKED_PAIRS | PROGRAMS_PAIRS | SESSIONS_PAIRS | SPREAD_PAIRS
