"""Opening the results file: its schema, its version, and a sentence for each way it can fail."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from platformdirs import user_data_dir

from base.errors import StoreError

APPLICATION = 0x53515231
"""Written into the file's header, so that another program's database is not mistaken for ours."""

BUSY_SECONDS = 10.0
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_READ_ONLY = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_OTHER_FILE = "name another file with --results FILE"

_SCHEMA = (
    """CREATE TABLE results (
        id INTEGER PRIMARY KEY,
        content BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        squares TEXT NOT NULL,
        source TEXT NOT NULL,
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        node TEXT NOT NULL,
        found_at REAL NOT NULL)""",
    "CREATE INDEX results_by_order ON results (size, id)",
    """CREATE TABLE finds (
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        result INTEGER NOT NULL REFERENCES results (id),
        PRIMARY KEY (job, unit, seq)) WITHOUT ROWID""",
    "CREATE INDEX finds_by_result ON finds (job, result)",
    # Counts, so that showing them each second costs nothing; of all results under ''.
    "CREATE TABLE tallies (job TEXT PRIMARY KEY, found INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE units (
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        count INTEGER NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (job, unit)) WITHOUT ROWID""",
    """CREATE TABLE proofs (
        job TEXT NOT NULL,
        unit INTEGER NOT NULL,
        size INTEGER NOT NULL,
        exhausted TEXT NOT NULL,
        squares INTEGER NOT NULL,
        transversals INTEGER NOT NULL,
        found_at REAL NOT NULL,
        PRIMARY KEY (job, unit)) WITHOUT ROWID""",
)


_CHANGES = (
    # Each result's class (NULL: not yet looked for; empty: it could not be found), and the classes
    # that each job has found, all of them under '', with the first result of each. Their numbers
    # stand beside `tallies`, not in it: a squarm of before may still be writing there.
    (
        "ALTER TABLE results ADD COLUMN class BLOB",
        "CREATE INDEX results_without_class ON results (id) WHERE class IS NULL OR class = x''",
        """CREATE TABLE classes (
            job TEXT NOT NULL,
            class BLOB NOT NULL,
            result INTEGER NOT NULL REFERENCES results (id),
            PRIMARY KEY (job, class)) WITHOUT ROWID""",
        """CREATE TABLE class_tallies (
            job TEXT PRIMARY KEY,
            classes INTEGER NOT NULL) WITHOUT ROWID""",
    ),
    # Triples: how many pairs of symbols the third square makes with each of the others.
    (
        "ALTER TABLE results ADD COLUMN covered_one INTEGER",
        "ALTER TABLE results ADD COLUMN covered_other INTEGER",
        """CREATE INDEX results_by_covered ON results (covered_one + covered_other, id)
            WHERE covered_one IS NOT NULL""",
    ),
    # How far long units have come, so that one lost with its node is taken up there.
    (
        """CREATE TABLE checkpoints (
            job TEXT NOT NULL,
            unit INTEGER NOT NULL,
            checkpoint TEXT NOT NULL,
            PRIMARY KEY (job, unit)) WITHOUT ROWID""",
    ),
)
"""What each version of the file changed in the one before."""

VERSION = 1 + len(_CHANGES)


def default_path() -> Path:
    """Where results are kept unless the user names a file (`XDG_DATA_HOME` is honoured)."""
    return Path(user_data_dir("squarm")) / "results.sqlite3"


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection to a file of this version, made where there is none.

    Raises StoreError; a file that is not ours, or newer, is left as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"The folder of {path} cannot be made ({error.strerror}): {_OTHER_FILE}."
        ) from None
    with sentences(path):
        if path.exists():
            # Looked at first by a connection that cannot write: closing one that can may already
            # move what a newer squarm left in the write-ahead log.
            _open_to_look(path)[0].close()
        connection = _connect(path, "mode=rwc")
        try:
            version = _version(connection, path)
            if version == 0:
                _create(connection, path)
            elif version < VERSION:
                _bring_up_to_date(connection)
            # Every commit reaches the disk: a Pi loses power without warning, a job's log may be
            # removed as soon as its squares are kept, and there are at most a few commits a second.
            connection.execute("PRAGMA synchronous = FULL")
            # A file that may only be read is refused now, not at the first square: even a write
            # that writes nothing fails, where BEGIN IMMEDIATE would silently become a reader.
            connection.execute("UPDATE tallies SET found = found WHERE job IS NULL")
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot change anything; raises StoreError."""
    if not path.exists():
        raise StoreError(f"There is no results file {path} yet: a job makes it.")
    with sentences(path):
        connection, version = _open_to_look(path)
    if version == 0:
        connection.close()
        raise StoreError(f"{path} is empty: there are no results in it yet.")
    if version < VERSION:
        # A reader cannot bring it up to date; whoever collects can, and does when it begins.
        connection.close()
        try:
            open_for_writing(path).close()
        except StoreError:
            raise StoreError(
                f"{path} was written by an older squarm and cannot be written now: open it once "
                "where it may be written."
            ) from None
        with sentences(path):
            connection, _ = _open_to_look(path)
    return connection


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns what sqlite3 raises inside into a StoreError for the user."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(_sentence(error, path)) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _open_to_look(path: Path) -> tuple[sqlite3.Connection, int]:
    """A connection that only reads, and the file's version."""
    try:
        return _looked(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if _primary(error) not in _READ_ONLY or _log_of(path):
            raise
    # In a folder that may not be written, WAL's shared memory cannot be made; without a
    # write-ahead log the file alone is whole.
    return _looked(path, "mode=ro&immutable=1")


def _looked(path: Path, mode: str) -> tuple[sqlite3.Connection, int]:
    connection = _connect(path, mode)
    try:
        return connection, _version(connection, path)
    except BaseException:
        connection.close()
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The file's schema version, 0 for an empty file."""
    connection.execute("BEGIN")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    connection.execute("COMMIT")
    if application != APPLICATION and (application or version or tables):
        raise StoreError(
            f"{path} is another program's database; it has not been touched: {_OTHER_FILE}."
        )
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer squarm (format {version}, this one knows "
            f"{VERSION}); it has not been touched: update squarm, or {_OTHER_FILE}."
        )
    return int(version)


def _create(connection: sqlite3.Connection, path: Path) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Several processes that make the file at once: SQLite does not wait for this lock.
            if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not version:
            for statement in (*_SCHEMA, *chain.from_iterable(_CHANGES)):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    with suppress(OSError):
        path.chmod(0o600)


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """All or nothing; another process may have done it meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for statement in chain.from_iterable(_CHANGES[version - 1 :]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _log_of(path: Path) -> int:
    """Bytes in the file's write-ahead log."""
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def _primary(error: sqlite3.DatabaseError) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _sentence(error: sqlite3.DatabaseError, path: Path) -> str:
    code = _primary(error)
    if path.is_dir():
        return f"{path} is a folder, not a results file: {_OTHER_FILE}."
    if code in _DAMAGED:
        return (
            f"{path} is damaged, or is no results file; it has not been touched: "
            f"move it aside, or {_OTHER_FILE}."
        )
    if code in _FULL:
        return (
            f"{path} could not be written, its disk is full or failing: make room; "
            "nothing found is lost, it stays in the jobs' logs and is collected again."
        )
    if code in _READ_ONLY:
        return (
            f"{path} cannot be written or cannot be read: check the permissions of it and of "
            f"its folder, or {_OTHER_FILE}."
        )
    if code == sqlite3.SQLITE_BUSY:
        return f"{path} has been locked by another program for {BUSY_SECONDS:g} seconds."
    return f"{path} could not be used ({error}): move it aside, or {_OTHER_FILE}."
