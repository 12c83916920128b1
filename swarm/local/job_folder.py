"""A local job as a folder of files, so that every process on this machine sees it.

    <data>/jobs/<job>/spec.json     what was asked for, and when
                      lock          held (flock) by the process whose workers run the job
                      solver        the solver's versions whose workers ran units, in turn
                      unit-<n>.log  JSON Lines, each attempt appended as its worker wrote it
                      unit-<n>.<g>.log  the same, of version number g (from 0) above
                      unit-<n>.err  what its workers wrote to standard error
                      cancelled     there once somebody cancelled the job
                      failed        the unit that could not be done, and why

A version of the solver need not give the squares of another: what its attempts at a unit wrote is a
generation of its own. A unit is done where its last generation is.

A folder whose lock is free and whose units are not all done belongs to a killed or closed process.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from base.errors import EngineError
from base.processes import lacking
from base.safe_file import replace
from base.text import clean_text
from solver.record_reader import BadRecord, decode
from solver.records import LINE_LIMIT, DoneRecord, ProgressRecord
from swarm.job import JobSpec

UNIT_FILE = re.compile(r"unit-(0|[1-9]\d{0,5})(?:\.([1-9]\d{0,2}))?\.(log|err)")
_UNKNOWN = "unknown"
_NEARLY_FULL = 1024 * 1024


class UnitFile(NamedTuple):
    """A file that a unit's workers write."""

    unit: int
    generation: int
    stderr: bool
    path: str

    def status(self) -> os.stat_result:
        """How it is now; raises OSError."""
        # Hundreds a second: to make a Path of each takes longer than to look.
        return os.stat(self.path)  # noqa: PTH116


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

    def log(self, unit: int, generation: int = 0) -> Path:
        """Where the records are that a generation of attempts at a unit gave."""
        number = f"{unit}.{generation}" if generation else f"{unit}"
        return self.path / f"unit-{number}.log"

    def errors(self, unit: int) -> Path:
        """Where a unit's standard error is."""
        return self.path / f"unit-{unit}.err"

    @property
    def version(self) -> tuple[int, int] | None:
        """Changes (nanoseconds) when a file comes or goes, or a process takes the job.

        While nobody holds the job nothing in the folder changes without it. None where unknown.
        """
        with suppress(OSError):
            return self.changed, (self.path / "lock").stat().st_mtime_ns
        return None

    @property
    def versions(self) -> list[str]:
        """The solver's versions that have run units, in turn; raises OSError."""
        with suppress(FileNotFoundError):
            return (self.path / "solver").read_text("utf-8", "replace").split()
        # Of a job from before versions were noted, or a new one.
        return [_UNKNOWN] if self.files() else []

    def take_over(self, version: str) -> int:
        """The generation of what this version of the solver gives from now on; raises OSError."""
        versions = self.versions
        if versions[-1:] != [version]:
            versions.append(version)
            replace(self.path / "solver", "".join(f"{each}\n" for each in versions))
        return len(versions) - 1

    def files(self, *, errors: bool = True) -> list[UnitFile]:
        """The units' files there are, in their order; found by one reading of the folder.

        `errors`: those of standard error, too. Raises OSError.
        """
        found: list[UnitFile] = []
        most = self.spec.units
        with os.scandir(self.path) as entries:
            for entry in entries:
                match = UNIT_FILE.fullmatch(entry.name)
                if match is None or (unit := int(match[1])) >= most:
                    continue
                generation, stderr = int(match[2] or 0), match[3] == "err"
                if errors or not stderr:
                    found.append(UnitFile(unit, generation, stderr, entry.path))
        return sorted(found)

    def files_of(self, unit: int) -> list[UnitFile]:
        """The same of one unit."""
        logs = ((number, self.log(unit, number)) for number in range(len(self.versions)))
        found = [UnitFile(unit, number, stderr=False, path=str(path)) for number, path in logs]
        return [*found, UnitFile(unit, 0, stderr=True, path=str(self.errors(unit)))]

    def logs(self) -> dict[int, UnitFile]:
        """Each begun unit's log of the last generation; raises OSError."""
        return {file.unit: file for file in self.files(errors=False)}

    @property
    def changed(self) -> int:
        """When a file came or went last, in nanoseconds; raises OSError."""
        return self.path.stat().st_mtime_ns

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

    def checkpoint(self, unit: int, generation: int) -> str:
        """The last checkpoint in the unit's log: all that it gave before stands there, too.

        '' where there is none, or the log cannot be read whole.
        """
        try:
            written = self.log(unit, generation).read_bytes()
        except OSError:
            return ""
        for line in reversed(written.split(b"\n")):
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

    def open_log(self, unit: int, generation: int) -> BinaryIO:
        """The log to append an attempt to; a line that a killed worker left cut is closed."""
        log = self.log(unit, generation)
        file = open_to_append(log)
        try:
            if (tail := _tail(log)) and not tail.endswith(b"\n"):
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
                file = open_to_append(self.path / "lock")
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


def has_ended(log: str | Path, unit: int) -> bool:
    """True where a unit's log ends with its `done` record; raises OSError."""
    lines = _tail(log).split(b"\n")
    if len(lines) < 2 or lines[-1]:
        return False
    try:
        record = decode(lines[-2].decode("utf-8", "replace"))
    except BadRecord:
        return False
    return isinstance(record, DoneRecord) and record.unit == unit


class Lock:
    """A job's lock, held until released or the process ends, however it ends.

    A process that is started with its descriptor holds it, too (flock(2): it belongs to the open
    file description).
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    @property
    def descriptor(self) -> int:
        """The number of its open file."""
        return self._file.fileno()

    def shared(self) -> "Lock":
        """Another hold on it: it is free when both are released."""
        return Lock(os.fdopen(os.dup(self._file.fileno()), "ab"))

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
        if why := lacking(error):
            raise EngineError(f"{why[0].upper()}{why[1:]}.") from error
        # What was only read or written has no name of its own: then it is below the path.
        where = clean_text(str(error.filename or path), 500)
        raise EngineError(f"{where} cannot be used: {error.strerror}.") from error


def disk_full(path: Path) -> bool:
    """True where so little room is left that a worker's writing fails."""
    with suppress(OSError):
        return shutil.disk_usage(path).free < _NEARLY_FULL
    return False


def _at_once(name: str, flags: int) -> int:
    """Opens a file, and nothing in its place: a pipe is waited for, a device has no end."""
    number = os.open(name, flags | os.O_NONBLOCK, 0o666)
    kind = os.fstat(number).st_mode
    if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
        return number
    os.close(number)
    raise OSError(errno.EINVAL, "Not a regular file", name)


def open_to_read(path: str | Path) -> BinaryIO:
    """A file; raises OSError for whatever else is there."""
    return open(path, "rb", opener=_at_once)


def open_to_append(path: Path) -> BinaryIO:
    """A file, made where there is none; raises OSError for whatever else is there."""
    return open(path, "ab", buffering=0, opener=_at_once)


def _tail(path: str | Path) -> bytes:
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
        with open_to_read(lock) as file:
            return not _locks(file, fcntl.LOCK_SH)
    except OSError:
        return False


def _locks(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
