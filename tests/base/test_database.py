"""Files of ours from one version of squarm to the next."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from base.database import FileFormat
from base.errors import StoreError

OLD = FileFormat(
    name="notebook",
    application=7,
    changes=(("CREATE TABLE notes (text TEXT NOT NULL)", "INSERT INTO notes VALUES ('kept')"),),
    error=StoreError,
    made_by="a note makes it",
    kept="nothing is lost",
)
NEW = replace(OLD, changes=(*OLD.changes, ("ALTER TABLE notes ADD COLUMN colour TEXT",)))


def rows(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    with connection:
        found = connection.execute("SELECT * FROM notes").fetchall()
    connection.close()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "deep" / "notes.sqlite3"
    OLD.open_for_writing(file).close()
    return file


@pytest.mark.parametrize("opened", [NEW.open_for_writing, NEW.open_for_reading])
def test_an_older_file_is_brought_up_to_date_with_what_is_in_it(path: Path, opened: object) -> None:
    assert callable(opened)
    assert rows(opened(path)) == [("kept", None)]
    assert path.stat().st_mode & 0o777 == 0o600
    # An older squarm says so, and leaves the file alone.
    before = path.read_bytes()
    for refused in (OLD.open_for_writing, OLD.open_for_reading, OLD.open_as_it_is):
        with pytest.raises(StoreError, match=r"newer squarm \(format 2, this one knows 1\)"):
            refused(path)
    assert path.read_bytes() == before


def test_what_a_link_leads_to_is_as_private(tmp_path: Path) -> None:
    link, there = tmp_path / "notes.sqlite3", tmp_path / "stick.sqlite3"
    link.symlink_to(there)
    with closing(NEW.open_for_writing(link)):
        names = {"stick.sqlite3", "stick.sqlite3-wal", "stick.sqlite3-shm"}
        for _ in range(2):
            found = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("stick*")}
            assert found == dict.fromkeys(names, 0o600)
            # As one of before made them.
            for file in tmp_path.glob("stick*"):
                file.chmod(0o644)
            NEW.open_for_writing(link).close()


def test_reading_a_file_as_it_is_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    connection, version = NEW.open_as_it_is(path)
    assert (rows(connection), version) == ([("kept",)], 1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["a pipe", "/dev/zero", "/"])
def test_what_is_no_file_is_neither_waited_for_nor_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "r.sqlite3" if kind == "a pipe" else Path(kind)
    if kind == "a pipe":
        os.mkfifo(file)
    words = "is a folder and no" if file.is_dir() else "is a pipe or a device and no"
    for opened in (NEW.open_for_writing, NEW.open_for_reading):
        with pytest.raises(StoreError, match=words):
            opened(file)


def test_several_that_open_it_at_once_change_it_once(path: Path, tmp_path: Path) -> None:
    for file in (path, tmp_path / "new.sqlite3"):
        with ThreadPoolExecutor(8) as pool:
            opened = list(pool.map(lambda _, file=file: NEW.open_for_writing(file), range(8)))
        assert [rows(connection) for connection in opened] == [[("kept", None)]] * 8


def test_who_comes_while_another_brings_it_up_to_date_is_told_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("base.database._BUSY_SECONDS", 0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for opened in (NEW.open_for_writing, NEW.open_for_reading):
        with pytest.raises(StoreError, match=r"brings it up to date.*: try again in a minute"):
            opened(path)
    other.execute("COMMIT")
    other.close()
    assert rows(NEW.open_for_writing(path)) == [("kept", None)]


def test_a_change_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    broken = replace(NEW, changes=(*NEW.changes, ("DROP TABLE notes", "and then nonsense")))
    with pytest.raises(StoreError, match="syntax error"):
        broken.open_for_writing(path)
    connection, version = OLD.open_as_it_is(path)
    assert (rows(connection), version) == ([("kept",)], 1)
