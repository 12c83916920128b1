"""Where a Docker daemon listens."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_HOST = "unix:///var/run/docker.sock"


class BadDockerHost(ValueError):
    """An address of a Docker daemon that cannot be used; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Docker's TLS settings: the folder of `ca.pem`, `cert.pem` and `key.pem`."""

    folder: Path
    verify: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a daemon listens: a Unix socket's `path`, or `host` and `port`."""

    url: str
    path: str = ""
    host: str = ""
    port: int = 0
    tls: Tls | None = None

    @classmethod
    def find(cls, url: str | None = None) -> "Address":
        """The address in `url`, else in DOCKER_HOST, else Docker's usual socket.

        TLS is set up as for Docker itself (DOCKER_TLS_VERIFY, DOCKER_CERT_PATH). Raises
        BadDockerHost.
        """
        url = url or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
        try:
            parts = urlsplit(url)
            if parts.scheme == "unix":
                return cls(url, path=f"{parts.netloc}{parts.path}" or urlsplit(DEFAULT_HOST).path)
            if parts.scheme == "tcp" and parts.hostname and parts.port:
                return cls(url, host=parts.hostname, port=parts.port, tls=_tls(os.environ))
        except ValueError:
            pass
        raise BadDockerHost(
            f"{url[:80]!r} is no address of a Docker daemon that squarm can use: it takes "
            "unix:///path/to/docker.sock and tcp://host:port."
        )

    @property
    def missing(self) -> bool:
        """Whether there is no such socket, so that nobody listens."""
        return bool(self.path) and not Path(self.path).exists()


def _tls(environment: Mapping[str, str]) -> Tls | None:
    folder = environment.get("DOCKER_CERT_PATH", "")
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    if not folder and not verify:
        return None
    return Tls(Path(folder) if folder else Path.home() / ".docker", verify)
