"""What was typed at the prompt before: on any screen, and in earlier starts of the console."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from base import regular_file, safe_file
from base.text import clean_text

PromptKind = Literal["filter", "command"]
KEPT = 100
"""Lines of each kind."""
_SIGNS: Mapping[str, PromptKind] = {":": "command", "/": "filter"}
_LONGEST = 1_000
_LARGEST = 1_000_000
"""Bytes of a file that is read."""


class PromptHistory:
    """The newest lines last. A file holds them, a line each behind the prompt's sign."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[PromptKind, list[str]] = {"command": [], "filter": []}
        self._new: list[str] = []

    def of(self, kind: PromptKind) -> list[str]:
        """What was typed, no line twice in a row."""
        return self._lines[kind]

    def add(self, kind: PromptKind, text: str) -> None:
        """Something was typed."""
        text = clean_text(text.strip(), _LONGEST)
        if text and self.of(kind)[-1:] != [text]:
            self._lines[kind] = [*self.of(kind), text][-KEPT:]
            self._new.append(next(s for s, named in _SIGNS.items() if named == kind) + text)

    def load(self) -> None:
        """Read the file; one that cannot be read is as none."""
        typed = self._lines
        self._lines = {"command": [], "filter": []}
        for line in self._read():
            if (kind := _SIGNS.get(line[:1])) and line[1:]:
                self._lines[kind] = [*self.of(kind), clean_text(line[1:], _LONGEST)][-KEPT:]
        for kind, lines in typed.items():
            self._lines[kind] = [*self.of(kind), *lines][-KEPT:]

    def save(self) -> None:
        """Put what is new behind what is there, which another console may have written to."""
        if not self._new:
            return
        with suppress(OSError), safe_file.locked(self._path):
            lines = [*self._read(), *self._new][-2 * KEPT :]
            safe_file.replace(self._path, "".join(f"{line}\n" for line in lines))
            self._new = []

    def _read(self) -> list[str]:
        try:
            data = regular_file.read_bytes(self._path, _LARGEST)
        except OSError:
            return []
        return data.decode(errors="replace").splitlines()
