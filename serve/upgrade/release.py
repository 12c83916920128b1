"""What a release holds: wheels and their hashes, of which the newest for a Python is found.

Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
"""

import re
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from base.errors import SquarmError
from base.text import clean_text

SUMS = "SHA256SUMS"
"""The file beside the wheels with a line for each, as sha256sum writes it."""
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\w[\w.+!-]{0,200}\.whl)", re.ASCII)
_LARGEST_SUMS = 256 * 1024
_LARGEST = 64 * 1024**2
_SECONDS = 60.0


class UpgradeError(SquarmError):
    """A version that is not run, or a release that is none."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A version of squarm for this machine, and the SHA-256 that it must have, in hexadecimal."""

    name: str
    digest: str
    version: Version

    @property
    def folder(self) -> str:
        """What the folder is called in which it is installed."""
        return f"{self.version}-{self.digest[:12]}"


def newest(sums: str, tags: Iterable[Tag]) -> Wheel | None:
    """The newest squarm of a release; `tags`: what runs here, the best first. None: there is none.

    What else a line may say is passed over.
    """
    rank = {tag: -place for place, tag in enumerate(tags)}
    found: list[tuple[Version, int, Wheel]] = []
    for line in sums.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        digest, name = match.groups()
        try:
            project, version, _, made_for = parse_wheel_filename(name)
        except InvalidWheelFilename:
            continue
        fitting = [rank[tag] for tag in made_for if tag in rank]
        if project == "squarm" and fitting:
            found.append((version, max(fitting), Wheel(name, digest, version)))
    return max(found, key=lambda each: each[:2])[2] if found else None


def read_sums(source: str) -> str:
    """The hashes of a release, in a folder or below an https address; raises UpgradeError."""
    return _read(source, SUMS, _LARGEST_SUMS).decode("utf-8", "replace")


def read_wheel(source: str, wheel: Wheel) -> bytes:
    """A wheel of the release, which is the one that was meant; raises UpgradeError."""
    content = _read(source, wheel.name, _LARGEST)
    if sha256(content).hexdigest() != wheel.digest:
        raise UpgradeError(f"{wheel.name} is not what {SUMS} beside it says: it is not installed.")
    return content


def _read(source: str, name: str, largest: int) -> bytes:
    try:
        if source.startswith("https://"):
            address = f"{source.rstrip('/')}/{name}"
            with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - https
                if not answer.url.startswith("https://"):
                    raise UpgradeError(f"{clean_text(source, 200)} leads away from https.")
                content: bytes = answer.read(largest + 1)
        elif source.startswith("/"):
            with (Path(source) / name).open("rb") as file:
                content = file.read(largest + 1)
        else:
            raise UpgradeError(
                f"{clean_text(source, 200)!r} is no release: name a folder from / on, or an "
                "https address."
            )
    except OSError as error:
        raise UpgradeError(
            f"{name} of {clean_text(source, 200)} cannot be read: {clean_text(str(error), 200)}."
        ) from None
    if len(content) > largest:
        raise UpgradeError(f"{name} of {clean_text(source, 200)} is larger than any release.")
    return content
