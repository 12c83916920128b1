"""Pis whose cards were written here: looked for, let in by squarm's key, and told of."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import FleetError
from tui.console.changes import Changes
from tui.console.context import Context
from tui.console.logins import Logins
from tui.console.model import AwaitedPi, lets_in
from tui.console.pis import Pis

if TYPE_CHECKING:
    from fleet.snapshot import FleetSnapshot, PiView


class CardSession:
    """Tells of each awaited Pi once it lets squarm in; what it changes passes the door."""

    def __init__(self, context: Context, pis: Pis, logins: Logins, changes: Changes) -> None:
        self._context = context
        self._model = context.model
        self._pis = pis
        self._logins = logins
        self._changes = changes
        self._unasked: set[str] = set()
        self._offered: set[tuple[str, str]] = set()

    @property
    def problem(self) -> str:
        """Why nothing would be found; '' where machines are looked for."""
        try:
            _ = self._pis.fleet
        except FleetError as error:
            return str(error)
        return ""

    def wait_for(self, name: str, user: str, key: Path) -> AwaitedPi:
        """Have a Pi looked for from now on."""
        before = frozenset((pi.id, pi.fingerprint) for pi in self._model.pis)
        awaited = AwaitedPi(name, user, key, self._context.now(), before)
        self._unasked.add(name)
        self._keep([*(each for each in self._model.awaited if each.name != name), awaited])
        return awaited

    def take(self, fleet: "FleetSnapshot") -> None:
        """Look for those that are awaited among the machines there are now."""
        if not self._model.awaited:
            return
        for name in sorted(self._unasked):
            self._ask_for(name)
        self._unasked.clear()
        for awaited in self._model.awaited:
            pi = awaited.found_in(fleet.pis)
            if pi is None or pi.key_changed:
                continue
            if lets_in(pi):
                self._keep([other for other in self._model.awaited if other is not awaited])
                self._context.say(
                    f"{pi.name} is here and lets squarm in: p on it, or :provision {pi.name}, "
                    "makes it a node."
                )
            elif pi.fingerprint and (pi.id, pi.fingerprint) not in self._offered:
                self._offered.add((pi.id, pi.fingerprint))
                self._log_in(awaited, pi)

    def _ask_for(self, name: str) -> None:
        """What announces nothing still answers to its name."""
        from operations import machines

        self._changes.make(lambda: machines.add(self._pis.fleet, name))

    def _log_in(self, awaited: AwaitedPi, pi: "PiView") -> None:
        """With the key that its card was given: the user's own are not tried unasked."""
        from fleet.ssh.connection import Login
        from operations import machines

        login = Login(awaited.user, keys=(awaited.key,))
        self._changes.make(
            lambda: machines.log_in(
                self._pis.fleet, [pi], login, lambda id_: self._logins.remember(id_, login, None)
            )
        )

    def _keep(self, awaited: Sequence[AwaitedPi]) -> None:
        self._model.awaited = tuple(awaited)
