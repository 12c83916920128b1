"""How OpenSSH's ssh is told what to do: for a shell of the user's own, and below Ansible."""

from collections.abc import Mapping
from pathlib import Path

from fleet.endpoint import USUAL_USER, Endpoint
from fleet.ssh.connection import Login
from fleet.ssh.own_key import key_files


def file_option(file: Path) -> str:
    """A file's name as the value of an option: ssh splits it at blanks and expands %."""
    name = str(file).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{name}"'


def host_key_options(alias: str, known_hosts: Path) -> Mapping[str, str]:
    """What has ssh check a machine's key, by its alias, against squarm's file alone."""
    return {
        "UserKnownHostsFile": file_option(known_hosts),
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": alias,
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
    }


def ssh_command(endpoint: Endpoint, login: Login, options: Mapping[str, str]) -> list[str]:
    """The command that logs in there with the login's keys; `options`: how its key is checked."""
    words = [f"{name}={value}" for name, value in options.items()]
    # As soon as one is named, ssh tries its usual ones no more.
    words += [f"IdentityFile={file_option(file)}" for file in key_files(login.keys)]
    words += ["IdentitiesOnly=yes"] if login.keys else []
    words += [] if login.agent else ["IdentityAgent=none"]
    told = [part for word in words for part in ("-o", word)]
    return [
        "ssh",
        *told,
        "-p",
        str(endpoint.port),
        "-l",
        login.user or USUAL_USER,
        endpoint.address,
    ]
