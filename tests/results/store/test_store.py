"""The results store: what goes in stays in, once, and what cannot go in is said in a sentence."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import StoreError
from results.result import Collected, Result
from results.selection import Selection
from results.store import Store
from results.triples import board
from solver.question import Question
from solver.records import Checkpoint, ImpossibleRecord, SquareRecord, TripleRecord, checksum
from swarm.job import JobSpec
from tests.small_disk import small_disk
from tests.solver.renaming import renamed
from tests.swarm.samples import squares, unit_records

JOB = JobSpec(Question(10), count=40, seed=1)


def found(count: int, node: str = "pi1") -> list[tuple[str, SquareRecord]]:
    return [(node, record) for record in squares(JOB, count)]


def test_what_is_kept_is_there_after_reopening_newest_first_and_in_pages(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    with Store.open(path) as store:
        kept = store.add("a", found(10)).kept
        assert [result.squares for result in kept] == [pair.squares for _, pair in found(10)]
    with Store.open(path, read_only=True) as store:
        pages, before = [], None
        while page := store.results(order=10, job="a", limit=4, before=before):
            pages.append(page)
            before = page[-1].id
        assert [len(page) for page in pages] == [4, 4, 2]
        assert [result for page in pages for result in page] == list(reversed(kept))
        assert store.result(kept[3].id) == kept[3]
        assert store.result(10**6) is None
        assert store.results(order=9) == []
        assert (store.kept(), store.found("a"), store.found("b")) == (10, 10, 0)


def test_a_file_opened_twice_by_one_process_is_still_one_file_to_others(tmp_path: Path) -> None:
    """A process that closes a file of its own loses its locks on it: others then take it over."""
    path = tmp_path / "r.sqlite3"
    look = (
        "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())"
    )
    query = "SELECT count(*) FROM results"

    def seen_by_another() -> str:
        command = [sys.executable, "-c", look, str(path), query]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with Store.open(path) as store:
        store.add("a", found(3))
        with Store.open(path):
            assert seen_by_another() == "3"
            store.add("a", found(5))
            assert seen_by_another() == "5"


def test_inserting_twice_is_harmless_and_a_rediscovery_counts_for_its_job(tmp_path: Path) -> None:
    with Store.open(tmp_path / "r.sqlite3") as store:
        first = store.add("a", found(6))
        assert (len(first.kept), first.finds) == (6, 6)
        again = store.add("a", found(8))
        assert (len(again.kept), again.finds, again.refused) == (2, 2, ())
        other = store.add("b", found(8))
        assert (other.kept, other.finds) == ((), 8)
        assert (store.kept(), store.found("a"), store.found("b")) == (8, 8, 8)
        assert [result.job for result in store.results(job="b")] == ["a"] * 8


def test_only_verified_squares_go_in(tmp_path: Path) -> None:
    good = squares(JOB, 3)
    swapped = (good[0].squares[0], good[0].squares[0])
    bad = [
        replace(good[0], squares=swapped),
        replace(good[1], order=9),
        replace(good[1], squares=good[1].squares[:1]),
        replace(good[1], squares=((), ())),
    ]
    with Store.open(tmp_path / "r.sqlite3") as store:
        added = store.add("a", [("pi7", record) for record in [*bad, good[2]]])
        assert [result.squares for result in added.kept] == [good[2].squares]
        assert len(added.refused) == len(bad)
        assert all("pi7" in sentence for sentence in added.refused)
        assert store.kept() == 1


def test_squares_that_differ_in_names_alone_are_distinct_once(tmp_path: Path) -> None:
    one, other = squares(JOB, 2)
    again = replace(one, seq=7, squares=renamed(one.squares, 3))
    with Store.open(tmp_path / "r.sqlite3") as store:
        kept = store.add("a", [("pi1", one), ("pi2", again), ("pi1", other)]).kept
        store.add("b", [("pi3", replace(again, seq=0))])
        assert len(kept) == 3
        assert kept[0].main_class == kept[1].main_class != kept[2].main_class
        assert (store.kept(), store.distinct()) == (3, 2)
        assert (store.found("a"), store.distinct("a")) == (3, 2)
        assert (store.found("b"), store.distinct("b")) == (1, 1)
        assert store.distinct("c") == store.unclassified() == 0
        assert [result.id for result in store.results(distinct=True)] == [kept[2].id, kept[0].id]
        assert [result.id for result in store.results(job="b", distinct=True)] == [kept[1].id]
        assert store.results() == list(reversed(kept))


@given(data=st.data())
def test_the_pages_of_a_selection_hold_all_of_it_once_and_nothing_else(
    mixed: tuple[Store, list[Result]], data: st.DataObject
) -> None:
    store, kept = mixed
    name = data.draw(st.sampled_from(kept)).main_class
    order, job = data.draw(st.sampled_from([4, 5, 9, 10])), data.draw(st.sampled_from("abc"))
    selection = data.draw(
        st.sampled_from([Selection(), Selection(order), Selection(job=job), Selection(0, "", name)])
    )
    limit = data.draw(st.integers(1, 9))
    meant = [result for result in reversed(kept) if selection.holds(result)]
    down: list[Result] = []
    while page := store.selected(selection, limit, before=down[-1].id if down else None):
        down += page
    up: list[Result] = []
    while page := store.selected(selection, limit, after=up[0].id if up else 0):
        up = [*page, *up]
    assert down == up == meant
    assert store.count(selection) == len(meant)
    if meant:
        newer = data.draw(st.integers(0, len(meant) - 1))
        older = data.draw(st.integers(newer, len(meant) - 1))
        assert store.count(selection, above=meant[newer].id) == newer
        assert store.count(selection, meant[older].id, meant[newer].id) == older - newer
    assert name in store.classes_from(name[: data.draw(st.integers(6, len(name)))])


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Result]]]:
    """Squares of three orders and jobs, some of one class, and a triple; oldest first."""
    ten, other = squares(JOB, 2)
    triple = next(
        record
        for record in unit_records(JobSpec(Question(triple=True), count=1, replicas=1, seed=2), 0)
        if isinstance(record, TripleRecord)
    )
    small = [*squares(JobSpec(Question(5), count=6, seed=1), 6)]
    with Store.open(tmp_path_factory.mktemp("mixed") / "r.sqlite3") as store:
        alike = [replace(ten, seq=seed, squares=renamed(ten.squares, seed)) for seed in range(5)]
        kept = [*store.add("a", [("pi1", record) for record in [ten, *alike, other]]).kept]
        kept += store.add("b", [("pi2", record) for record in small]).kept
        store.add("triples", [("pi3", triple)])
        four = squares(JobSpec(Question(4), count=1, seed=1), 1)
        kept += store.add("c", [("pi1", record) for record in four]).kept
        # Found once more, and kept already.
        assert not store.add("a", [("pi1", replace(ten, seq=99))]).kept
        yield store, kept


def test_what_is_left_of_a_unit_is_known_until_it_is_finished(tmp_path: Path) -> None:
    records = squares(JOB, 3)
    saved = Checkpoint("0" * 16, "0.1.0", 5, 5000, 1, 0, 2)
    with Store.open(tmp_path / "r.sqlite3") as store:
        store.add("a", [("pi1", record) for record in records])
        store.add("b", [("pi1", records[0])])
        unit = records[0].unit
        store.reach("a", {unit: replace(saved, part=4)})
        store.reach("a", {unit: saved, unit + 1: saved})
        assert store.reached("a", unit) == str(saved)
        assert store.reached("b", unit) == store.reached("a", unit + 2) == ""
        assert store.checksums("a")[unit] == [
            (record.seq, checksum(record)) for record in records if record.unit == unit
        ]
        store.finish_unit("a", unit, Collected(3, "0" * 16))
        assert store.reached("a", unit) == ""
        assert store.reached("a", unit + 1) == str(saved)
        assert unit not in store.checksums("a")
        assert store.checksums("b") == {unit: [(records[0].seq, checksum(records[0]))]}


def test_another_square_in_the_place_of_a_kept_one_is_refused(tmp_path: Path) -> None:
    one, other = squares(JOB, 2)
    with Store.open(tmp_path / "r.sqlite3") as store:
        store.add("a", [("pi1", one)])
        added = store.add("a", [("pi2", replace(other, unit=one.unit, seq=one.seq))])
        assert (added.kept, added.finds, len(added.refused)) == ((), 0, 1)
        assert store.results()[0].squares == one.squares


def test_units_and_proofs_are_remembered(tmp_path: Path) -> None:
    proof = ImpossibleRecord(0, 6, "reduced Latin squares", 9408, 64512)
    with Store.open(tmp_path / "r.sqlite3") as store:
        store.finish_unit("a", 3, Collected(5, "00ff00ff00ff00ff"))
        store.finish_unit("a", 3, Collected(5, "00ff00ff00ff00ff"))
        store.add_proof("a", proof)
        store.add_proof("a", proof)
        assert {unit: end.count for unit, end in store.finished_units("a").items()} == {3: 5}
        bounded = Collected(5, "00ff00ff00ff00ff", "exhausted", ("mates", "steps"))
        whole = Collected(0, "0" * 16, "exhausted", ())
        store.finish_unit("b", 0, bounded)
        store.finish_unit("b", 1, whole)
        assert store.finished_units("b") == {0: bounded, 1: whole}
        assert store.proof("a") == proof
        assert store.proof("b") is None


WRITER = """
import sys
from pathlib import Path
from results.store import Store
from solver.question import Question
from swarm.job import JobSpec
from tests.swarm.samples import squares
job, path = sys.argv[1], Path(sys.argv[2])
records = squares(JobSpec(Question(10), count=200, seed=1), 200)
print("ready", flush=True)
with Store.open(path) as store:
    for record in records:
        store.add(job, [("n", record)])
        print(record.unit, record.seq, flush=True)
