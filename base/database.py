"""SQLite files of ours: versions, and a sentence for each way in which one cannot be used."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from base.errors import SquarmError

_BUSY_SECONDS = 10.0
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_NOT_READ = frozenset(
    {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
        sqlite3.SQLITE_IOERR_DATA,
    }
)
_NOT_ALLOWED = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})

FileId = tuple[int, int]
"""Which file it is, whatever its name: its device and inode."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What one kind of file holds, and the words in which its failures are told.

    `application` stands in the file's header, so that another program's database is not mistaken
    for ours. `changes` are the statements that made each version out of the one before, the first
    out of nothing. `error` is raised; `kept` tells what a full disk does not cost, `elsewhere` how
    another file is named, if it can be.
    """

    name: str
    application: int
    changes: tuple[tuple[str, ...], ...]
    error: type[SquarmError]
    made_by: str
    kept: str
    elsewhere: str = ""

    @property
    def version(self) -> int:
        """The newest version, which is the one that is written."""
        return len(self.changes)

    def open_for_writing(self, path: Path) -> sqlite3.Connection:
        """A connection to a file of this version, made where there is none.

        Raises `error`; a file that is not ours, or newer, is left as it was.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self.error(
                f"The folder of {path} cannot be made ({error.strerror}): "
                f"make it yours{self.elsewhere}."
            ) from None
        with self.sentences(path):
            if path.exists():
                # Read first by a connection that cannot write: closing one that can may already
                # move what a newer squarm left in the write-ahead log.
                self.open_as_it_is(path)[0].close()
            _make_private(path)
            connection = _connect(path, "mode=rwc")
            try:
                self._prepare(connection, path)
            except BaseException:
                connection.close()
                raise
        return connection

    def open_for_reading(self, path: Path) -> sqlite3.Connection:
        """A connection that cannot change anything; raises `error`."""
        if not path.exists():
            raise self.error(f"There is no {self.name} {path} yet: {self.made_by}.")
        connection, version = self.open_as_it_is(path)
        if version == self.version:
            return connection
        connection.close()
        if version == 0:
            raise self.error(f"{path} is empty: there is nothing in it yet.")
        # A reader cannot bring it up to date; whoever collects can, and does when it begins.
        try:
            self.open_for_writing(path).close()
        except self.error as error:
            cause = error.__cause__
            if not isinstance(cause, sqlite3.DatabaseError) or _primary(cause) not in _NOT_ALLOWED:
                raise
            raise self.error(
                f"{path} was written by an older squarm and cannot be written now: open it once "
                "where it may be written."
            ) from None
        return self.open_as_it_is(path)[0]

    def open_as_it_is(self, path: Path) -> tuple[sqlite3.Connection, int]:
        """A connection that cannot change anything, and the file's version; 0: it is empty.

        Raises `error`.
        """
        with self.sentences(path):
            try:
                return self._open_to_read(path, "mode=ro")
            except sqlite3.OperationalError as error:
                if _primary(error) not in _NOT_ALLOWED or _size_of_log(path):
                    raise
            # In a folder that may not be written, WAL's shared memory cannot be made; without a
            # write-ahead log the file alone is whole.
            return self._open_to_read(path, "mode=ro&immutable=1")

    def differences(self, database: sqlite3.Connection) -> list[str]:
        """The tables, indexes, triggers and views that are not as a file of its version has them.

        Raises sqlite3.DatabaseError.
        """
        (version,) = database.execute("PRAGMA user_version").fetchone()
        with closing(sqlite3.connect(":memory:")) as ours:
            for statement in chain.from_iterable(self.changes[:version]):
                ours.execute(statement)
            return sorted({name for name, *_ in _schema(ours) ^ _schema(database)})

    @contextmanager
    def sentences(self, path: Path, opened: FileId | None = None) -> Iterator[None]:
        """Turns what sqlite3 raises inside into an `error` for the user.

        Also raised where `path` does not lead to the file `opened` any more: SQLite would go on
        with one that is gone with the program.
        """
        if opened is not None and file_id(path) != opened:
            raise self.error(
                f"{path} was moved away or deleted while it was in use: put it back, or start "
                "squarm anew."
            )
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self.error(self._sentence(error, path)) from error

    def _open_to_read(self, path: Path, mode: str) -> tuple[sqlite3.Connection, int]:
        connection = _connect(path, mode)
        try:
            return connection, self._version_of(connection, path)
        except BaseException:
            connection.close()
            raise

    def _version_of(self, connection: sqlite3.Connection, path: Path) -> int:
        connection.execute("BEGIN")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        connection.execute("COMMIT")
        if application != self.application and (application or version or tables):
            raise self.error(
                f"{path} is another program's database; it has not been touched: "
                f"move it aside{self.elsewhere}."
            )
        if version > self.version:
            raise self.error(
                f"{path} was written by a newer squarm (format {version}, this one knows "
                f"{self.version}); it has not been touched: update squarm{self.elsewhere}."
            )
        return int(version)

    def _prepare(self, connection: sqlite3.Connection, path: Path) -> None:
        version = self._version_of(connection, path)
        if version == 0:
            _use_write_ahead_log(connection)
        # Every commit reaches the disk: a Pi loses power without warning, a job's log may be
        # removed as soon as its squares are kept, and there are at most a few commits a second.
        connection.execute("PRAGMA synchronous = FULL")
        if version < self.version:
            try:
                self._bring_up_to_date(connection)
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_BUSY:
                    raise
                raise self.error(
                    f"{path} is from an older squarm, and another program has held it for "
                    f"{_BUSY_SECONDS:g} seconds, perhaps a squarm that brings it up to date, which "
                    "takes a while where it is big: try again in a minute."
                ) from None
        else:
            _refuse_what_is_read_only(connection, version)

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """All or nothing; another process may have done it meanwhile."""
        with transaction(connection):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version >= self.version:
                return
            for statement in chain.from_iterable(self.changes[version:]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self.application}")
            connection.execute(f"PRAGMA user_version = {self.version}")

    def _sentence(self, error: sqlite3.DatabaseError, path: Path) -> str:
        code = _primary(error)
        if _is_no_file(path):
            kind = "a folder" if path.is_dir() else "a pipe or a device"
            return f"{path} is {kind} and no {self.name}: move it aside{self.elsewhere}."
        if code in _DAMAGED:
            return (
                f"{path} is damaged, or is no {self.name}; it has not been touched: "
                f"move it aside{self.elsewhere}."
            )
        if cannot_be_read(error):
            return (
                f"{path} cannot be read, its disk is failing: save to another disk what can be read"
                f"{self.elsewhere}."
            )
        if cannot_be_written(error):
            return (
                f"{path} could not be written, its disk is full or failing: make room; {self.kept}."
            )
        if code in _NOT_ALLOWED:
            return (
                f"{path} cannot be written or cannot be read: check the permissions of it and of "
                f"its folder{self.elsewhere}."
            )
        if code == sqlite3.SQLITE_BUSY:
            return f"{path} has been locked by another program for {_BUSY_SECONDS:g} seconds."
        return f"{path} could not be used ({error}): move it aside{self.elsewhere}."


