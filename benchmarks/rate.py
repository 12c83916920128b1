"""`python -m benchmarks.rate ORDER SECONDS SEED`: one process's search, records and all.

Prints pairs per CPU second, squares per CPU second and the peak resident memory in MB.
"""

import resource
import sys
import time

from solver.question import Question
from solver.records import SquareRecord, encode
from solver.search import Unit, search


def main(order: int, seconds: float, seed: int) -> None:
    """Search for so many CPU seconds; encoding each record is part of the work."""
    started = time.process_time()
    found = tried = 0

    def over() -> bool:
        nonlocal tried
        tried += 1
        return time.process_time() - started >= seconds

    for record in search(Unit(Question(order, source="random"), 10**9, seed), time.monotonic, over):
        encode(record)
        found += isinstance(record, SquareRecord)
    spent = time.process_time() - started
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{found / spent:.3f} {tried / spent:.3f} {resident:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