"""


def writers(path: Path, jobs: list[str]) -> list["subprocess.Popen[str]"]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, job, str(path)], stdout=subprocess.PIPE, text=True
        )
        for job in jobs
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    return started


@pytest.mark.slow
def test_kill_9_in_the_middle_of_writing_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    acknowledged: dict[str, set[tuple[int, int]]] = {}
    for round_ in range(4):
        names = [f"job{round_}{which}" for which in "ab"]
        processes = writers(path, names)
        writing = processes[0].stdout
        assert writing is not None
        read = "".join(writing.readline() for _ in range(5 + 10 * round_))
        for name, process in zip(names, processes, strict=True):
            process.send_signal(signal.SIGKILL)
            lines = (read + process.communicate()[0]).splitlines()
            read = ""
            whole = (line.split() for line in lines if len(line.split()) == 2)
            acknowledged[name] = {(int(unit), int(seq)) for unit, seq in whole}
    assert sum(map(len, acknowledged.values())) > 20
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for job, places in acknowledged.items():
            rows = database.execute("SELECT unit, seq FROM finds WHERE job = ?", (job,)).fetchall()
            assert places <= set(rows)
            with Store.open(path) as store:
                assert store.found(job) == len(rows)


@pytest.mark.slow
def test_several_processes_at_once_make_the_file_and_share_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "r.sqlite3"
    processes = writers(path, ["a", "b", "c"])
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    with Store.open(path) as store:
        assert {store.found(job) for job in "abc"} == {200}
        assert store.kept() == len(store.results(limit=10_000))


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (x)")


def newer(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")


def cut(path: Path) -> None:
    with Store.open(path) as store:
        store.add("a", found(40))
    path.write_bytes(path.read_bytes()[:5000] + bytes(3000))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b"what is this? " * 400), ["damaged", "not been touched"]),
        (lambda path: path.write_text("short"), ["damaged", "not been touched"]),
        (cut, ["damaged", "--results FILE"]),
        (foreign, ["another program", "not been touched"]),
        (newer, ["newer squarm", "update squarm"]),
        (lambda path: path.mkdir(), ["folder", "--results FILE"]),
    ],
)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_cannot_be_used_is_left_alone_and_named(
    tmp_path: Path, spoil: object, words: list[str], *, read_only: bool
) -> None:
    path = tmp_path / "r.sqlite3"
    assert callable(spoil)
    spoil(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError) as error, Store.open(path, read_only=read_only) as store:
        store.results(limit=1000)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    for word in [str(path), *words]:
        assert word in sentence
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A file system of 320 KiB of its own."""
    with small_disk(tmp_path / "disk", "320k") as made:
        yield made


