"""The files squarm keeps: results, settings for Slack, the log; their folders and their disk."""

import errno
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from base import log_file, paths
from chat.settings import Settings
from results.store.file import RESULTS_FILE
from results.store.file import default_path as default_results
from tui.command.doctor.examination import Judged, broken, ok, warning

CHECK_SECONDS = 4.0
_LEAST = 100 * 1024**2
_LITTLE = 1024**3
_NOT_YOURS = (errno.EACCES, errno.EPERM, errno.ENOTDIR)
_STEPS = 20_000
"""Of SQLite's machine, between two looks at the clock."""


def results(file: Path | None) -> Judged:
    """Whether the results file opens, is whole, and of which format it is; raises StoreError."""
    path = file or default_results()
    if refused := _refusal(path.parent):
        return broken(f"Nothing that is found can be kept in {path}: {_way_out(refused)}.")
    if not path.exists():
        return ok(f"None yet: a job makes {path}.")
    if not os.access(path, os.W_OK):
        return broken(f"Nothing that is found can be kept: {path} is no file that you may write.")
    connection, version = RESULTS_FILE.open_as_it_is(path)
    try:
        with RESULTS_FILE.sentences(path):
            return _whole(connection, path, version)
    finally:
        connection.close()


def _whole(connection: sqlite3.Connection, path: Path, version: int) -> Judged:
    if version == 0:
        return ok(f"{path} is empty.")
    format_ = f"format {version}"
    if version < RESULTS_FILE.version:
        format_ += f", which becomes {RESULTS_FILE.version} when it is next used"
    (kept,) = connection.execute("SELECT found FROM tallies WHERE job = ''").fetchone() or (0,)
    words = f"{path}, {format_}, {kept:,} kept"
    end = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return ok(f"{words}; it is too large to be checked in {CHECK_SECONDS:g} seconds.")
    if said != "ok":
        return broken(
            f"{path} is damaged: save what can be read (squarm results --json), then move it aside"
            f"{RESULTS_FILE.elsewhere}."
        )
    return ok(f"{words}.")


def folders() -> Judged:
    """Whether something can be written in the folders of data, settings, caches, and health."""
    kept = paths.data()
    all_ = dict.fromkeys((kept, paths.config(), paths.cache(), paths.runtime()))
    refused = {folder: why for folder in all_ if (why := _refusal(folder))}
    if not refused:
        return ok(f"What must not be lost is kept in {kept}, which can be written.")
    worst = kept in refused or any(why.errno == errno.EROFS for why in refused.values())
    names, why = " and ".join(map(str, refused)), next(iter(refused.values()))
    return (broken if worst else warning)(f"{names} cannot be written: {_way_out(why)}.")


def disk() -> Judged:
    """The room where squarm keeps what must not be lost."""
    folder = _existing(paths.data())
    return judge_room(shutil.disk_usage(folder).free, folder)


def judge_room(free: int, folder: Path) -> Judged:
    """What to say of so many free bytes."""
    words = f"{free / 1024**3:.1f} GiB are free at {folder}"
    if free < _LEAST:
        return broken(f"{words}: make room, or nothing that is found can be kept.")
    if free < _LITTLE:
        return warning(f"{words}: make room before it is full.")
    return ok(f"{words}.")


def slack(settings: Settings | None) -> Judged:
    """What is set up for Slack, which is not asked."""
    if settings is None:
        return ok("Not set up, nor need it be: squarm slack setup.")
    means = "a bot token" if settings.bot_token else "a webhook"
    return ok(f"Set up with {means}: squarm slack check asks Slack itself.")


def log() -> Judged:
    """Whether the log file can be written."""
    path = log_file.default_path()
    if why := log_file.refusal():
        return warning(f"{path} cannot be written ({why}): make it and its folder yours.")
    return ok(f"{path}; --debug puts all into it that there is to say.")


def _refusal(folder: Path) -> OSError | None:
    """Why nothing can be written in a folder, or where it would be made; None where it can."""
    place = folder
    try:
        place = _existing(folder)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"squarm doctor")
            file.flush()
            # A card that fails may take what stays in memory only.
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = str(place)
        return error
    return None


def _way_out(refused: OSError) -> str:
    place = refused.filename
    if refused.errno == errno.EROFS:
        return (
            f"the card or disk of {place} is read-only, as Linux makes one that fails: sudo dmesg "
            "says why; save what is on it, and start from another"
        )
    if refused.errno in _NOT_YOURS:
        return f"{place} is no folder that you may write to"
    return f"{place} takes nothing ({refused.strerror})"


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())
