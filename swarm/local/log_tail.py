"""Reading the log files of a job's units while workers write them."""

import os
from contextlib import suppress
from typing import NamedTuple

from solver.records import LINE_LIMIT
from swarm.local.job_folder import JobFolder, UnitFile, open_to_read, problem

_CHUNK = 256 * 1024
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
    """

    def __init__(self, folder: JobFolder, unit: int | None = None) -> None:
        self._folder = folder
        self._unit = unit
        self._tails: dict[UnitFile, _Tail] = {}
        self._looks = 0
        self._listed = 0

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
                said, texts = tail.more()
                lines += (tail.line(text, said=said) for text in texts)
                if not file.stderr and tail.is_behind(self._looks):
                    unread = file.unit
                if len(lines) >= _BATCH:
                    break
        return lines

    def read_rest(self) -> list[UnitLine]:
        """Cut last lines, where the logs have ended."""
        return [tail.line(text) for tail in self._tails.values() for text in tail.rest()]

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
        self._last = b""
        self._pause = 1
        self.due = 0

    def line(self, text: str, *, said: bool = False) -> UnitLine:
        """A line of the file, or what is `said` of the file."""
        file = self._file
        return UnitLine(file.unit, file.stderr or said, text, file.generation)

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

    def more(self) -> tuple[bool, list[str]]:
        """The next whole lines, a chunk's worth.

        True, and the reason, where it could not be read; the same reason is given once.
        """
        try:
            data = self._read()
        except OSError as error:
            before, self._wrong = self._wrong, error.strerror or type(error).__name__
            said = f"squarm: {self._file.path} cannot be read ({self._wrong}): make it readable."
            return True, [said] if before != self._wrong else []
        self._wrong = ""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._last = lines[-1] if lines else self._last
        if len(self._rest) > _LONGEST:
            lines.append(self._rest)
            self._rest = b""
        return False, [line.decode("utf-8", "replace") for line in lines]

    def rest(self) -> list[str]:
        """What stands after the last whole line, where the log has ended."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []

    def _read(self) -> bytes:
        with open_to_read(self._file.path) as file:
            status = os.fstat(file.fileno())
            if status.st_size < self._offset or status.st_ino != self._inode:
                self._offset, self._inode, self._rest = 0, status.st_ino, b""
            file.seek(self._offset)
            data = file.read(_CHUNK)
        self._offset += len(data)
        return data
