"""Squares by construction: from process start to the first pair, for every order to 50."""

import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

from solver.constructions import MOST
from solver.constructions.variants import variants

ROOT = Path(__file__).resolve().parent.parent
ORDERS = [order for order in range(1, MOST + 1) if order not in (2, 6)]
STARTS = 5
VARIANTS = 50
SAMPLED = (10, 12, 15, 22, 30, 40, 50)
PROGRAM = "from solver.constructions import construct; print(construct({}))"


def main() -> None:
    """Print the tables."""
    print(f"Squares by construction: seconds from process start to the first pair, of {STARTS}")
    bare = statistics.median(_seconds("pass") for _ in range(STARTS))
    times = {order: [_seconds(PROGRAM.format(order)) for _ in range(STARTS)] for order in ORDERS}
    for first in range(0, len(ORDERS), 12):
        row = ORDERS[first : first + 12]
        print("order " + "".join(f"{order:7}" for order in row))
        print("median" + "".join(f"{statistics.median(times[order]):7.3f}" for order in row))
    slowest = max(ORDERS, key=lambda order: max(times[order]))
    print(f"slowest of all: {max(times[slowest]):.3f} s, at order {slowest}; ", end="")
    print(f"Python alone starts and ends in {bare:.3f} s")
    print("order   different pairs/s, in one process")
    for order in SAMPLED:
        print(f"{order:5} {_rate(order):10.0f}")


def _seconds(program: str) -> float:
    """Until it has ended, the pair on its output."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - started


def _rate(order: int) -> float:
    started = time.process_time()
    made = len(set(islice(variants(order, 1), VARIANTS)))
    return made / (time.process_time() - started)


if __name__ == "__main__":
    main()
