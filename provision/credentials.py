"""How to get into each Pi and become root there: asked once, kept in memory only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh

from provision.inventory import Host
from provision.own_key import OwnKeyError, key_to_install, public_half, usual_keys
from provision.run_folder import Setting
from provision.run_secrets import HostSecrets, RunSecrets
from provision.ssh import Login


@dataclass(frozen=True, slots=True)
class Access:
    """A login, and the password for sudo where it is not the login's own."""

    login: Login
    sudo: str | None = field(default=None, repr=False)

    @property
    def sudo_password(self) -> str | None:
        """What to give sudo if it asks."""
        return self.sudo if self.sudo is not None else self.login.password


@dataclass(frozen=True, slots=True)
class Credentials:
    """The usual access, and that of Pis for which another was given, by squarm's id.

    `here`: the password for sudo on the machine squarm runs on.
    """

    usual: Access
    by_pi: Mapping[str, Access] = field(default_factory=dict)
    here: str | None = field(default=None, repr=False)

    def of(self, pi: str) -> Access:
        """The access to one Pi."""
        return self.by_pi.get(pi, self.usual)

    def but(self, pi: str, access: Access) -> "Credentials":
        """The same with another access to one Pi."""
        return replace(self, by_pi={**self.by_pi, pi: access})


def secrets_for(hosts: Iterable[Host], credentials: Credentials) -> RunSecrets:
    """What a run must know to get into machines; raises OwnKeyError."""
    found: dict[str, HostSecrets] = {}
    opened: dict[Path, str] = {}
    for host in hosts:
        if host.local:
            found[host.alias] = HostSecrets(become=credentials.here)
            continue
        access = credentials.of(host.id)
        login = access.login
        files = usual_keys() if login.keys is None else login.keys
        if login.passphrase is not None:
            new = [file for file in login.keys or () if file not in opened]
            opened |= {file: _opened(file, login.passphrase) for file in new}
        found[host.alias] = HostSecrets(
            login.password, access.sudo_password, tuple(map(str, files)), login.agent
        )
    return RunSecrets(found, tuple(opened.values()))


def key_settings(credentials: Credentials, *, keep_passwords: bool) -> dict[str, Setting]:
    """Which key is installed on the Pis, and whether passwords go off; raises OwnKeyError.

    Makes a key where there is none.
    """
    login = credentials.usual.login
    file = login.keys[0] if login.keys else key_to_install()
    return {
        "ssh_authorized_keys": [public_half(file, login.passphrase)],
        "ssh_private_key_file": str(file),
        "ssh_disable_passwords": not keep_passwords,
    }


def _opened(file: Path, passphrase: str) -> str:
    """A key that its file holds only encrypted, for an agent."""
    try:
        key = asyncssh.read_private_key(str(file), passphrase)
    except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise OwnKeyError(f"the key file {file} cannot be used: name another.") from None
    return key.export_private_key("openssh").decode("ascii")
