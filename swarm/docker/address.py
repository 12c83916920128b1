"""Where a Docker daemon listens: as DOCKER_HOST or Docker's context says, or the usual socket."""

import hashlib
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from base import regular_file
from base.errors import MALFORMED
from base.text import clean_text

DEFAULT_HOST = "unix:///var/run/docker.sock"
_SSH_PORT = 22


class BadDockerHost(ValueError):
    """An address of a Docker daemon that cannot be used; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Docker's TLS settings: the folder of `ca.pem`, `cert.pem` and `key.pem`."""

    folder: Path
    verify: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a daemon listens: a Unix socket's `path`, or `host` and `port`.

    `ssh`: the socket is on `host`, as `user`, reached by SSH. `named`: what names this address,
    '' where nothing does and it is the usual one.
    """

    url: str
    path: str = ""
    host: str = ""
    port: int = 0
    tls: Tls | None = None
    ssh: bool = False
    user: str = ""
    named: str = ""

    @classmethod
    def find(cls, url: str | None = None) -> "Address":
        """The address in `url`, else as for Docker's own command: DOCKER_HOST, then the context.

        TLS is set up as for Docker itself (DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, the context's
        files). Source: docs.docker.com, "Docker contexts". Raises BadDockerHost.
        """
        if url:
            return _parse(url, _tls_around())
        if url := os.environ.get("DOCKER_HOST"):
            return replace(_parse(url, _tls_around()), named="DOCKER_HOST")
        if name := _context():
            return replace(_of_context(name), named=f"Docker's context {name}")
        return _parse(DEFAULT_HOST, None)

    @property
    def here(self) -> str:
        """The address for whoever connects from this machine."""
        return f"unix://{self.path}" if self.path else self.url

    @property
    def missing(self) -> bool:
        """Whether there is no such socket, so that nobody listens."""
        return bool(self.path) and not self.ssh and not Path(self.path).exists()


Reach: TypeAlias = Callable[[Address], Awaitable[Address]]
"""Makes of an address that is reached by SSH one on this machine; may raise FleetError."""


def _parse(url: str, tls: Tls | None) -> Address:
    try:
        parts = urlsplit(url)
        # A name that cannot be asked for ends in the same error.
        (parts.hostname or "").encode("idna")
        socket = f"{parts.netloc}{parts.path}" if parts.scheme == "unix" else parts.path
        usual = urlsplit(DEFAULT_HOST).path
        if parts.scheme == "unix":
            return Address(url, path=socket or usual)
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return Address(url, host=parts.hostname, port=parts.port, tls=tls)
        if parts.scheme == "ssh" and parts.hostname and not parts.password:
            path = socket if socket not in ("", "/") else usual
            port, user = parts.port or _SSH_PORT, parts.username or ""
            return Address(url, path, parts.hostname, port, ssh=True, user=user)
    except ValueError:
        pass
    raise BadDockerHost(
        f"{url[:80]!r} is no address of a Docker daemon that squarm can use: it takes "
        "unix:///path/to/docker.sock, tcp://host:port and ssh://user@host."
    )


def _tls_around() -> Tls | None:
    folder = os.environ.get("DOCKER_CERT_PATH", "")
    verify = bool(os.environ.get("DOCKER_TLS_VERIFY"))
    if not folder and not verify:
        return None
    return Tls(Path(folder) if folder else _settings(), verify)


def _settings() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")


def _context() -> str:
    """The name of the context that Docker's own command would use; '' for the usual one."""
    name = os.environ.get("DOCKER_CONTEXT") or _chosen(_settings() / "config.json")
    return "" if name == "default" else name


def _chosen(config: Path) -> str:
    """The context that Docker's own settings name, '' for none."""
    try:
        name = _object(config).get("currentContext")
        if name is None or isinstance(name, str):
            return name or ""
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, *MALFORMED):
        pass
    raise BadDockerHost(
        f"{clean_text(str(config), 400)} cannot be read, in which Docker's context may be named: "
        "mend it, set DOCKER_HOST, or run jobs on this machine with --engine local."
    )


def _of_context(name: str) -> Address:
    try:
        key = hashlib.sha256(name.encode()).hexdigest()
        endpoint = _object(_settings() / "contexts" / "meta" / key / "meta.json")["Endpoints"]
        docker = endpoint["docker"]
        url, insecure = str(docker["Host"]), bool(docker.get("SkipTLSVerify"))
    except (OSError, *MALFORMED):
        raise BadDockerHost(
            f"Docker's context {name[:80]!r} cannot be read: choose another (docker context use "
            "default), or set DOCKER_HOST."
        ) from None
    folder = _settings() / "contexts" / "tls" / key / "docker"
    return _parse(url, Tls(folder, not insecure) if folder.is_dir() else None)


def _object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; raises OSError, ValueError."""
    found = json.loads(regular_file.read_text(path))
    if not isinstance(found, dict):
        raise ValueError(path)  # noqa: TRY004 - as for any other file that is not what it should be
    return found
