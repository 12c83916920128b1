"""The audit log: who changed what, when, and what came of it. JSON lines, appended durably.

Nothing secret belongs in it: what is written is named field by field, and passwords have no field.
"""

import fcntl
import getpass
import json
import os
import platform
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from base import paths, regular_file
from base.errors import MALFORMED, AuditError
from base.text import clean_text
from base.times import bounded_time

_TEXT_LIMIT = 600
_LINE_LIMIT = 8192


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change: `at` in seconds since the epoch, `what` was done to `target`, and its `result`.

    `result` is `begun`, `done`, `failed`, `cancelled`, or `ended` for what only passes; `said`: the
    reason or the details.
    """

    at: float
    who: str
    host: str
    what: str
    target: str
    result: str
    said: str = ""


def default_path() -> Path:
    """Where it is kept (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "audit.jsonl"


def whoever() -> str:
    """The person at the keyboard, also behind sudo."""
    try:
        me = getpass.getuser()
    except (KeyError, OSError):
        me = f"uid {os.getuid()}"
    behind = os.environ.get("SUDO_USER", "")
    return clean_text(f"{behind} (sudo)" if behind and me == "root" else me, 64)


class Audit:
    """The log in a file. Several squarms may write at one time."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()

    def note(self, what: str, target: str, result: str, said: str = "", *, who: str = "") -> None:
        """Append an entry, on the disk when this returns; raises AuditError."""
        self._write(_new_entry(what, target, result, said, who), once=False)

    def note_once(
        self, what: str, target: str, result: str, said: str = "", *, who: str = ""
    ) -> AuditEntry | None:
        """Append an entry and give it; None where the last of this `what` and `target` has it.

        Of several squarms that note the same at one time one does. Raises AuditError.
        """
        entry = _new_entry(what, target, result, said, who)
        return entry if self._write(entry, once=True) else None

    def read(self, limit: int) -> tuple[AuditEntry, ...]:
        """The last entries, oldest first; what is no entry is left out. Raises AuditError."""
        try:
            with regular_file.opened(self.path) as file:
                last = deque((line for line in file if line.strip()), maxlen=limit)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise AuditError(
                f"The audit log {self.path} cannot be read ({error.strerror}): make it yours."
            ) from None
        return tuple(entry for entry in map(_entry, last) if entry is not None)

    def _write(self, entry: AuditEntry, *, once: bool) -> bool:
        line = json.dumps(asdict(entry), separators=(",", ":"), ensure_ascii=False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self._append(line.encode(), entry if once else None)
        except OSError as error:
            raise AuditError(
                f"The audit log {self.path} cannot be written ({error.strerror}): make it yours, "
                "or make room."
            ) from None

    def _append(self, line: bytes, once: AuditEntry | None) -> bool:
        """Whether the line was written: not where it is `once`, and stands there."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if once is not None and self._last_result(once) == once.result:
                return False
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            # A power cut in the middle of a line must cost that line alone.
            os.write(descriptor, (b"\n" if torn else b"") + line + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return True

    def _last_result(self, like: AuditEntry) -> str:
        """The result of the last entry of the same `what` and `target`; '' for none."""
        target = json.dumps(like.target, ensure_ascii=False).encode()
        result = ""
        with regular_file.opened(self.path) as file:
            # Most lines are of others, and need not be read any further.
            for entry in (_entry(line) for line in file if target in line):
                if entry and (entry.what, entry.target) == (like.what, like.target):
                    result = entry.result
        return result


def _new_entry(what: str, target: str, result: str, said: str, who: str) -> AuditEntry:
    texts = [clean_text(text, _TEXT_LIMIT) for text in (what, target, result, said)]
    return AuditEntry(time.time(), clean_text(who, 64) or whoever(), platform.node(), *texts)


def _entry(line: bytes) -> AuditEntry | None:
    try:
        body = json.loads(line[:_LINE_LIMIT])
        if not isinstance(body, Mapping):
            return None
        at = float(body["at"])
        texts = {
            field.name: clean_text(str(body.get(field.name, "")), _TEXT_LIMIT)
            for field in fields(AuditEntry)
            if field.name != "at"
        }
    except MALFORMED:
        return None
    return None if bounded_time(at) is None else AuditEntry(at, **texts)
