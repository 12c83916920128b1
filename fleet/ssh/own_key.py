"""The key that Pis let squarm in with once passwords are off: the user's, else its own."""

import os
import subprocess
from pathlib import Path

import asyncssh

from base import paths, regular_file
from base.errors import FleetError
from base.safe_file import locked, replace

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


def key_files(named: tuple[Path, ...] | None) -> tuple[Path, ...]:
    """The key files to log in with: those named, else the usual ones; each by its whole path.

    Other processes read them, which have other working folders.
    """
    return usual_keys() if named is None else tuple(file.absolute() for file in named)


def public_file(file: Path) -> Path:
    """Where the public half of a private key lies beside it."""
    return file.with_name(f"{file.name}.pub")


def key_to_install() -> Path:
    """The private key whose public half is put on the Pis; made where the user has none.

    One that is locked and in no agent would let nobody in. Raises OwnKeyError.
    """
    own = own_key()
    for file in usual_keys():
        usable = not is_locked(file) or in_agent(file)
        if file != own and usable and public_file(file).is_file():
            return file
    try:
        with locked(own):
            if not own.exists() or not own.stat().st_size:
                # An empty one is what a power cut leaves of a file: nobody was let in with it.
                key = asyncssh.generate_private_key("ssh-ed25519", comment="squarm")
                replace(own, key.export_private_key().decode("ascii"))
    except OSError as error:
        raise OwnKeyError(f"{own} cannot be written ({error.strerror}): make it yours.") from None
    if problem := problem_with(own, None):
        raise OwnKeyError(f"{problem} Or move it away, and another is made.")
    return own


def is_locked(file: Path) -> bool:
    """Whether a private key can be read with a passphrase only."""
    if not file.is_file():
        return False
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
            ["ssh-add", "-T", str(public_file(file))],
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

    That file is believed only where the private key is locked: it may be another key's. Raises
    OwnKeyError.
    """
    try:
        key = asyncssh.read_private_key(str(file), passphrase)
    except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        try:
            return _line(regular_file.read_bytes(public_file(file)))
        except OSError:
            raise OwnKeyError(f"The key file {file} cannot be used: name another.") from None
    return _line(key.export_public_key("openssh"))


def _line(public: bytes) -> str:
    """A public key of a file; what is not ASCII in it is its comment's."""
    return public.decode("ascii", "replace").replace("\ufffd", "?").strip()
