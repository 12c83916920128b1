"""The file in which messages wait and requests are remembered: where it is, and its tables."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from base import paths
from base.database import FileFormat
from base.errors import ChatError

_TABLES = (
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

# Whether the bot answers where something was said is found out later, not when it is heard.
_ROUTES = (
    "UPDATE asks SET way = 'mention' WHERE way = 'elsewhere'",
    "ALTER TABLE asks ADD COLUMN files TEXT NOT NULL DEFAULT ''",
    # What was last told of a node, a copy or a run, so that it is told once.
    """CREATE TABLE alerts (
        subject TEXT PRIMARY KEY,
        state TEXT NOT NULL) WITHOUT ROWID""",
)

_HOMES = (
    # Who has the bot's Home tab open, and since when.
    """CREATE TABLE homes (
        user TEXT PRIMARY KEY,
        opened REAL NOT NULL) WITHOUT ROWID""",
)

OUTBOX_FILE = FileFormat(
    name="outbox",
    application=0x5351534C,
    changes=(_TABLES, _ROUTES, _HOMES),
    error=ChatError,
    made_by="the first message makes it",
    kept="what waits in it waits on",
)


def default_path() -> Path:
    """Where messages wait (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "slack.sqlite3"


@contextmanager
def draining(path: Path) -> Iterator[bool]:
    """Whether this process may send: one at a time does, the lock goes with its process."""
    name = path.with_name(path.name + ".lock")
    try:
        handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ChatError(f"{name} cannot be made: {error.strerror}.") from None
    try:
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
            return
        yield False
    finally:
        os.close(handle)
