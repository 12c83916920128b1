"""Which login each machine gets."""

from collections.abc import Mapping

from fleet.machine import Machine
from fleet.ssh.connection import Login


class LoginChoice:
    """What was said of a machine, else the usual login, or what of it goes to anybody unasked.

    `usual` None: nobody is logged in to of whom nothing was said. With `read_only` nobody is whose
    key is not trusted already.
    """

    def __init__(self, usual: Login | None, *, read_only: bool) -> None:
        self.usual = usual
        self._read_only = read_only
        self._said: dict[str, Login | None] = {}

    def of(self, pi: str, machine: Machine | None) -> Login | None:
        """For the machine of this id; None for not at all."""
        if self._read_only and (machine is None or machine.trusted is None):
            return None
        approved = machine is not None and machine.approved
        if pi in self._said:
            login = self._said[pi]
        else:
            login = self.usual if approved or self.usual is None else self.usual.unasked()
        return login.to(machine.user) if login and machine else login

    def for_shell(self, machine: Machine) -> Login:
        """For a shell that the user asks for."""
        login = self._said.get(machine.id) or self.usual or Login()
        return login.to(machine.user)

    def say(self, pi: str, login: Login | None) -> None:
        """Of one machine."""
        self._said[pi] = login

    def take_over(self, logins: Mapping[str, Login]) -> None:
        """What was said before, by machine's id."""
        self._said.update(logins)

    def forget(self, pi: str) -> None:
        """Nothing was said of it."""
        self._said.pop(pi, None)

    def inherit(self, pi: str, heir: str) -> None:
        """What was said of a machine holds for the one that it proved to be."""
        if pi in self._said:
            self._said.setdefault(heir, self._said.pop(pi))
