"""What a found pair costs who collects it, beside what it costs who finds it, in turns of one run.

Reading the record, verifying it, finding its class and keeping it; all in CPU time of one core.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from results.store import Store
from solver.classes.main_class import main_class
from solver.question import Question
from solver.record_reader import decode
from solver.records import SquareRecord, encode
from solver.search.units import Unit, search
from solver.verify import flaw_of

ORDER = 10
PAIRS = 400
BATCH = 100
"""Pairs kept at a time; a console that follows a swarm keeps a tick's worth."""
ROUNDS = 5


def main() -> None:
    """Print the table."""
    rounds = [_round(seed) for seed in range(1, ROUNDS + 1)]
    found = statistics.median(times["search"] for times in rounds)
    print(f"A pair of order {ORDER}, us of one core, median of {ROUNDS} rounds of {PAIRS} pairs")
    for name in rounds[0]:
        spent = statistics.median(times[name] for times in rounds)
        print(f"{name:<22} {spent * 1e6:9.1f}   {spent / found:7.1%} of the search")


def _round(seed: int) -> dict[str, float]:
    """Seconds a pair, by step; `keep` is all of the store's part, the steps above it included."""
    records: list[SquareRecord] = []

    def find() -> None:
        stream = search(Unit(Question(ORDER), PAIRS, seed), time.monotonic, lambda: False)
        records.extend(islice((r for r in stream if isinstance(r, SquareRecord)), PAIRS))

    times = {"search": _cpu(find)}
    lines = [encode(record) for record in records]
    times["read"] = _cpu(lambda: [decode(line) for line in lines])
    times["verify"] = _cpu(lambda: [flaw_of(record) for record in records])
    times["class"] = _cpu(lambda: [main_class(record.squares) for record in records])
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "r.sqlite3") as store:
        times["keep, with both"] = _cpu(lambda: _keep(store, records))
    times["all but the search"] = times["read"] + times["keep, with both"]
    return times


def _keep(store: Store, records: list[SquareRecord]) -> None:
    for start in range(0, PAIRS, BATCH):
        store.add("job", [("node", record) for record in records[start : start + BATCH]])


def _cpu(work: Callable[[], object]) -> float:
    """CPU seconds a pair."""
    started = time.process_time()
    work()
    return (time.process_time() - started) / PAIRS


if __name__ == "__main__":
    main()
