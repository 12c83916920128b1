"""How to get into each Pi and become root there: asked once, kept in memory only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fleet.ssh.connection import Login


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
