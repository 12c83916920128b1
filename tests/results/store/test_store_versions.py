"""Files of every earlier version: opened by this one they hold and show the same."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from results.result import Collected, Result
from results.store import Store
from results.store.file import RESULTS_FILE
from results.store.pages import as_kept
from solver.question import Question
from solver.records import Checkpoint, CountRecord, ImpossibleRecord, Rows, TripleRecord
from solver.search.shape import covered
from swarm.job import JobSpec
from tests.solver.renaming import FOUR, latin_squares, renamed
from tests.swarm.samples import squares, unit_records

JOB = JobSpec(Question(10), count=40, seed=1)
OTHER = JobSpec(Question(7), count=40, seed=1)
WITH_TRIPLES = 3
WITH_COUNTS = 8
WITH_TRIPLE_CLASSES = 9
"""The versions that brought them."""


def written_by(version: int, now: Path, path: Path) -> None:
    """The same file as an earlier version would have written it."""
    with sqlite3.connect(path) as database:
        database.execute("ATTACH ? AS now", (str(now),))
        for statement in chain.from_iterable(RESULTS_FILE.changes[:version]):
            database.execute(statement)
        tables = database.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
        for (table,) in tables.fetchall():
            columns = ", ".join(row[1] for row in database.execute(f"PRAGMA table_info({table})"))
            database.execute(
                f"INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}"  # noqa: S608 - the table's own names
            )
        if WITH_TRIPLES <= version < WITH_TRIPLE_CLASSES:
            database.execute("UPDATE main.results SET class = x'' WHERE covered_one IS NOT NULL")
        database.execute(f"PRAGMA main.application_id = {RESULTS_FILE.application}")
        database.execute(f"PRAGMA main.user_version = {version}")


def pages(store: Store, order: int | None, job: str | None, *, distinct: bool) -> list[Result]:
    read: list[Result] = []
    while page := store.results(order, job, 2, read[-1].id if read else None, distinct=distinct):
        read += page
    return read


def shown(store: Store) -> list[object]:
    """Everything that a screen, a verb or a collector asks of a file."""
    seen: list[object] = [
        pages(store, order, job, distinct=distinct)
        for order in (None, 7, 10, 9)
        for job in (None, "a", "b", "nobody")
        for distinct in (False, True)
    ]
    seen += [store.triples(5), store.kept(), store.distinct(), store.unclassified(), store.jobs()]
    for job in ("a", "b", "hunt"):
        seen += [store.found(job), store.distinct(job), store.finished_units(job), store.proof(job)]
        seen += [store.checksums(job), store.mates_counted(job)]
    return seen


@pytest.mark.parametrize("version", range(1, RESULTS_FILE.version))
def test_what_an_earlier_version_wrote_is_all_there(version: int, tmp_path: Path) -> None:
    one, other, third = squares(JOB, 3)
    hunt = JobSpec(Question(source="turn", triple=True), count=3, replicas=1, seed=2)
    with Store.open(tmp_path / "now.sqlite3") as store:
        store.add("a", [("pi1", record) for record in squares(OTHER, 3)])
        again = replace(one, seq=7, squares=renamed(one.squares, 3))
        store.add("b", [("pi1", one), ("pi2", again), ("pi1", other)])
        store.add("a", [("pi3", replace(again, unit=9)), ("pi3", replace(third, unit=9))])
        if version >= WITH_TRIPLES:
            triples = [r for r in unit_records(hunt, 0) if isinstance(r, TripleRecord)]
            store.add("hunt", [("pi1", record) for record in triples])
        if version >= WITH_COUNTS:
            store.add_counts("a", [("pi1", CountRecord(1, 0, 7, 1, 19, 39))])
        store.finish_unit("a", 0, Collected(3, "00ff00ff00ff00ff"))
        store.add_proof("a", ImpossibleRecord(0, 6, "reduced Latin squares", 9408, 64512))
        store.reach("b", {5: Checkpoint("0" * 16, "0.1.0", 5, 5000, 1, 0, 2)})
        expected, kept = shown(store), store.kept()
        assert len(pages(store, None, None, distinct=True)) == store.distinct() < store.kept()
    path = tmp_path / "then.sqlite3"
    written_by(version, tmp_path / "now.sqlite3", path)
    with Store.open(path, read_only=True) as store:
        assert store.kept() == kept
        assert len(pages(store, None, None, distinct=False)) == store.kept() - len(store.triples(9))
    with Store.open(path) as store:
        assert shown(store) == expected
        assert store.add("c", [("pi9", replace(squares(JOB, 4)[3], unit=0, seq=0))]).kept
        assert [result.job for result in store.results(limit=1, distinct=True)] == ["c"]


def test_triples_from_before_get_classes_bit_by_bit_and_stand_for_themselves_until_then(
    tmp_path: Path,
) -> None:
    path = tmp_path / "then.sqlite3"
    thirds = enumerate(latin_squares(4))
    with Store.open(tmp_path / "now.sqlite3") as store:
        triples = [(number, (*FOUR, third)) for number, third in thirds]
        store.add("hunt", [("pi1", triple_record(*triple)) for triple in triples])
        expected = store.triples(len(triples))
    assert sum(result.times for result in expected) == len(triples) > len(expected)
    written_by(WITH_TRIPLE_CLASSES - 1, tmp_path / "now.sqlite3", path)
    with Store.open(path, read_only=True) as store:
        assert [(t.group, t.times) for t in store.triples(9999)] == [(0, 1)] * len(triples)
        assert store.triples(9)[0].covered == expected[0].covered
    with Store.open(path) as store:
        assert len(expected) < len(store.triples(9999)) < len(triples)
        assert store.triples(1)[0] == expected[0]
    with Store.open(path) as store:
        assert store.triples(9999) == expected
    with sqlite3.connect(path) as database:
        # As a squarm of before adds one that has had the file open since.
        text, content = as_kept(renamed(triples[0][1], 1, range(5)))
        database.execute(
            "INSERT INTO results SELECT NULL, ?, size, ?, source, job, unit, 9999, node, found_at,"
            " x'', covered_one, covered_other FROM results WHERE id = 1",
            (content, text),
        )
    with Store.open(path) as store:
        assert len(store.triples(9999)) == len(expected)
        assert sum(result.times for result in store.triples(9999)) == len(triples) + 1


def triple_record(number: int, squares: tuple[Rows, ...]) -> TripleRecord:
    one, other, third = squares
    pairs = (covered(one, third), covered(other, third))
    return TripleRecord(0, number, 4, squares, pairs, "file", 1)


MANY = 4_000


def crowded(path: Path) -> None:
    """A file where what is asked for lies below many triples and many sets of one class."""
    with Store.open(path) as store:
        store.add("a", [("pi1", record) for record in squares(JOB, 3)])
    with sqlite3.connect(path) as database:
        for covered, name in ((None, b"of one class"), (70, b"its own")):
            database.executemany(
                "INSERT INTO results SELECT NULL, ?, 10, squares, source, 'crowd', 0, ?, node,"
                " found_at, ?, ?, ? FROM results WHERE id = 1",
                ((f"{n} {covered}".encode(), n, name, covered, covered) for n in range(MANY)),
            )
        database.execute("INSERT INTO classes SELECT '', class, min(id) FROM results WHERE id > 3")
        database.execute(
            "INSERT INTO triple_classes SELECT id, covered_one + covered_other, id, 1, 1"
            " FROM results WHERE covered_one IS NOT NULL"
        )


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: Store.open(store.path).close(),
        lambda store: store.results(limit=5),
        lambda store: store.results(order=10, limit=5),
        lambda store: store.results(limit=5, distinct=True),
        lambda store: store.results(order=10, limit=5, distinct=True),
        lambda store: store.results(job="a", limit=5),
        lambda store: store.results(job="a", limit=5, distinct=True),
        lambda store: store.triples(5),
        lambda store: store.unclassified(),
        lambda store: store.totals(),
    ],
)
def test_what_is_asked_costs_what_it_gives_and_not_what_is_kept(
    ask: Callable[[Store], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.sqlite3"
    crowded(path)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connect = sqlite3.connect

    def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_progress_handler(step, 1)
        return connection

    monkeypatch.setattr(sqlite3, "connect", counted)
    with Store.open(path, read_only=True) as store:
        steps = 0
        ask(store)
    assert 0 < steps < MANY / 2
