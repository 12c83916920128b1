"""What reading a large results file costs: a million pairs, half a million triples, 200 jobs.

The file is made once, in `build/`, of as many different sets as that takes: pairs of order 10
under other names and in other columns. Each query is timed warm, and its reads are counted (bytes
that SQLite asked the system for, by `/proc/self/io`) with a reader of its own that holds nothing.
"""

import hashlib
import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from results.result import Collected
from results.store import Store
from solver.question import Question
from solver.records import Rows, SquareRecord
from solver.search.units import Unit, search

PAIRS, TRIPLES, JOBS = 1_000_000, 500_000, 200
CLASSES = 400_000
"""Classes among the pairs, and among the triples: the second of each class is no news."""
UNITS = 40
ROUNDS = 15
PATH = Path("build") / "bench" / "results-{}.sqlite3"


def main(pairs: int = PAIRS) -> None:
    """Print the table."""
    path = Path(str(PATH).format(pairs))
    if not path.exists():
        _make(path, pairs)
    size = path.stat().st_size / 1e6
    print(f"{pairs:,} pairs, {pairs // 2:,} triples, {JOBS} jobs, a file of {size:,.0f} MB")
    print(f"{'':<34} {'warm, ms':>9} {'first, MB':>10}")
    for name, ask in _questions(path).items():
        print(f"{name:<34} {_warm(path, ask):>9.2f} {_bytes_read(path, ask) / 1e6:>10.2f}")
    print(f"{'opening, to write':<34} {_opening(path):>9.2f}")


def _questions(path: Path) -> dict[str, Callable[[Store], object]]:
    with Store.open(path, read_only=True) as store:
        jobs = sorted(store.jobs())
        middle = store.kept() // 2
    old, hunt = jobs[0], jobs[-1]
    page = 200
    return {
        "newest page": lambda store: store.results(limit=page),
        "a page in the middle": lambda store: store.results(limit=page, before=middle),
        "newest page of an order": lambda store: store.results(10, limit=page),
        "newest page of an order not there": lambda store: store.results(9, limit=page),
        "newest page of an old job": lambda store: store.results(job=old, limit=page),
        "distinct, newest page": lambda store: store.results(limit=page, distinct=True),
        "distinct, a page in the middle": lambda store: store.results(
            limit=page, before=middle, distinct=True
        ),
        "distinct, of an old job": lambda store: store.results(job=old, limit=page, distinct=True),
        "the hunt's newest page": lambda store: store.results(job=hunt, limit=page),
        "leaderboard of triples": lambda store: store.triples(20),
        "one result": lambda store: store.result(middle),
        "sets without a class": lambda store: store.unclassified(),
        "totals of every job": lambda store: store.totals(),
        "jobs": lambda store: store.jobs(),
        "what 200 jobs begin with": lambda store: [
            (store.finished_units(job), store.proof(job), store.found(job)) for job in jobs
        ],
    }


def _warm(path: Path, ask: Callable[[Store], object]) -> float:
    """Milliseconds, the median."""
    with Store.open(path, read_only=True) as store:
        ask(store)
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            ask(store)
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


def _bytes_read(path: Path, ask: Callable[[Store], object]) -> int:
    """Bytes that a reader which has just opened the file reads for it, and for opening it."""
    before = _read_so_far()
    with Store.open(path, read_only=True) as store:
        ask(store)
    return _read_so_far() - before


def _read_so_far() -> int:
    """Bytes that this process has read, from the page cache or from the disk."""
    for line in Path("/proc/self/io").read_text(encoding="utf-8").splitlines():
        if line.startswith("rchar:"):
            return int(line.split()[1])
    raise OSError("/proc/self/io does not count what is read.")


def _opening(path: Path) -> float:
    """Milliseconds until it is open to be written, the median."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        store = Store.open(path)
        times.append(time.perf_counter() - started)
        store.close()
    return statistics.median(times) * 1e3


def _make(path: Path, pairs: int) -> None:
    """Rows as the store writes them; what they say is true of them but for their classes."""
    print(f"making {path}: this takes a few minutes, once.", file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    Store.open(new).close()
    with closing(sqlite3.connect(new, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        # Triples come in two floods: one long past, one that is newer than every pair.
        rows = _rows(pairs)
        database.executemany(
            "INSERT INTO results (content, size, squares, source, job, unit, seq, node, found_at,"
            " class, covered_one, covered_other) VALUES (?, 10, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        database.execute(
            "INSERT INTO finds SELECT job, unit, seq, id FROM results ORDER BY job, unit, seq"
        )
        database.execute("INSERT INTO tallies SELECT job, count(*) FROM finds GROUP BY job")
        database.execute("INSERT INTO tallies SELECT '', count(*) FROM results")
        for whose in ("job", "''"):
            database.execute(
                f"INSERT INTO classes SELECT {whose}, class, min(id) FROM results"  # noqa: S608 - fixed texts only
                " WHERE covered_one IS NULL GROUP BY 1, 2"
            )
        database.execute("INSERT INTO class_tallies SELECT job, count(*) FROM classes GROUP BY job")
        database.execute(
            "INSERT INTO triple_classes SELECT class, covered_one + covered_other, min(id), 1,"
            " count(*) FROM results WHERE covered_one IS NOT NULL GROUP BY class"
        )
        end = Collected(0, "0" * 16)
        database.executemany(
            "INSERT INTO units VALUES (?, ?, ?, ?)",
            ((_job(n), unit, end.count, end.digest) for n in range(JOBS) for unit in range(UNITS)),
        )
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = WAL")
    new.replace(path)


def _rows(pairs: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(1)  # noqa: S311 - the same file each time
    found = search(Unit(Question(10), 20, 1), lambda: 0.0, lambda: False)
    known = [record.squares for record in found if isinstance(record, SquareRecord)]
    for number in range(2 * pairs):
        triple = not pairs // 2 <= number < pairs // 2 + pairs
        if triple and number % 2:
            continue
        squares = _renamed(chance.choice(known), chance)
        if triple:
            squares = (*squares, squares[1])
        text = json.dumps(squares, separators=(",", ":"))
        job = _job(JOBS - 1 if triple else number * (JOBS - 1) // (2 * pairs))
        which = chance.randrange(CLASSES)
        covered = (60 + which % 22, 60 + which // 22 % 22) if triple else (None, None)
        name = hashlib.sha256(b"%d" % which).digest()[:16]
        content = hashlib.sha256(text.encode()).digest()
        place = (job, number % UNITS, number // UNITS)
        source = "turn" if triple else "random"
        yield content, text, source, *place, f"pi{number % 50}", 1.7e9 + number, name, *covered


def _renamed(squares: tuple[Rows, ...], chance: random.Random) -> tuple[Rows, ...]:
    """The same set, its symbols named otherwise, its columns in another order."""
    columns = chance.sample(range(10), 10)
    renamed = []
    for square in squares:
        names = chance.sample(range(10), 10)
        renamed.append(tuple(tuple(names[row[c]] for c in columns) for row in square))
    return tuple(renamed)


def _job(number: int) -> str:
    return f"mols10-{number:06x}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else PAIRS)
