"""Copies of the results file: whole, one a day, and bounded."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from base.errors import StoreError
from results.copies import backup
from results.store import Store
from solver.question import Question
from swarm.job import JobSpec
from tests.bad_sector import bad_sector
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


def test_what_is_found_while_a_copy_is_made_is_in_the_next(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(sqlite3.Connection):
        def execute(self, asked: str, *_values: object) -> sqlite3.Cursor:
            if "quick_check" in asked:
                add(store, 10, 20)
            return super().execute(asked)

    with monkeypatch.context() as late:
        late.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Late))
        copy = backup.back_up(store.path, tmp_path / "copies")
    assert kept(copy) == 10
    tomorrow = time.time() + backup.EVERY + 1
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert backup.due(store.path, tmp_path / "copies")


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


def test_copies_made_by_a_clock_that_was_ahead_hold_up_none_and_go_first(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copies"
    ahead = time.time() + 300 * 86_400
    for number in range(backup.MOST):
        later = backup.back_up(store.path, folder)
        later = later.rename(folder / f"results-2999-01-0{number + 1}-000000.sqlite3")
        os.utime(later, (ahead + number, ahead + number))
    for _ in range(2):
        assert backup.due(store.path, folder)
        copy = backup.back_up(store.path, folder)
        assert not backup.due(store.path, folder)
        assert backup.copies(folder)[0] == copy
        assert len(backup.copies(folder)) == backup.MOST
        yesterday = time.time() - backup.EVERY - 1
        os.utime(copy, (yesterday, yesterday))
        copy.rename(folder / "results-2026-01-01-000000.sqlite3")
    monkeypatch.setattr(backup, "MOST", 2)
    copy = backup.back_up(store.path, folder)
    assert backup.copies(folder) == [copy, folder / "results-2026-01-01-000000.sqlite3"]


def test_what_is_no_copy_is_passed_over(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    entries = (folder / f"results-2999-01-0{number}-000000.sqlite3" for number in range(1, 4))
    (gone, looped, directory) = entries
    gone.symlink_to("/media/usb/x")
    looped.symlink_to(looped)
    directory.mkdir()
    assert backup.copies(folder) == []
    assert backup.due(store.path, folder)
    copy = backup.back_up(store.path, folder)
    assert backup.copies(folder) == [copy]
    assert not backup.due(store.path, folder)


def test_what_is_no_folder_is_said_to_be_none(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.symlink_to(tmp_path / "stick" / "not there")
    with pytest.raises(StoreError, match=r"No copy can be made in .*copies: it is no folder"):
        backup.back_up(store.path, folder)


SMALL_DISK = """
import resource, sys
from pathlib import Path
from base.errors import StoreError
from results.copies import backup
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    backup.back_up(*map(Path, sys.argv[1:]))
except StoreError as error:
    print(error)
"""


def test_of_two_disks_the_one_that_fails_is_named(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    command = [sys.executable, "-c", SMALL_DISK, str(store.path), str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith(f"{folder}/results-")
    assert said.endswith(".sqlite3 cannot be written, its disk is full or failing: make room.\n")
    store.close()
    size = store.path.stat().st_size
    with bad_sector(store.path, size - 8192, size):
        said = f"^{store.path} cannot be read, its disk is failing: save to another disk what "
        with pytest.raises(StoreError, match=said):
            backup.back_up(store.path, folder)
    assert list(folder.iterdir()) == []


KILLED = """
import os, sys
from pathlib import Path
from results.copies import backup
os.fsync = lambda file: os.kill(os.getpid(), 9)
backup.back_up(*map(Path, sys.argv[1:]))
"""


def test_what_killed_copies_leave_is_removed_by_the_next(store: Store, tmp_path: Path) -> None:
    """As by a power cut, at the moment when a copy is written and not yet in its place."""
    folder = tmp_path / "copies"
    for _ in range(2):
        command = [sys.executable, "-c", KILLED, str(store.path), str(folder)]
        assert subprocess.run(command, check=False).returncode == -9
        (partial,) = folder.iterdir()
        assert partial.name.startswith(".results-")
        # Another day, and SQLite's own file beside it.
        partial = partial.rename(folder / ".results-2026-11-01-000000.sqlite3.partial")
        partial.with_name(f"{partial.name}-journal").write_bytes(b"not yet rolled back")
    copy = backup.back_up(store.path, folder)
    assert list(folder.iterdir()) == [copy]
    assert kept(copy) == 10
