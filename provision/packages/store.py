"""The files that are kept: each whole, under the digest of its address, in the user's cache."""

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from yarl import URL

KEPT_BYTES = 1_000_000_000
KEPT_SECONDS = 60 * 86400.0
_LEFT_BYTES = 500_000_000
"""So much of the disk is left free: what would go into it is passed on and not kept."""


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells whether a file has changed (RFC 9110, 8.8)."""

    tag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is whole, its SHA-256, and what else is known of it, so many seconds old."""

    path: Path
    size: int
    validators: Validators
    digest: str
    age: float


class PackageStore:
    """A folder of them. What lies beside a file tells that it is whole; without that it is not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tidy(self, now: float | None = None) -> None:
        """Take away what broke off, what nobody has asked for in long, and what is too much."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drop(KEPT_BYTES, (time.time() if now is None else now) - KEPT_SECONDS)
        for path in self._folder.iterdir():
            if path.suffix != ".json" and not self._told(path).exists():
                path.unlink()

    def make_room(self, size: int) -> bool:
        """Whether so many bytes more may be kept, once what was used longest ago has gone."""
        if shutil.disk_usage(self._folder).free - size < _LEFT_BYTES:
            return False
        self._drop(KEPT_BYTES - size, 0.0)
        return size <= KEPT_BYTES

    def _drop(self, room: int, since: float) -> None:
        """Keep what was used since then, the newest first, as far as it goes into the room."""
        told = {path: path.stat().st_mtime for path in self._folder.glob("*.json")}
        for path, used in sorted(told.items(), key=lambda item: -item[1]):
            data = path.with_suffix("")
            room -= data.stat().st_size if data.exists() else 0
            if room < 0 or used < since:
                path.unlink()
                data.unlink(missing_ok=True)

    def path(self, url: URL) -> Path:
        """Where a file is written to before it is kept."""
        return self._folder / sha256(str(url).encode()).hexdigest()

    def find(self, url: URL) -> KeptFile | None:
        """The file of an address, where it is there as it came; it counts as used now."""
        path = self.path(url)
        told = self._told(path)
        with suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads(told.read_text())
            size = path.stat().st_size
            # apt refuses what a card has spoilt, again and again for as long as it is kept.
            if said["url"] == str(url) and said["sha256"] == _digest(path):
                age = time.time() - said["checked"]
                # By itself the kernel notes the time of its last tick, which many files may share.
                now = time.time_ns()
                os.utime(told, ns=(now, now))
                validators = Validators(**said["validators"])
                return KeptFile(path, size, validators, said["sha256"], age)
        return None

    def begin(self, url: URL) -> Path:
        """Where to write a file anew: what was there is not whole from now on."""
        path = self.path(url)
        self._told(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        return path

    def keep(self, url: URL, validators: Validators, digest: str) -> None:
        """What has been written is whole, of this SHA-256, and as it was told just now."""
        path = self.path(url)
        said = {
            "url": str(url),
            "sha256": digest,
            "checked": time.time(),
            "validators": asdict(validators),
        }
        new = path.with_suffix(".new")
        new.write_text(json.dumps(said))
        new.replace(self._told(path))

    @staticmethod
    def _told(path: Path) -> Path:
        return path.with_suffix(".json")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
