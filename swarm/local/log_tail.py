"""Reading the log files of a job's units while workers write them."""

import os
from contextlib import suppress
from typing import NamedTuple

from solver.records import LINE_LIMIT
from swarm.local.job_folder import JobFolder, UnitFile, open_to_read, problem

_CHUNK = 256 * 1024
_BLOCK = 4096
"""Bytes that a bad sector spoils, as a rule: a page of the kernel's."""
_LONGEST = 4 * LINE_LIMIT
_BATCH = 1_000
_OFTEN, _SELDOM = 4, 32
"""Looks after which a file that does not grow is looked at again, at most: one that may go on, and
one that is not likely to."""


class UnitLine(NamedTuple):
    """A line that a unit wrote."""

    unit: int
    stderr: bool
    text: str
    generation: int = 0


class JobTails:
    """The growing files of a job's units, or of one `unit`.

    A file that cannot be read costs its own lines alone; that it cannot is said in their place.
    A look costs little however many units there are: the folder is listed where it has changed, and
    what has not grown for a while is looked at more rarely.

    `unread`: the logs of which something could not be read, and what in one sentence.
    """

    def __init__(self, folder: JobFolder, unit: int | None = None) -> None:
        self._folder = folder
        self._unit = unit
        self._tails: dict[UnitFile, _Tail] = {}
        self._looks = 0
        self._listed = 0
        self.unread: dict[UnitFile, str] = {}

    def read_on(self, *, all_files: bool = False) -> list[UnitLine]:
        """The next lines, about `_BATCH` at most; empty when all is read, for sure of `all_files`.

        Raises EngineError.
        """
        lines: list[UnitLine] = []
        unread = -1
        with problem(self._folder.path), suppress(FileNotFoundError):
            self._list()
            for file, tail in self._tails.items():
                if not (all_files or tail.due <= self._looks):
                    continue
                # A generation is read to its end before the next one of its unit.
                if not tail.is_behind(self._looks) or (file.unit == unread and not file.stderr):
                    continue
                lines += tail.more()
                self._note(file, tail)
                if not file.stderr and tail.is_behind(self._looks):
                    unread = file.unit
                if len(lines) >= _BATCH:
                    break
        return lines

    def read_rest(self) -> list[UnitLine]:
        """Cut last lines, where the logs have ended."""
        return [line for tail in self._tails.values() for line in tail.rest()]

    def _note(self, file: UnitFile, tail: "_Tail") -> None:
        if tail.unread and not file.stderr:
            self.unread[file] = tail.unread
        else:
            self.unread.pop(file, None)

    def _list(self) -> None:
        folder, changed = self._folder, self._folder.changed
        self._looks += 1
        # Now and then all the same: two changes within a tick of its clock have one time.
        if changed != self._listed or self._looks % _SELDOM == 0:
            files = folder.files() if self._unit is None else folder.files_of(self._unit)
            self._tails = {file: self._tails.get(file) or _Tail(file) for file in files}
            self._listed = changed


class _Tail:
    """A growing file's lines in order; begins anew where the file was cut or replaced.

    `due`: the number of the look for which it is next.
    """

    def __init__(self, file: UnitFile) -> None:
        self._file = file
        self._offset = 0
        self._inode = 0
        self._rest = b""
        self._wrong = ""
        self._passed = ""
        self._last = b""
        self._pause = 1
        self.due = 0

    @property
    def unread(self) -> str:
        """What of the file could not be read, and why; '' where all could."""
        return self._wrong or self._passed

    def is_behind(self, look: int) -> bool:
        """True where the file has not been read to its end; else it is due after some looks."""
        try:
            status = self._file.status()
        except OSError:
            return False
        if status.st_size != self._offset or status.st_ino != self._inode:
            self._pause = 1
            return True
        most = _SELDOM if self._file.stderr or b'"done"' in self._last else _OFTEN
        self._pause = min(2 * self._pause, most)
        self.due = look + self._pause
        return False

    def more(self) -> list[UnitLine]:
        """The next whole lines, a chunk's worth; what cannot be read is said once in its place."""
        try:
            data, passed = self._read()
        except OSError as error:
            before, self._wrong = (
                self._wrong,
                (f"{self._file.path} cannot be read ({_reason(error)}): make it readable."),
            )
            return [self._said()] if before != self._wrong else []
        self._wrong = ""
        lines = [*self.rest(), self._said()] if passed else []
        *whole, self._rest = (self._rest + data).split(b"\n")
        self._last = whole[-1] if whole else self._last
        if len(self._rest) > _LONGEST:
            whole.append(self._rest)
            self._rest = b""
        return lines + [self._line(line) for line in whole]

    def rest(self) -> list[UnitLine]:
        """What stands after the last whole line, where the log has ended."""
        rest, self._rest = self._rest, b""
        return [self._line(rest)] if rest else []

    def _line(self, line: bytes) -> UnitLine:
        file = self._file
        return UnitLine(file.unit, file.stderr, line.decode("utf-8", "replace"), file.generation)

    def _said(self) -> UnitLine:
        return UnitLine(self._file.unit, stderr=True, text=f"squarm: {self.unread}")

    def _read(self) -> tuple[bytes, bool]:
        """The next bytes, and whether something before them was passed over; raises OSError."""
        with open_to_read(self._file.path) as file:
            status = os.fstat(file.fileno())
            if status.st_size < self._offset or status.st_ino != self._inode:
                self._offset, self._inode, self._rest, self._passed = 0, status.st_ino, b"", ""
            begin, step, wrong = self._offset, _BLOCK, ""
            data: bytes | None = None
            while data is None:
                try:
                    data = _bytes_at(file.fileno(), begin)
                except OSError as error:
                    if begin >= status.st_size:
                        raise
                    wrong = _reason(error)
                    # More at a time where it goes on: each try takes a failing disk seconds.
                    begin = min(begin - begin % _BLOCK + step, status.st_size)
                    step *= 2
        if wrong:
            self._passed = (
                f"{self._file.path} cannot be read from byte {self._offset:,} to {begin:,} "
                f"({wrong}), but what follows can."
            )
        self._offset = begin + len(data)
        return data, bool(wrong)


def _bytes_at(file: int, offset: int) -> bytes:
    """The next bytes of an open file; raises OSError where not even the first can be read."""
    try:
        return os.pread(file, _CHUNK, offset)
    except OSError:
        # Some file systems then give nothing of what stands before a bad sector.
        return os.pread(file, _BLOCK - offset % _BLOCK, offset)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