def free(mount: Path) -> int:
    return shutil.disk_usage(mount).free


def test_a_full_disk_is_said_and_once_there_is_room_everything_is_kept(mount: Path) -> None:
    path = mount / "r.sqlite3"
    batch = found(40)
    with Store.open(path) as store:
        store.add("a", batch[:2])
        ballast = mount / "ballast"
        ballast.write_bytes(bytes(free(mount)))

        def add_little_by_little() -> None:
            for start in range(0, 40, 4):
                store.add("a", batch[start : start + 4])

        with pytest.raises(StoreError, match=r"full.*nothing found is lost"):
            add_little_by_little()
        ballast.unlink()
        store.add("a", batch)
        assert (store.found("a"), store.kept()) == (40, 40)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_read_only_place_is_said_and_can_still_be_read(mount: Path) -> None:
    path = mount / "r.sqlite3"
    with Store.open(path) as store:
        store.add("a", found(3))
    subprocess.run(["mount", "-o", "remount,ro", mount], check=True)
    with Store.open(path, read_only=True) as store:
        assert len(store.results()) == 3
        with pytest.raises(StoreError, match="read only"):
            store.add("a", found(1))
    with pytest.raises(StoreError, match="cannot be written"):
        Store.open(path)
    with pytest.raises(StoreError, match="--results FILE"):
        Store.open(mount / "sub" / "r.sqlite3")


