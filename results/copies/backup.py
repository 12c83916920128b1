"""Copies of the results file: one a day, few and whole."""

import os
import shutil
import sqlite3
import stat
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from base import paths
from base.database import cannot_be_written, led_to
from base.errors import StoreError
from base.safe_file import locked, sync_folder
from results.store.file import RESULTS_FILE

EVERY = 24 * 3600.0
"""Seconds between two copies."""
MOST = 7
MOST_BYTES = 2 * 1024**3
"""Copies kept, and bytes of all of them; the newest is kept whatever it takes."""
_ROOM = 256 * 1024 * 1024
"""Bytes that are left free on the disk: jobs write there too."""


def default_folder() -> Path:
    """Where copies are kept."""
    return paths.data() / "backups"


class _Copy(NamedTuple):
    """A copy: when it was made, in seconds since the epoch, and its bytes."""

    path: Path
    made: float
    size: int


def copies(folder: Path) -> list[Path]:
    """The copies there are, newest first; raises StoreError.

    Those made in the future, by a clock that was wrong, are the last: what they hold is older.
    """
    return [copy.path for copy in _copies(folder)]


def due(path: Path, folder: Path) -> bool:
    """Whether the results file has changed since a copy was made, and that is a day ago.

    Raises StoreError.
    """
    changed, now = _changed(path), time.time()
    made = next((copy.made for copy in _copies(folder) if copy.made <= now), None)
    if changed is None or made is None:
        return changed is not None
    return now - made >= EVERY and changed > made


def back_up(path: Path, folder: Path) -> Path:
    """Copy the results file, which may be in use, and give up copies beyond the bounds.

    Raises StoreError; a copy that is not whole is none, and takes no other's place.
    """
    copy = folder / time.strftime("results-%Y-%m-%d-%H%M%S.sqlite3")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(folder):
            for left in folder.glob(".results-*.partial*"):
                # By one that was killed: nobody else writes here now.
                left.unlink(missing_ok=True)
            needed = path.stat().st_size + _ROOM
            if shutil.disk_usage(folder).free < needed:
                raise StoreError(
                    f"{folder} has no room for a copy of the results ({needed // 2**20:,} MiB): "
                    "make room."
                )
            copy_whole(path, copy)
            sync_folder(folder)
            _give_up_the_oldest(folder)
    except FileExistsError:
        raise StoreError(f"No copy can be made in {folder}: it is no folder.") from None
    except OSError as error:
        raise StoreError(f"No copy can be made in {folder}: {error.strerror}.") from None
    return copy


def copy_whole(path: Path, copy: Path) -> None:
    """Copy a results file as it is at this moment, checked; raises StoreError, OSError.

    The copy's time is when this began: what is written meanwhile may not be in it.
    """
    began = time.time()
    partial = copy.with_name(f".{copy.name}.partial")
    forget(partial)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        source, version = RESULTS_FILE.open_as_it_is(path)
        if not version:
            source.close()
            raise StoreError(f"{path} is empty: there is nothing in it.")
        with (
            RESULTS_FILE.sentences(path),
            closing(source),
            closing(sqlite3.connect(partial)) as target,
        ):
            try:
                source.backup(target)
                (said,) = target.execute("PRAGMA quick_check(1)").fetchone()
                # One file, whole by itself.
                target.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.OperationalError as error:
                if not cannot_be_written(error):
                    raise
                raise StoreError(
                    f"{copy} cannot be written, its disk is full or failing: make room."
                ) from error
            if said != "ok":
                raise StoreError(f"{path} is damaged: squarm results check says where.")
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        os.utime(partial, (began, began))
        partial.replace(copy)
    finally:
        forget(partial)


def forget(file: Path) -> None:
    """Remove a database, if it is there, and what one that was killed left beside it.

    What is left there SQLite would take for a part of the next file of that name. Raises OSError.
    """
    for kind in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + kind).unlink(missing_ok=True)


def _changed(path: Path) -> float | None:
    """When the results file, or its write-ahead log, was last written; None: there is none."""
    times = []
    for file in (path, Path(f"{led_to(path)}-wal")):
        with suppress(OSError):
            times.append(file.stat().st_mtime)
    return max(times, default=None)


def _copies(folder: Path) -> list[_Copy]:
    found = []
    now = time.time()
    try:
        for path in folder.glob("results-*.sqlite3"):
            # What has gone meanwhile, or cannot be looked at, is no copy.
            with suppress(OSError):
                told = path.lstat()
                if stat.S_ISREG(told.st_mode):
                    found.append(_Copy(path, told.st_mtime, told.st_size))
    except OSError as error:
        raise StoreError(f"The copies in {folder} cannot be seen: {error.strerror}.") from None
    return sorted(found, key=lambda copy: (copy.made <= now, copy.made, copy.path), reverse=True)


def _give_up_the_oldest(folder: Path) -> None:
    taken = 0
    for number, copy in enumerate(_copies(folder)):
        taken += copy.size
        if number and (number >= MOST or taken > MOST_BYTES):
            copy.path.unlink(missing_ok=True)
