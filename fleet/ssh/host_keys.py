"""Host keys: what a server showed, and the known_hosts file of those that are trusted.

The file is OpenSSH's format, so that ssh and Ansible share it. Its lines name Pis by alias, not by
address: with `HostKeyAlias` an address may change, or pass to another Pi, without a false alarm
and without a hole. Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from base import paths, regular_file
from base.errors import FleetError
from base.safe_file import locked, replace

_ALIAS = "squarm-"
_ID = re.compile(r"[a-z0-9-]{1,40}")
_ALGORITHM = re.compile(r"[a-z0-9@.-]{3,64}")


class HostKeyError(FleetError):
    """The known_hosts file cannot be used: one sentence, with the way out."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key: its algorithm, such as `ssh-ed25519`, and its body in base64."""

    algorithm: str
    body: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The key in `ssh-ed25519 AAAA... comment`; None for anything else."""
        match text.split(None, 2):
            case [algorithm, body, *_] if _ALGORITHM.fullmatch(algorithm):
                with suppress(binascii.Error, ValueError):
                    raw = base64.b64decode(body, validate=True)
                    if raw[4:].startswith(algorithm.encode()):
                        return cls(algorithm, body)
        return None

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: SHA256 and base64 without padding."""
        return _fingerprint(self.body)

    def __str__(self) -> str:
        return f"{self.algorithm} {self.body}"


@lru_cache(maxsize=4096)
def _fingerprint(body: str) -> str:
    """Kept: every snapshot shows it of every machine."""
    digest = hashlib.sha256(base64.b64decode(body)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def alias(pi: str) -> str:
    """The name under which a Pi's key stands in the file; raises ValueError for no Pi's id."""
    if not _ID.fullmatch(pi):
        raise ValueError(f"{pi!r} is no Pi's id")
    return _ALIAS + pi


def default_path() -> Path:
    """Where trusted keys are kept (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "known_hosts"


class KnownHosts:
    """The trusted keys by Pi's id. Lines that are not squarm's are kept as they are."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()

    def read(self) -> dict[str, HostKey]:
        """Every trusted key; raises HostKeyError where the file cannot be read."""
        found = {}
        for line in self._lines():
            pi, key = _entry(line)
            if pi and key:
                found[pi] = key
        return found

    def trust(self, pi: str, key: HostKey) -> None:
        """Trust this key, and no other, for this Pi; raises HostKeyError."""
        line = f"{alias(pi)} {key}"
        self._rewrite(lambda lines: [*_without(lines, pi), line])

    def forget(self, pi: str) -> None:
        """Trust no key for this Pi any more; raises HostKeyError."""
        self._rewrite(lambda lines: _without(lines, pi))

    def _lines(self) -> list[str]:
        try:
            return regular_file.read_text(self.path, "surrogateescape").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._sentence(error) from None

    def _rewrite(self, change: Callable[[list[str]], list[str]]) -> None:
        try:
            with locked(self.path):
                before = self._lines()
                after = change(before)
                if after != before:
                    replace(self.path, "".join(line + "\n" for line in after))
        except OSError as error:
            raise self._sentence(error) from None

    def _sentence(self, error: OSError) -> HostKeyError:
        return HostKeyError(
            f"The file of trusted host keys {self.path} cannot be used ({error.strerror}): make "
            "its folder yours, or point XDG_DATA_HOME elsewhere."
        )


def _entry(line: str) -> tuple[str, HostKey | None]:
    """The Pi and the key of one of our lines; ('', None) for every other line."""
    name, _, rest = line.partition(" ")
    pi = name.removeprefix(_ALIAS)
    if not name.startswith(_ALIAS) or not _ID.fullmatch(pi):
        return "", None
    return pi, HostKey.parse(rest)


def _without(lines: list[str], pi: str) -> list[str]:
    return [line for line in lines if _entry(line)[0] != pi]
