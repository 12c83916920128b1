"""Every reduced square of an order, every mate of each: `-m benchmarks.solver.exhaust ORDER`.

Prints squares, squares with a mate, mates and CPU seconds, to be held against the known counts.
"""

import sys
import time

from solver.search.mates import Mates
from solver.search.reduced import Reduced
from solver.search.transversals import Transversals

BOUND = 10**15
KNOWN = {4: (4, 1, 2), 5: (56, 6, 18), 6: (9_408, 0, 0), 7: (16_942_080, 176_730, 342_480)}


def main(order: int) -> None:
    """Go through all of them; raises RuntimeError where the counts are not those known."""
    started = time.process_time()
    reduced, finder, mates = Reduced(order), Transversals(order), Mates(order)
    squares = with_mate = every = 0
    reduced.begin()
    while reduced.advance():
        squares += 1
        count = finder.find(reduced.square)
        mates.search(finder.found, count, BOUND, BOUND)
        found = mates.found()
        if found:
            with_mate += 1
            every += found
    if (squares, with_mate, every) != KNOWN.get(order, (squares, with_mate, every)):
        raise RuntimeError(f"order {order}: {squares} {with_mate} {every}, not {KNOWN[order]}")
    print(squares, with_mate, every, f"{time.process_time() - started:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
