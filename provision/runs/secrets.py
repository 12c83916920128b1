"""What a run must know and nobody else may: handed over a pipe, kept in memory and on tmpfs.

On the tmpfs it is a vault of Ansible's whose password goes to Ansible through a named pipe, so that
not even a copy of that memory's files would tell anything.
"""

import json
import os
import secrets
import shlex
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from base.scratch_folder import scratch_folder
from fleet.ssh.openssh import file_option
from provision.runs.folder import RunError

_MEMORY = ("/dev/shm", "/run")  # noqa: S108 - checked to be tmpfs, and a folder of our own is made


@dataclass(frozen=True, slots=True)
class HostSecrets:
    """For one machine: the login's password, that for sudo, and the key files to log in with.

    `agent`: whether the user's ssh-agent may be asked for more. `user`: as whom, '' for the
    inventory's.
    """

    password: str | None = field(default=None, repr=False)
    become: str | None = field(default=None, repr=False)
    keys: tuple[str, ...] = ()
    agent: bool = True
    user: str = ""


@dataclass(frozen=True, slots=True)
class RunSecrets:
    """By alias. `keys`: private keys in OpenSSH's format that a file holds only encrypted."""

    hosts: Mapping[str, HostSecrets] = field(default_factory=dict)
    keys: tuple[str, ...] = field(default=(), repr=False)

    def to_json(self) -> bytes:
        """For the pipe to the run's process."""
        hosts = {
            alias: {
                "password": said.password,
                "become": said.become,
                "keys": said.keys,
                "agent": said.agent,
                "user": said.user,
            }
            for alias, said in self.hosts.items()
        }
        return json.dumps({"hosts": hosts, "keys": self.keys}).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "RunSecrets":
        """What came through the pipe; raises ValueError."""
        body = json.loads(text)
        hosts = {
            alias: HostSecrets(**{**said, "keys": tuple(said["keys"])})
            for alias, said in body["hosts"].items()
        }
        return cls(hosts, tuple(body["keys"]))

    def variables(self) -> dict[str, dict[str, object]]:
        """Ansible's variables, by alias."""
        found: dict[str, dict[str, object]] = {}
        for alias, said in self.hosts.items():
            own: dict[str, object] = {}
            if said.password is not None:
                own["ansible_password"] = _Plain(said.password)
            if said.user:
                own["ansible_user"] = _Plain(said.user)
            if said.become is not None:
                own["ansible_become_password"] = _Plain(said.become)
            names = [shlex.quote(file_option(Path(key))) for key in said.keys] or ["none"]
            files = [f"-o IdentityFile={name}" for name in names]
            files += [] if said.agent or self.keys else ["-o IdentityAgent=none"]
            own["ansible_ssh_extra_args"] = _Plain(" ".join(files))
            found[alias] = own
        return found


class _Plain(str):
    """A text that Ansible must not take for a template, whatever is in it."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Plain, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"')
)


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory that only we can enter, gone when the block ends; raises RunError."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    kinds = {where: kind for _, where, kind, *_ in mounts}
    places = [
        place for place in _MEMORY if kinds.get(place) == "tmpfs" and os.access(place, os.W_OK)
    ]
    if not places:
        raise RunError("There is no tmpfs at /dev/shm: mount one, passwords go on no disk.")
    with scratch_folder(Path(places[0]), "squarm") as path:
        yield path


def vault(folder: Path, said: RunSecrets) -> tuple[Path, Path]:
    """Lock the secrets into an inventory of their own: its file, and the pipe of its password."""
    # The import takes a while, and only the run's own process pays for it.
    from ansible.parsing.vault import VaultLib, VaultSecret

    password = secrets.token_urlsafe(32).encode()
    body = {"all": {"hosts": said.variables()}}
    text = yaml.dump(body, Dumper=_Dumper, allow_unicode=True, width=10**6)
    locked = folder / "secrets.yml"
    locked.touch(0o600)
    locked.write_bytes(VaultLib().encrypt(text.encode(), secret=VaultSecret(password)))
    pipe = folder / "vault-password"
    os.mkfifo(pipe, 0o600)
    threading.Thread(target=_hand_over, args=(pipe, password), daemon=True).start()
    return locked, pipe


def _hand_over(pipe: Path, password: bytes) -> None:
    """Give the password to the first who opens the pipe, and to nobody after."""
    with pipe.open("wb") as end:
        end.write(password)
    pipe.unlink(missing_ok=True)
