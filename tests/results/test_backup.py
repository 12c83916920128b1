"""Copies of the results file: whole, bounded, and put back without losing what is there."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.errors import StoreError
from results import backup
from results.store import Store
from solver.question import Question
from swarm.job import JobSpec
from tests.swarm.samples import squares

JOB = JobSpec(Question(10), count=40, seed=1)


def add(store: Store, first: int, end: int) -> None:
    store.add("a", [("pi1", record) for record in squares(JOB, end)[first:]])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "r.sqlite3") as opened:
        add(opened, 0, 10)
        yield opened


def kept(path: Path) -> int:
    with Store.open(path, read_only=True) as store:
        assert len(store.results(limit=99)) == store.kept()
        return store.kept()


def test_a_copy_of_a_file_in_use_is_whole_by_itself_and_private(
    store: Store, tmp_path: Path
) -> None:
    copy = backup.back_up(store.path, tmp_path / "copies")
    add(store, 10, 20)
    assert (kept(copy), store.kept()) == (10, 20)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]


def test_one_copy_a_day_where_something_was_found(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    assert backup.due(store.path, folder)
    assert not backup.due(tmp_path / "nothing.sqlite3", folder)
    copy = backup.back_up(store.path, folder)
    assert not backup.due(store.path, folder)
    yesterday = time.time() - backup.EVERY - 1
    os.utime(copy, (yesterday, yesterday))
    assert backup.due(store.path, folder)
    earlier = yesterday - 60
    for file in tmp_path.glob("r.sqlite3*"):
        os.utime(file, (earlier, earlier))
    assert not backup.due(store.path, folder)


def test_copies_are_bounded_in_number_and_size(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for day in range(10, 22):
        (folder / f"results-2026-11-{day}-000000.sqlite3").write_bytes(bytes(1000))
    copy = backup.back_up(store.path, folder)
    assert len(backup.copies(folder)) == backup.MOST
    assert backup.copies(folder)[0] == copy
    monkeypatch.setattr(backup, "MOST_BYTES", copy.stat().st_size + 2500)
    copy.unlink()
    copy = backup.back_up(store.path, folder)
    assert len(backup.copies(folder)) == 3
    monkeypatch.setattr(backup, "MOST_BYTES", 1)
    copy.unlink()
    assert backup.back_up(store.path, folder) == backup.copies(folder)[0]
    assert len(backup.copies(folder)) == 1


def test_without_room_no_copy_is_begun(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_ROOM", 2**60)
    with pytest.raises(StoreError, match="no room for a copy"):
        backup.back_up(store.path, tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_is_put_back_and_what_was_there_is_kept(store: Store, tmp_path: Path) -> None:
    copy = backup.back_up(store.path, tmp_path / "copies")
    add(store, 10, 20)
    with pytest.raises(StoreError, match="is in use: close the console"):
        backup.put_back(copy, store.path)
    assert kept(store.path) == 20
    store.close()
    aside = backup.put_back(copy, store.path)
    assert aside is not None
    assert (kept(store.path), kept(aside), kept(copy)) == (10, 20, 10)
    with Store.open(store.path) as again:
        add(again, 5, 15)
        assert (again.kept(), again.found("a")) == (15, 15)


def test_a_damaged_file_is_put_aside_with_all_that_belongs_to_it(
    store: Store, tmp_path: Path
) -> None:
    copy = backup.back_up(store.path, tmp_path / "copies")
    store.close()
    store.path.write_bytes(b"power cut" * 1000)
    log = store.path.with_name("r.sqlite3-wal")
    log.write_bytes(b"not yet written")
    aside = backup.put_back(copy, store.path)
    assert aside is not None
    assert aside.read_bytes().startswith(b"power cut")
    assert not log.exists()
    assert kept(store.path) == 10


@pytest.mark.parametrize("spoil", ["cut", "alien", "empty", "gone"])
def test_what_is_no_whole_copy_changes_nothing(store: Store, tmp_path: Path, spoil: str) -> None:
    copy = backup.back_up(store.path, tmp_path / "copies")
    store.close()
    if spoil == "cut":
        copy.write_bytes(copy.read_bytes()[:9000] + bytes(5000))
    else:
        copy.unlink()
    if spoil == "alien":
        with sqlite3.connect(copy) as database:
            database.execute("CREATE TABLE theirs (x)")
    if spoil == "empty":
        copy.touch()
    before = sorted(file.name for file in tmp_path.iterdir())
    with pytest.raises(StoreError):
        backup.put_back(copy, store.path)
    assert sorted(file.name for file in tmp_path.iterdir()) == before
    assert kept(store.path) == 10