def cannot_be_read(error: sqlite3.DatabaseError) -> bool:
    """Whether it is the disk, where it was read, that failed."""
    return getattr(error, "sqlite_errorcode", 0) in _NOT_READ


def cannot_be_written(error: sqlite3.DatabaseError) -> bool:
    """Whether it is the disk, where it was written, that is full or failed."""
    return _primary(error) in _FULL and not cannot_be_read(error)


def held_by_another(error: sqlite3.DatabaseError) -> bool:
    """Whether another program's lock was in the way."""
    return _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def led_to(path: Path) -> Path:
    """The file that a link leads to: beside that SQLite has its own; the path where it is none."""
    # Path.resolve fails at a link that leads to itself.
    return Path(os.path.realpath(path))


def file_id(path: Path) -> FileId | None:
    """Which file a path leads to; None where there is none."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and on the disk when it ends."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        # A full disk makes SQLite itself roll back.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if _is_no_file(path):
        # Opening a pipe waits for its other end, for ever.
        raise sqlite3.DatabaseError(path)
    connection = sqlite3.connect(
        # As bytes: a file's name need not be text.
        f"file:{quote(os.fsencode(path.absolute()))}?{mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _is_no_file(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _schema(database: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Name, kind and statement of all that was made; SQLite's own statistics are nobody's."""
    made = database.execute(
        "SELECT name, type, tbl_name, sql FROM sqlite_schema"
        " WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    return {(str(name), f"{kind} {of}", " ".join(str(sql).split())) for name, kind, of, sql in made}


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Several processes that make the file at once: SQLite does not wait for this lock.
            if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _refuse_what_is_read_only(connection: sqlite3.Connection, version: int) -> None:
    """A file that may only be read is refused now, not at the first square.

    It takes a write: for such a file BEGIN IMMEDIATE alone silently becomes a reader.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"PRAGMA user_version = {version}")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _make_private(path: Path) -> None:
    """Made, where it is not there, and kept so that others cannot read it.

    SQLite gives the files beside it, or beside what a link leads to, the same mode. A file that
    its group may write is shared by somebody's will, and stays so.
    """
    # Never a file that is there: closing it would end every lock that this process, by a connection
    # of its own, holds on it (sqlite.org/howtocorrupt.html, 2.2).
    path = led_to(path)
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for file in (path, *(Path(f"{path}-{kind}") for kind in ("wal", "shm"))):
        with suppress(OSError):
            mode = file.stat().st_mode & 0o777
            if mode & 0o077 and not mode & 0o020:
                file.chmod(mode & 0o700)


def _size_of_log(path: Path) -> int:
    """Bytes in the file's write-ahead log."""
    log = Path(f"{led_to(path)}-wal")
    return log.stat().st_size if log.exists() else 0


def _primary(error: sqlite3.DatabaseError) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
