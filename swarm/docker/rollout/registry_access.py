"""How squarm itself reaches an image's registry: by Docker's own settings and logins."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docker import auth

_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class RegistryAccess:
    """How a repository is reached; `secure`: by TLS alone, `login`: user and password."""

    host: str
    name: str
    secure: bool = True
    login: tuple[str, str] | None = field(default=None, repr=False)


def access_of(reference: str, info: Mapping[str, Any]) -> RegistryAccess:
    """How an image's registry is reached, by what Docker's `info` and its logins here say.

    It blocks; raises DockerException, and what Python raises for malformed text.
    """
    host, name = auth.resolve_repository_name(reference.partition("@")[0])
    name = name.rpartition(":")[0] or name
    if host == _HUB and "/" not in name:
        name = f"library/{name}"
    known = auth.load_config().resolve_authconfig(host) or {}
    user, password = (known.get(key) or known.get(key.lower()) for key in ("Username", "Password"))
    login = (str(user), str(password)) if user and password else None
    return RegistryAccess(host, name, _secure(host, info.get("RegistryConfig") or {}), login)


def _secure(host: str, config: Mapping[str, Any]) -> bool:
    """Whether Docker speaks to a registry by TLS alone."""
    known = (config.get("IndexConfigs") or {}).get(host)
    if known is not None:
        return bool(known.get("Secure", True))
    machine = host.rpartition(":")[0] or host
    if machine == "localhost":
        return False
    try:
        address = ipaddress.ip_address(machine.strip("[]"))
    except ValueError:
        return True
    cidrs = config.get("InsecureRegistryCIDRs") or ()
    return not any(address in ipaddress.ip_network(str(one), strict=False) for one in cidrs)
