"""The file in which messages wait and requests are remembered: its schema and its opening."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from platformdirs import user_data_dir

from base.errors import ChatError

VERSION = 1
APPLICATION = 0x5351534C
BUSY_SECONDS = 10.0

_SCHEMA = (
    """CREATE TABLE items (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel TEXT NOT NULL,
        thread TEXT NOT NULL,
        parent INTEGER,
        edits INTEGER,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        png BLOB NOT NULL,
        digest TEXT NOT NULL,
        folded INTEGER NOT NULL,
        state TEXT NOT NULL,
        made REAL NOT NULL,
        tried REAL NOT NULL,
        attempts INTEGER NOT NULL,
        due REAL NOT NULL,
        error TEXT NOT NULL,
        mark TEXT NOT NULL,
        picture TEXT NOT NULL,
        place TEXT NOT NULL,
        stamp TEXT NOT NULL)""",
    "CREATE INDEX items_by_state ON items (state, channel, id)",
    "CREATE INDEX items_by_parent ON items (parent)",
    # What was put already, so that putting it again after a crash does nothing.
    """CREATE TABLE keys (
        key TEXT PRIMARY KEY,
        item INTEGER NOT NULL,
        made REAL NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE asks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL UNIQUE,
        user TEXT NOT NULL,
        channel TEXT NOT NULL,
        thread TEXT NOT NULL,
        way TEXT NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        made REAL NOT NULL,
        spec TEXT NOT NULL,
        job TEXT NOT NULL,
        head INTEGER NOT NULL)""",
    "CREATE INDEX asks_by_state ON asks (state, id)",
    "CREATE INDEX asks_by_job ON asks (job)",
)


def default_path() -> Path:
    """Where messages wait (`XDG_DATA_HOME` is honoured)."""
    return Path(user_data_dir("squarm")) / "slack.sqlite3"


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file of this version, made where there is none; raises ChatError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ChatError(f"The folder of {path} cannot be made: {error.strerror}.") from None
    with sentences(path):
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns what sqlite3 raises inside into a ChatError for the user."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            why = "it is damaged, or is no outbox; it has not been touched: move it aside"
        elif code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            why = "its disk is full or failing: make room"
        elif code == sqlite3.SQLITE_BUSY:
            why = f"another program has locked it for {BUSY_SECONDS:g} seconds"
        else:
            why = f"{error}: check the permissions of it and of its folder"
        raise ChatError(f"{path} cannot be used, {why}.") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and on the disk when it ends."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION and (application or tables):
        raise ChatError(f"{path} is another program's database; it has not been touched.")
    if version > VERSION:
        raise ChatError(f"{path} was written by a newer squarm: update this one.")
    if not version:
        _create(connection, path)
    # Every commit reaches the disk: a Pi loses power without warning.
    connection.execute("PRAGMA synchronous = FULL")


def _create(connection: sqlite3.Connection, path: Path) -> None:
    with suppress(OSError):
        path.chmod(0o600)
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Several processes that make the file at once: SQLite does not wait for this lock.
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not version:
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
