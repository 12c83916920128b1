"""The files that are kept: each whole, under the digest of its address, in the user's cache."""

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from yarl import URL

KEPT_BYTES = 1_000_000_000
KEPT_SECONDS = 60 * 86400.0
_NEEDED_BYTES = 500_000_000
"""Less is free on the disk, and nothing is kept."""


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells whether a file has changed (RFC 9110, 8.8)."""

    tag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is whole, and how old what is known of it is, in seconds."""

    path: Path
    size: int
    validators: Validators
    age: float


class PackageStore:
    """A folder of them. What lies beside a file tells that it is whole; without that it is not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has_room(self) -> bool:
        """Whether the disk has room for what one run fetches."""
        return shutil.disk_usage(self._folder).free > _NEEDED_BYTES

    def tidy(self, now: float | None = None) -> None:
        """Take away what broke off, what nobody has asked for in long, and what is too much."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = time.time() if now is None else now
        room = KEPT_BYTES
        told = {path: path.stat().st_mtime for path in self._folder.glob("*.json")}
        for path, used in sorted(told.items(), key=lambda item: -item[1]):
            data = path.with_suffix("")
            size = data.stat().st_size if data.exists() else 0
            room -= size
            if room < 0 or now - used > KEPT_SECONDS:
                path.unlink()
        for path in self._folder.iterdir():
            if path.suffix != ".json" and not self._told(path).exists():
                path.unlink()

    def path(self, url: URL) -> Path:
        """Where a file is written to before it is kept."""
        return self._folder / sha256(str(url).encode()).hexdigest()

    def find(self, url: URL) -> KeptFile | None:
        """The file of an address, where it is there whole; it counts as used now."""
        path = self.path(url)
        told = self._told(path)
        with suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads(told.read_text())
            size = path.stat().st_size
            if said["url"] == str(url) and said["size"] == size:
                age = time.time() - said["checked"]
                os.utime(told)
                return KeptFile(path, size, Validators(**said["validators"]), age)
        return None

    def begin(self, url: URL) -> Path:
        """Where to write a file anew: what was there is not whole from now on."""
        path = self.path(url)
        self._told(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        return path

    def keep(self, url: URL, validators: Validators) -> None:
        """What has been written is whole, and as it was told just now."""
        path = self.path(url)
        said = {
            "url": str(url),
            "size": path.stat().st_size,
            "checked": time.time(),
            "validators": asdict(validators),
        }
        new = path.with_suffix(".new")
        new.write_text(json.dumps(said))
        new.replace(self._told(path))

    @staticmethod
    def _told(path: Path) -> Path:
        return path.with_suffix(".json")
