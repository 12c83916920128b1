"""Squares by construction: to the first pair for every order to 50, and large ones by rows."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from solver.constructions import rows
from solver.constructions.variants import variants
from solver.row_verifier import RowVerifier

ROOT = Path(__file__).resolve().parent.parent.parent
ORDERS = [order for order in range(1, 51) if order not in (2, 6)]
STARTS = 5
VARIANTS = 50
SAMPLED = (10, 12, 15, 22, 30, 40, 50)
SAGE = {998: 11.2, 1000: 21.9, 1998: 7.0}
"""Seconds of a processor that orthogonal_array(4, n, check=False) of SageMath 10.8 took, on the
machine of docs/reference/numbers.md in the same hour; of OA(20, 544) its documentation says about a
minute.
"""
LARGE = (998, 1000, 1998, 7777, 10_000)
PROGRAM = "from solver.constructions import construct; print(construct({}))"


@dataclass(frozen=True, slots=True)
class Start:
    """One run of a program: seconds until it had ended, and those of a processor it took."""

    wall: float
    processor: float


def main() -> None:
    """Print the tables."""
    print(f"Squares by construction: seconds from process start to the first pair, of {STARTS}")
    runs = {order: [_run(PROGRAM.format(order)) for _ in range(STARTS)] for order in ORDERS}
    for first in range(0, len(ORDERS), 12):
        row = ORDERS[first : first + 12]
        print("order    " + "".join(f"{order:7}" for order in row))
        print("median   " + "".join(f"{_median(runs[order]).wall:7.3f}" for order in row))
        print("processor" + "".join(f"{_median(runs[order]).processor:7.3f}" for order in row))
    slowest = max(ORDERS, key=lambda order: max(run.wall for run in runs[order]))
    print(f"slowest of all: {max(run.wall for run in runs[slowest]):.3f} s, at order {slowest}")
    bare = _median([_run("pass") for _ in range(STARTS)])
    print(f"Python alone: {bare.wall:.3f} s, {bare.processor:.3f} s of a processor")
    print("order   different pairs/s, in one process")
    for order in SAMPLED:
        print(f"{order:5} {_rate(order):10.0f}")
    print("order   first row   whole pair   verified   SageMath (seconds of a processor)")
    for order in LARGE:
        times = "".join(f"{seconds:12.3f}" for seconds in _by_rows(order))
        print(f"{order:5}{times}{SAGE.get(order, float('nan')):12.1f}")


def _by_rows(order: int) -> tuple[float, float, float]:
    """To the first row, to the last, and to the last of another that is verified as well."""
    started = time.process_time()
    made = rows(order, 2)
    next(made)
    first = time.process_time() - started
    for _ in made:
        pass
    whole = time.process_time() - started
    verifier = RowVerifier(order, 2)
    for row in rows(order, 2):
        if wrong := verifier.add(row):
            raise ValueError(wrong)
    return first, whole, time.process_time() - started - whole


def _run(program: str) -> Start:
    """Until it has ended, the pair on its output."""
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    wall, after = time.perf_counter() - started, os.times()
    user = after.children_user - before.children_user
    return Start(wall, user + after.children_system - before.children_system)


def _median(runs: list[Start]) -> Start:
    return Start(
        statistics.median(run.wall for run in runs),
        statistics.median(run.processor for run in runs),
    )


def _rate(order: int) -> float:
    started = time.process_time()
    made = len(set(islice(variants(order, 1), VARIANTS)))
    return made / (time.process_time() - started)


if __name__ == "__main__":
    main()
