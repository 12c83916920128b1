"""Reading the log files of a job's units while workers write them."""

import os
from contextlib import suppress
from typing import NamedTuple

from solver.records import LINE_LIMIT
from swarm.local.job_folder import JobFolder, UnitFile, open_to_read, problem

_CHUNK = 256 * 1024
_LONGEST = 4 * LINE_LIMIT
_BATCH = 1_000


class UnitLine(NamedTuple):
    """A line that a unit wrote."""

    unit: int
    stderr: bool
    text: str
    generation: int = 0


class JobTails:
    """The growing files of a job's units, or of one `unit`.

    A file that cannot be read costs its own lines alone; that it cannot is said in their place.
    """

    def __init__(self, folder: JobFolder, unit: int | None = None) -> None:
        self._folder = folder
        self._unit = unit
        self._tails: dict[str, _Tail] = {}

    def read_on(self) -> list[UnitLine]:
        """The next lines, about `_BATCH` at most; empty when all is read. Raises EngineError."""
        lines: list[UnitLine] = []
        folder, only, unread = self._folder, self._unit, -1
        with problem(folder.path), suppress(FileNotFoundError):
            for file in folder.files() if only is None else folder.files_of(only):
                tail = self._tails.setdefault(file.path, _Tail(file))
                # A generation is read to its end before the next one of its unit.
                if tail.is_behind(file.status) and (file.stderr or file.unit != unread):
                    said, texts = tail.more()
                    lines += (tail.line(text, said=said) for text in texts)
                    if not file.stderr and tail.is_behind(file.status):
                        unread = file.unit
                if len(lines) >= _BATCH:
                    break
        return lines

    def read_rest(self) -> list[UnitLine]:
        """Cut last lines, where the logs have ended."""
        return [tail.line(text) for tail in self._tails.values() for text in tail.rest()]


class _Tail:
    """A growing file's lines in order; begins anew where the file was cut or replaced."""

    def __init__(self, file: UnitFile) -> None:
        self._file = file
        self._offset = 0
        self._inode = 0
        self._rest = b""
        self._wrong = ""

    def line(self, text: str, *, said: bool = False) -> UnitLine:
        """A line of the file, or what is `said` of the file."""
        file = self._file
        return UnitLine(file.unit, file.stderr or said, text, file.generation)

    def is_behind(self, status: os.stat_result) -> bool:
        """True where the file as it is now has not been read to its end."""
        return status.st_size != self._offset or status.st_ino != self._inode

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
