"""A local job as a folder of files, so that every process on this machine sees it.

    <data>/jobs/<job>/spec.json     what was asked for, and when
                      lock          held (flock) by the process whose workers run the job
                      unit-<n>.log  JSON Lines, each attempt appended as its worker wrote it
                      unit-<n>.err  what its workers wrote to standard error
                      cancelled     there once somebody cancelled the job
                      failed        the unit that could not be done, and why

A folder whose lock is free and whose units are not all done belongs to a killed or closed process.
"""

import errno
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from base.errors import EngineError
from base.text import clean_text
from solver.records import LINE_LIMIT, BadRecord, DoneRecord, ProgressRecord, decode
from swarm.job import JobSpec

UNIT_FILE = re.compile(r"unit-(0|[1-9]\d{0,5})\.(log|err)")
_NEARLY_FULL = 1024 * 1024


UnitFile = tuple[int, bool, os.stat_result]
"""A file that a unit's workers write: the unit, whether it is their standard error, its status."""


@dataclass(frozen=True, slots=True)
class JobFolder:
    """One job's folder; `created` in seconds since the epoch."""

    path: Path
    spec: JobSpec
    created: float

    @property
    def job(self) -> str:
        """The job's id."""
        return self.path.name

    def log(self, unit: int) -> Path:
        """Where a unit's records are."""
        return self.path / f"unit-{unit}.log"

    def errors(self, unit: int) -> Path:
        """Where a unit's standard error is."""
        return self.path / f"unit-{unit}.err"

    @property
    def version(self) -> tuple[int, int] | None:
        """Changes (nanoseconds) when a file comes or goes, or a process takes the job.

        While nobody holds the job nothing in the folder changes without it. None where unknown.
        """
        with suppress(OSError):
            return self.path.stat().st_mtime_ns, (self.path / "lock").stat().st_mtime_ns
        return None

    def files(self, *, errors: bool = True) -> list[UnitFile]:
        """The units' files there are, in their order; found by one reading of the folder.

        Raises OSError.
        """
        found: list[UnitFile] = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                match = UNIT_FILE.fullmatch(entry.name)
                if match is None or (match[2] == "err" and not errors):
                    continue
                if (unit := int(match[1])) < self.spec.units:
                    with suppress(OSError):
                        found.append((unit, match[2] == "err", entry.stat()))
        return sorted(found, key=itemgetter(0, 1))

    def files_of(self, unit: int) -> list[UnitFile]:
        """The same of one unit."""
        found: list[UnitFile] = []
        for stderr, path in ((False, self.log(unit)), (True, self.errors(unit))):
            with suppress(FileNotFoundError):
                found.append((unit, stderr, path.stat()))
        return found

    @property
    def cancelled(self) -> Path:
        """The mark that the job is to stop."""
        return self.path / "cancelled"

    @property
    def is_cancelled(self) -> bool:
        """Whether the mark is there, as far as that can be seen."""
        with suppress(OSError):
            return self.cancelled.exists()
        return False

    @property
    def failed(self) -> Path:
        """Where it is written why the job cannot go on."""
        return self.path / "failed"

    @property
    def failure(self) -> tuple[int, str] | None:
        """The unit that could not be done, and why; None where the job has not failed."""
        with suppress(OSError, ValueError):
            text = self.failed.read_bytes()[:1000].decode("utf-8", "replace")
            unit, _, why = text.partition(" ")
            return int(unit), why.strip()
        return None

    def fail(self, unit: int, why: str) -> None:
        """Leave word that the job cannot go on; on a full disk there is no room even for that."""
        with suppress(OSError):
            self.failed.write_text(f"{unit} {clean_text(why, 500)}", encoding="utf-8")

    def ended(self, unit: int) -> bool:
        """True where the unit's log ends with its `done` record; raises OSError."""
        lines = _tail(self.log(unit)).split(b"\n")
        if len(lines) < 2 or lines[-1]:
            return False
        try:
            record = decode(lines[-2].decode("utf-8", "replace"))
        except BadRecord:
            return False
        return isinstance(record, DoneRecord) and record.unit == unit

    def checkpoint(self, unit: int) -> str:
        """The last checkpoint in the unit's log: all that it gave before stands there, too."""
        if not self.log(unit).exists():
            return ""
        for line in reversed(self.log(unit).read_bytes().split(b"\n")):
            if b'"checkpoint"' in line:
                with suppress(BadRecord):
                    record = decode(line.decode("utf-8", "replace"))
                    if isinstance(record, ProgressRecord) and record.checkpoint:
                        return str(record.checkpoint)
        return ""

    def last_error(self, unit: int) -> str:
        """The last line the unit's workers wrote to standard error, as they wrote it."""
        lines = _tail(self.errors(unit)).decode("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def open_log(self, unit: int) -> BinaryIO:
        """The log to append an attempt to; a line that a killed worker left cut is closed."""
        file = self.log(unit).open("ab", buffering=0)
        tail = _tail(self.log(unit))
        if tail and not tail.endswith(b"\n"):
            try:
                file.write(b"\n")
            except BaseException:
                file.close()
                raise
        return file

    def take(self) -> "Lock | None":
        """The job's lock; None where another process holds it."""
        # Whoever looks whether the lock is held takes it, shared, for a moment: try for longer.
        for attempt in range(20):
            with problem(self.path):
                file = (self.path / "lock").open("ab")
            if _locks(file, fcntl.LOCK_EX):
                with problem(self.path):
                    os.utime(file.fileno())
                return Lock(file)
            file.close()
            time.sleep(0.005 * (attempt > 0))
        return None

    def held(self) -> bool:
        """True while a process runs the job's units."""
        return is_locked(self.path / "lock")

    def remove(self) -> None:
        """Delete the folder; no other process sees it half deleted."""
        with problem(self.path):
            gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=self.path.parent))
            self.path.rename(gone / self.path.name)
            shutil.rmtree(gone)


class Lock:
    """A job's lock, held until released or the process ends, however it ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def release(self) -> None:
        """Let go."""
        self._file.close()


@contextmanager
def problem(path: Path) -> Iterator[None]:
    """Turns an OSError inside into a sentence for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EngineError(f"The disk that holds {path} is full: make room.") from error
        # What was only read or written has no name of its own: then it is below the path.
        where = clean_text(str(error.filename or path), 500)
        raise EngineError(f"{where} cannot be used: {error.strerror}.") from error


def disk_full(path: Path) -> bool:
    """True where so little room is left that a worker's writing fails."""
    with suppress(OSError):
        return shutil.disk_usage(path).free < _NEARLY_FULL
    return False


def open_to_read(path: Path) -> BinaryIO:
    """A file, and never a pipe that nobody writes to: opening that would wait for ever."""
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def _tail(path: Path) -> bytes:
    """A file's last bytes, enough for a whole line; b'' where there is no such file."""
    try:
        with open_to_read(path) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LINE_LIMIT))
            return file.read(LINE_LIMIT)
    except FileNotFoundError:
        return b""


def is_locked(lock: Path) -> bool:
    """True while a process holds the lock of this file."""
    try:
        with lock.open("rb") as file:
            return not _locks(file, fcntl.LOCK_SH)
    except OSError:
        return False


def _locks(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
