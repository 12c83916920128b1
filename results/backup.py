"""Copies of the results file: one a day, few, whole, and put back again."""

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from base import paths
from base.errors import StoreError
from base.safe_file import sync_folder
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


def copies(folder: Path) -> list[Path]:
    """The copies there are, newest first: their names are their dates."""
    return sorted(folder.glob("results-*.sqlite3"), reverse=True)


def due(path: Path, folder: Path) -> bool:
    """Whether the results file has changed since a copy was made, and that is a day ago."""
    newest = next(iter(copies(folder)), None)
    changed = _changed(path)
    if changed is None or newest is None:
        return changed is not None
    made = newest.stat().st_mtime
    return time.time() - made >= EVERY and changed > made


def back_up(path: Path, folder: Path) -> Path:
    """Copy the results file, which may be in use, and give up copies beyond the bounds.

    Raises StoreError; a copy that is not whole is none, and takes no other's place.
    """
    copy = folder / time.strftime("results-%Y-%m-%d-%H%M%S.sqlite3")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        needed = path.stat().st_size + _ROOM
        if shutil.disk_usage(folder).free < needed:
            raise StoreError(
                f"{folder} has no room for a copy of the results ({needed // 2**20:,} MiB): make "
                "room."
            )
        copy_whole(path, copy)
        sync_folder(folder)
        _give_up_the_oldest(folder)
    except OSError as error:
        raise StoreError(f"No copy can be made in {folder}: {error.strerror}.") from None
    return copy


def copy_whole(path: Path, copy: Path) -> None:
    """Copy a results file as it is at this moment, checked; raises StoreError, OSError."""
    partial = copy.with_name(f".{copy.name}.partial")
    partial.unlink(missing_ok=True)
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
            source.backup(target)
            (said,) = target.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise StoreError(f"{path} is damaged: squarm results check says where.")
            # One file, whole by itself.
            target.execute("PRAGMA journal_mode = DELETE")
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(copy)
    finally:
        partial.unlink(missing_ok=True)


def put_back(copy: Path, path: Path) -> Path | None:
    """Put a copy in the place of the results file; where that is now, None where there was none.

    Raises StoreError where the copy is not whole, or another squarm uses the file.
    """
    try:
        fresh = path.with_name(f".{path.name}.restored")
        copy_whole(copy, fresh)
        try:
            aside = _set_aside(path)
            fresh.replace(path)
            sync_folder(path.parent)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path} cannot be restored: {error.strerror}.") from None
    return aside


def _set_aside(path: Path) -> Path | None:
    if not path.exists():
        return None
    aside = path.with_name(time.strftime(f"{path.stem}-until-%Y-%m-%d-%H%M%S{path.suffix}"))
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as database:
        try:
            # Folds the write-ahead log into the file; whoever has it open too is in the way.
            database.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            raise StoreError(
                f"{path} is in use: close the console, and stop squarm serve, first."
            ) from None
    path.rename(aside)
    for kind in ("wal", "shm"):
        # Only a damaged file has left one: it belongs to that, and to no other.
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}-{kind}").rename(aside.with_name(f"{aside.name}-{kind}"))
    return aside


def _changed(path: Path) -> float | None:
    """When the results file, or its write-ahead log, was last written; None: there is none."""
    times = []
    for file in (path, path.with_name(f"{path.name}-wal")):
        with suppress(OSError):
            times.append(file.stat().st_mtime)
    return max(times, default=None)


def _give_up_the_oldest(folder: Path) -> None:
    taken = 0
    for number, copy in enumerate(copies(folder)):
        taken += copy.stat().st_size
        if number and (number >= MOST or taken > MOST_BYTES):
            copy.unlink(missing_ok=True)
