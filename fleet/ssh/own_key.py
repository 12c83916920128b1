"""The key that Pis let squarm in with once passwords are off: the user's, else its own."""

import os
import subprocess
from pathlib import Path

import asyncssh

from base import paths
from base.errors import FleetError

KINDS = ("ed25519", "ecdsa", "rsa")
_AGENT_SECONDS = 5.0


class OwnKeyError(FleetError):
    """There is no key that can be used: one sentence, with the way out."""


def own_key() -> Path:
    """Where squarm's own key is kept, if it has one (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "id_ed25519"


def usual_keys() -> tuple[Path, ...]:
    """The key files that are tried where none was named: the user's, and squarm's own."""
    folder = Path.home() / ".ssh"
    files = (*(folder / f"id_{kind}" for kind in KINDS), own_key())
    return tuple(file for file in files if file.is_file())


def key_to_install() -> Path:
    """The private key whose public half is put on the Pis; made where the user has none.

    One that is locked and in no agent would let nobody in. Raises OwnKeyError.
    """
    for file in usual_keys():
        if file == own_key():
            return file
        if file.with_suffix(".pub").is_file() and (not is_locked(file) or in_agent(file)):
            return file
    file = own_key()
    key = asyncssh.generate_private_key("ssh-ed25519", comment="squarm")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(key.export_private_key())
            os.fsync(out.fileno())
    except OSError as error:
        raise OwnKeyError(f"{file} cannot be written ({error.strerror}): make it yours.") from None
    return file


def is_locked(file: Path) -> bool:
    """Whether a private key can be read with a passphrase only."""
    try:
        asyncssh.read_private_key(str(file))
    except asyncssh.KeyImportError as error:
        # asyncssh has no error of its own for this.
        return "assphrase must be" in str(error)
    except (OSError, ValueError):
        return False
    return False


def in_agent(file: Path) -> bool:
    """Whether the user's ssh-agent signs with the key in this file (ssh-add(1), -T)."""
    if "SSH_AUTH_SOCK" not in os.environ:
        return False
    try:
        tried = subprocess.run(
            ["ssh-add", "-T", str(file.with_suffix(".pub"))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_AGENT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def problem_with(file: Path, passphrase: str | None) -> str:
    """Why nobody can log in with a key file, in one sentence; '' where it can be used."""
    if not file.is_file():
        return f"There is no key file {file}."
    try:
        asyncssh.read_private_key(str(file), passphrase)
    except OSError as error:
        return f"The key file {file} cannot be read ({error.strerror}): make it yours."
    except (ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        if not is_locked(file):
            return f"{file} holds no private key that can be used: name another."
        if passphrase is not None:
            return f"That is not the passphrase of {file}: give it again."
        if in_agent(file):
            return ""
        return f"The key file {file} is locked: give its passphrase, or let ssh-agent hold it."
    return ""


def public_half(file: Path, passphrase: str | None = None) -> str:
    """The public key that belongs to a private one, as it stands in a .pub file.

    Raises OwnKeyError.
    """
    try:
        return file.with_suffix(".pub").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        pass
    try:
        key = asyncssh.read_private_key(str(file), passphrase)
    except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise OwnKeyError(f"The key file {file} cannot be used: name another.") from None
    return key.export_public_key("openssh").decode("ascii", "replace").strip()
