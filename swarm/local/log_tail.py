"""Reading a unit's log files while workers write them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from solver.records import LINE_LIMIT

_CHUNK = 256 * 1024
_LONGEST = 4 * LINE_LIMIT
_BATCH = 1_000


class Tail:
    """A growing file's lines in order; begins anew where the file was cut or replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def more(self) -> list[str]:
        """The next whole lines, a chunk's worth; empty when there are no more for now."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset, self._rest = 0, b""
                file.seek(self._offset)
                data = file.read(_CHUNK)
        except FileNotFoundError:
            return []
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST:
            lines.append(self._rest)
            self._rest = b""
        return [line.decode("utf-8", "replace") for line in lines]

    def rest(self) -> list[str]:
        """What stands after the last whole line, where the log has ended."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []


@dataclass(frozen=True, slots=True)
class UnitTail:
    """One stream of one unit."""

    unit: int
    stderr: bool
    tail: Tail


def read_on(tails: Iterable[UnitTail]) -> list[tuple[UnitTail, str]]:
    """The next lines of several files, about `_BATCH` at most; empty when all are read."""
    lines: list[tuple[UnitTail, str]] = []
    for source in tails:
        lines += ((source, text) for text in source.tail.more())
        if len(lines) >= _BATCH:
            break
    return lines


def read_rest(tails: Iterable[UnitTail]) -> list[tuple[UnitTail, str]]:
    """Cut last lines, where the logs have ended."""
    return [(source, text) for source in tails for text in source.tail.rest()]
