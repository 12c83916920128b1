"""How machines are logged in to, as the user has said since the start: in memory only."""

from pathlib import Path
from typing import TYPE_CHECKING

from fleet.endpoint import USUAL_USER

if TYPE_CHECKING:
    from fleet.ssh.connection import Login
    from fleet.ssh.credentials import Credentials


class Logins:
    """Logins by machine; of others, `user` and the file `key` are tried.

    `user` '': the one whom each machine has let in before. `key` None: the usual files.
    """

    def __init__(self, user: str, key: Path | None) -> None:
        self.user = user or USUAL_USER
        """What a form offers."""
        self.key = key
        self._usual_user = user
        self._logins: dict[str, tuple[Login, str | None]] = {}
        self._sudo_here: str | None = None

    def remember(self, pi: str, login: "Login", sudo: str | None) -> None:
        """Log in to a machine so from now on; `sudo`: its password, None for the login's own."""
        self._logins[pi] = (login, sudo)

    def forget(self, pi: str) -> None:
        """Log in to a machine as to one of which nothing was said."""
        self._logins.pop(pi, None)

    def by_pi(self) -> "dict[str, Login]":
        """The logins that were given, by machine's id."""
        return {pi: login for pi, (login, _) in self._logins.items()}

    def remember_sudo_here(self, password: str) -> None:
        """The password for sudo on this machine."""
        self._sudo_here = password

    def credentials(self) -> "Credentials":
        """All of it, by machine."""
        from fleet.ssh.connection import Login
        from fleet.ssh.credentials import Access, Credentials

        usual = Access(Login(self._usual_user, keys=(self.key,) if self.key else None))
        by_pi = {pi: Access(login, sudo) for pi, (login, sudo) in self._logins.items()}
        return Credentials(usual, by_pi, self._sudo_here)
