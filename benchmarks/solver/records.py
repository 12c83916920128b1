"""What a found pair costs who collects it, beside what it costs who finds it, in turns of one run.

Reading the record, verifying it, finding its class and keeping it; all in CPU time of one core.
Then both together: pairs of distinct main classes a second and core, from each source.
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
SOURCES = ("turn", "random", "construct")
SECONDS = 5.0


def main() -> None:
    """Print the table."""
    rounds = [_round(seed) for seed in range(1, ROUNDS + 1)]
    found = statistics.median(times["search"] for times in rounds)
    print(f"A pair of order {ORDER}, us of one core, median of {ROUNDS} rounds of {PAIRS} pairs")
    for name in rounds[0]:
        spent = statistics.median(times[name] for times in rounds)
        print(f"{name:<22} {spent * 1e6:9.1f}   {spent / found:7.1%} of the search")
    print(f"\nFound, read, verified, classed and kept, {SECONDS:g} s: main classes/s, pairs/s")
    for source in SOURCES:
        rates = [_rates(source, seed) for seed in range(1, ROUNDS + 1)]
        distinct, pairs = (statistics.median(one) for one in zip(*rates, strict=True))
        print(f"{source:<22} {distinct:9,.0f} {pairs:9,.0f}")


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


def _rates(source: str, seed: int) -> tuple[float, float]:
    """Distinct main classes and pairs a second and core, search and collecting together."""
    started, pairs = time.process_time(), 0
    unit = Unit(Question(ORDER, source=source), 10**9, seed)
    found = (r for r in search(unit, time.monotonic, lambda: False) if isinstance(r, SquareRecord))
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "r.sqlite3") as store:
        while time.process_time() < started + SECONDS:
            lines = [encode(record) for record in islice(found, BATCH)]
            read = map(decode, lines)
            store.add("job", [("node", r) for r in read if isinstance(r, SquareRecord)])
            pairs += len(lines)
        spent = time.process_time() - started
        return store.distinct("job") / spent, pairs / spent


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