def test_triples_are_ranked_and_kept_apart_from_squares_that_are_orthogonal(tmp_path: Path) -> None:
    spec = JobSpec(Question(source="turn", triple=True), count=3, replicas=1, seed=2)
    triples = [record for record in unit_records(spec, 0) if isinstance(record, TripleRecord)]
    with Store.open(tmp_path / "r.sqlite3") as store:
        store.add("a", found(2))
        added = store.add("hunt", [("pi1", record) for record in triples])
        # The same but for names, and those of B for C: of another job, and later.
        again = [
            replace(record, squares=renamed(record.squares, 5, (1, 0, 2, 3, 4)))
            for record in triples
        ]
        store.add("later", [("pi2", record) for record in again])
        forged = replace(triples[0], seq=99, covered=(100, 100))
        refused = store.add("hunt", [("pi2", forged)])
        assert len(added.kept) == added.finds == len(triples)
        assert added.kept[0].covered == triples[0].covered
        assert "makes" in refused.refused[0]
        best = store.triples(10)
        assert {(t.job, t.group, t.times) for t in best} == {("hunt", 1, 2)}
        assert [sum(t.covered or ()) for t in best] == sorted(
            (sum(record.covered) for record in triples), reverse=True
        )
        assert all(result.covered is None for result in store.results())
        assert [r.covered for r in store.results(job="hunt")] == [
            record.covered for record in reversed(triples)
        ]
        rows = board(best)
        assert rows[0].pairs == (100, 100, 91)
        assert [row.result for row in rows if row.result] == best
        assert {row.text for row in rows} >= {"100 + 100 + 91", "100 + 100 + 74"}


@pytest.mark.parametrize(("before", "after"), [(None, 0o600), (0o644, 0o600), (0o660, 0o660)])
def test_nobody_else_reads_the_file_nor_what_stands_beside_it(
    tmp_path: Path, before: int | None, after: int
) -> None:
    path = tmp_path / "r.sqlite3"
    usual = os.umask(0o022)
    try:
        if before is not None:
            Store.open(path).close()
            path.chmod(before)
        with Store.open(path) as store:
            store.add("a", found(1))
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(usual)
    assert modes == dict.fromkeys(("r.sqlite3", "r.sqlite3-wal", "r.sqlite3-shm"), after)
