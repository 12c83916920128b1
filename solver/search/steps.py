"""All mates of a square, in steps that take tenths of a second and little memory."""

from collections.abc import Callable, Iterator

from solver.search.mates import UNKNOWN, Mates
from solver.search.sets import EVERY

STEPS = 5_000_000
"""Search steps after which what is searched is cut smaller: some tenths of a second."""
LISTED = 1_000
"""Transversals left beyond which it is cut smaller at once: a step then takes too long."""


def steps(
    mates: Mates, depth: int, left: Callable[[], int], *, counted: bool = False
) -> Iterator[int]:
    """Goes through the mates with the transversals chosen above a depth (`Mates.divide`).

    After each step `mates` holds what it found, at most as many as are `left` to be found, and this
    gives `Mates.search`'s answer. More than there is room for are cut smaller, unless they are only
    `counted`.
    """
    most = EVERY if counted else mates.room() + 1
    wanted = min(left(), most)
    if mates.listed(depth) <= LISTED:
        answer = int(mates.search_below(depth, STEPS, wanted))
        late = answer == UNKNOWN and mates.steps() > STEPS
        if not late and not (answer > 0 and wanted == most):
            yield answer
            return
    for which in range(int(mates.open(depth))):
        chosen = int(mates.choose(depth, which))
        if chosen > 0:
            yield from steps(mates, depth + 1, left, counted=counted)
        elif chosen < 0:
            yield chosen
