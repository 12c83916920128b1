"""A copy put in the place of the results file: verified first, and what was there is kept."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.errors import StoreError
from results.copies.backup import back_up
from results.copies.restoring import flaws_in, put_back
from results.store import Store
from results.store.file import RESULTS_FILE
from tests.bad_sector import bad_sector
from tests.results.copies.test_backup import add, kept
from tests.results.store.test_store_versions import written_by


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "r.sqlite3") as opened:
        add(opened, 0, 10)
        yield opened


def test_a_copy_is_put_back_and_what_was_there_is_kept(store: Store, tmp_path: Path) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    add(store, 10, 20)
    with pytest.raises(StoreError, match="is in use: close the console"):
        put_back(copy, store.path)
    assert kept(store.path) == 20
    store.close()
    aside = put_back(copy, store.path)
    assert aside is not None
    assert (kept(store.path), kept(aside), kept(copy)) == (10, 20, 10)
    with Store.open(store.path) as again:
        add(again, 5, 15)
        assert (again.kept(), again.found("a")) == (15, 15)


def test_a_damaged_file_is_put_aside_with_all_that_belongs_to_it(
    store: Store, tmp_path: Path
) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    store.close()
    store.path.write_bytes(b"power cut" * 1000)
    log = store.path.with_name("r.sqlite3-wal")
    log.write_bytes(b"not yet written")
    aside = put_back(copy, store.path)
    assert aside is not None
    assert aside.read_bytes().startswith(b"power cut")
    assert not log.exists()
    assert kept(store.path) == 10


@pytest.mark.parametrize("spoil", ["cut", "alien", "empty", "gone"])
def test_what_is_no_whole_copy_changes_nothing(store: Store, tmp_path: Path, spoil: str) -> None:
    copy = back_up(store.path, tmp_path / "copies")
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
        put_back(copy, store.path)
    assert sorted(file.name for file in tmp_path.iterdir()) == before
    assert kept(store.path) == 10


def test_a_copy_that_is_not_there_is_said_to_be_none(store: Store, tmp_path: Path) -> None:
    for asked in (flaws_in, put_back):
        with pytest.raises(StoreError, match=r"There is no copy .*/none: squarm results restore"):
            asked(tmp_path / "none", store.path)
    assert kept(store.path) == 10


def test_on_a_fresh_card_the_folder_is_made(store: Store, tmp_path: Path) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    path = tmp_path / "new" / "home" / "r.sqlite3"
    assert flaws_in(copy, path) == 0
    assert put_back(copy, path) is None
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with Store.open(path) as restored:
        add(restored, 10, 20)
        assert restored.kept() == 20
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_wrong_in_a_copy_is_counted(store: Store, tmp_path: Path) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    told: list[int] = []
    assert flaws_in(copy, store.path, told.append) == 0
    assert told == [10]
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE results SET squares = replace(squares, '0', '1') WHERE id < 4")
    before = sorted(file.name for file in tmp_path.iterdir())
    assert flaws_in(copy, store.path) == 3
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE results SET squares = 'none' WHERE id = 5")
    assert flaws_in(copy, store.path) == 4
    assert sorted(file.name for file in tmp_path.iterdir()) == before


@pytest.mark.parametrize("version", [1, RESULTS_FILE.version - 1])
def test_a_copy_of_an_older_squarm_is_one(store: Store, tmp_path: Path, version: int) -> None:
    copy, path = tmp_path / "old.sqlite3", tmp_path / "new" / "r.sqlite3"
    written_by(version, store.path, copy)
    assert flaws_in(copy, path) == 0
    put_back(copy, path)
    assert kept(path) == 10


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("CREATE TRIGGER away AFTER INSERT ON results BEGIN DELETE FROM results; END", "away"),
        ("CREATE TABLE theirs (result INTEGER REFERENCES nowhere (id))", "theirs"),
        ("DROP TRIGGER distinct_by_class", "distinct_by_class"),
        ("ALTER TABLE units ADD COLUMN more TEXT NOT NULL DEFAULT ''", "units"),
        ('CREATE VIEW "\x1b[31mred" AS SELECT 1', "red"),
    ],
)
def test_a_copy_with_what_squarm_does_not_make_is_refused_by_name(
    store: Store, tmp_path: Path, statement: str, name: str
) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    store.close()
    with sqlite3.connect(copy) as database:
        database.execute(statement)
    for refuse in (flaws_in, put_back):
        with pytest.raises(StoreError, match=rf"not as squarm makes .* \({name}\)"):
            refuse(copy, store.path)
    assert kept(store.path) == 10


def test_a_file_on_another_disk_stays_there(store: Store, tmp_path: Path) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    add(store, 10, 20)
    store.close()
    disk = tmp_path / "stick"
    disk.mkdir()
    there = store.path.rename(disk / "mine.sqlite3")
    store.path.symlink_to(there)
    assert flaws_in(copy, store.path) == 0
    aside = put_back(copy, store.path)
    assert aside is not None
    assert (aside.parent, store.path.resolve()) == (disk, there)
    assert (kept(store.path), kept(aside)) == (10, 20)


KILLED = """
import os, sys
from pathlib import Path
from results.copies.restoring import put_back
copy, path = map(Path, sys.argv[1:])
Path.replace = lambda new, old: os.kill(os.getpid(), 9) if old == path else os.replace(new, old)
put_back(copy, path)
"""


def test_whoever_is_killed_leaves_a_results_file(store: Store, tmp_path: Path) -> None:
    """As by a power cut, at the moment when the copy is to take its place."""
    copy = back_up(store.path, tmp_path / "copies")
    add(store, 10, 20)
    store.close()
    command = [sys.executable, "-c", KILLED, str(copy), str(store.path)]
    assert subprocess.run(command, check=False).returncode == -9
    assert kept(store.path) == 20
    aside = put_back(copy, store.path)
    assert aside is not None
    assert (kept(store.path), kept(aside)) == (10, 20)


def test_a_file_that_cannot_be_read_is_not_said_to_be_in_use(store: Store, tmp_path: Path) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    store.close()
    # What lies over it here cannot be renamed.
    with bad_sector(store.path, 0, 4096), pytest.raises(StoreError, match="cannot be restored"):
        put_back(copy, store.path)


def test_what_a_killed_restoring_left_is_no_part_of_the_next(store: Store, tmp_path: Path) -> None:
    copy = back_up(store.path, tmp_path / "copies")
    store.close()
    for name in (".r.sqlite3.restored", "..r.sqlite3.restored.partial"):
        for kind in ("", "-journal", "-wal", "-shm"):
            (tmp_path / f"{name}{kind}").write_bytes(b"of a power cut")
    aside = put_back(copy, store.path)
    assert aside is not None
    names = {"copies", aside.name, store.path.name, ".copies.lock"}
    assert {file.name for file in tmp_path.iterdir()} == names
    assert kept(store.path) == 10
