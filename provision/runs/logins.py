"""What a run is told of the ways into its machines: passwords, keys, and which key is installed."""

from collections.abc import Iterable
from pathlib import Path

import asyncssh

from fleet.ssh.credentials import Credentials
from fleet.ssh.own_key import OwnKeyError, key_files, key_to_install, public_half
from provision.inventory import Host
from provision.runs.folder import Setting
from provision.runs.secrets import HostSecrets, RunSecrets


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
        files = key_files(login.keys)
        if login.passphrase is not None and login.keys is not None:
            new = [file for file in files if file not in opened]
            opened |= {file: _opened(file, login.passphrase) for file in new}
        found[host.alias] = HostSecrets(
            login.password, access.sudo_password, tuple(map(str, files)), login.agent, login.user
        )
    return RunSecrets(found, tuple(opened.values()))


def key_settings(credentials: Credentials, *, keep_passwords: bool) -> dict[str, Setting]:
    """Which key is installed on the Pis, and whether passwords go off; raises OwnKeyError.

    Makes a key where there is none.
    """
    login = credentials.usual.login
    file = key_files(login.keys)[0] if login.keys else key_to_install()
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
        raise OwnKeyError(f"The key file {file} cannot be used: name another.") from None
    return key.export_private_key("openssh").decode("ascii")
