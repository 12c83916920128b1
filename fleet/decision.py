"""What to do next about one machine, and how long to wait before. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

from fleet.machine import Contact, Machine
from fleet.ssh.connection import Login

PROBE_SECONDS = 15.0
"""Between knocks at a machine that we cannot log in to: each makes its sshd start a process."""
_DOUBT_SECONDS = 2.0
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_FACTOR = 1.7


class NextStep(StrEnum):
    """What to do."""

    REST = "rest"
    """Nothing, until something changes."""
    KNOCK = "knock"
    """See whether its SSH port opens."""
    READ_KEY = "read key"
    """Have it show its host key."""
    TRUST = "trust"
    """Trust the key it showed, as nothing secret will be sent to it, and log in."""
    CONNECT = "connect"


def next_step(machine: Machine, login: Login | None, refused: Login | None) -> NextStep:
    """The step for a machine, with the login to use and the one it refused already."""
    if machine.endpoint is None:
        return NextStep.REST
    if not (machine.recognised or machine.added or machine.watched):
        return NextStep.KNOCK
    if machine.key is None and machine.trusted is None:
        return NextStep.READ_KEY
    if machine.key_changed:
        return NextStep.READ_KEY
    if login is None or login == refused:
        return NextStep.KNOCK
    if machine.trusted is not None:
        return NextStep.CONNECT
    return NextStep.KNOCK if login.password and not login.offer_to_new else NextStep.TRUST


@dataclass(frozen=True, slots=True)
class Patience:
    """Failures in a row, and the waits that follow from them."""

    failures: int = 0

    def failed(self) -> "Patience":
        """After one more."""
        return replace(self, failures=self.failures + 1)

    def wait(self, chance: float) -> float:
        """Seconds to wait; `chance` from 0 to 1 spreads many machines' attempts over time."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * _FACTOR ** min(self.failures, 20))
        return longest * (0.5 + chance / 2)


def probe_wait(machine: Machine, patience: Patience, chance: float) -> float:
    """Seconds until the next knock: soon after a first failure, rarely when all is as it was."""
    doubtful = patience.failures == 1 and machine.contact is not Contact.SILENT
    return _DOUBT_SECONDS if doubtful else PROBE_SECONDS * (0.8 + 0.4 * chance)
