"""Alerts as the audit log keeps them: each event once, and its end, whoever watches the machine."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from base.audit import Audit, AuditEntry
from base.text import age_text

ALERT = "alert"
"""What the audit log calls these entries; their target is the machine's id and the alert's kind."""
_BEGUN, _ENDED = "begun", "ended"
_BY = "squarm"
_READ = 5_000
_DAY = 86_400.0


class AlertKind(StrEnum):
    """What is wrong."""

    HOT = "too hot"
    UNDER_VOLTAGE = "under-voltage"
    READ_ONLY = "card read-only"
    FULL = "card nearly full"
    GONE = "gone"


_KINDS = {kind.value: kind for kind in AlertKind}


@dataclass(frozen=True, slots=True)
class Alert:
    """Something wrong with a machine, by id and name, since `began` (seconds since the epoch).

    A node of the swarm that is gone is meant by its node's id: whoever sees the swarm alone knows
    no other.
    """

    machine: str
    name: str
    kind: AlertKind
    sentence: str
    began: float

    @property
    def beginning(self) -> str:
        """What is said when it begins."""
        return f"{self.name}: {self.kind}: {self.sentence}"

    def ending(self, at: float) -> str:
        """What is said when it ends."""
        return f"{self.name}: no longer {self.kind}, after {age_text(at - self.began)}."

    @property
    def leaving(self) -> str:
        """What is said when nobody looks at the machine any more."""
        return f"{self.name} is watched no more; it was {self.kind}."


class AlertLog:
    """The alerts in an audit log. Every method may raise AuditError, and waits for the disk.

    Consoles and the daemon of one machine share the log: of two who see an event one notes it.
    """

    def __init__(self, audit: Audit | None = None) -> None:
        self._audit = audit or Audit()

    def open(self) -> Mapping[tuple[str, AlertKind], Alert]:
        """The alerts that have begun and not ended, as far as the log tells."""
        found: dict[tuple[str, AlertKind], Alert] = {}
        for entry in self._audit.read(_READ):
            if entry.what != ALERT:
                continue
            machine, _, word = entry.target.partition(" ")
            kind = _KINDS.get(word)
            if kind is None:
                continue
            found.pop((machine, kind), None)
            if entry.result == _BEGUN:
                name, _, sentence = entry.said.partition(f": {kind}: ")
                found[machine, kind] = Alert(machine, name, kind, sentence, entry.at)
        return found

    def recent(self) -> tuple[AuditEntry, ...]:
        """What was noted within the last day."""
        since = time.time() - _DAY
        entries = self._audit.read(_READ)
        return tuple(entry for entry in entries if entry.what == ALERT and entry.at > since)

    def begin(self, alert: Alert) -> AuditEntry | None:
        """Note that it began; None where that is noted already."""
        return self._note(alert, _BEGUN, alert.beginning)

    def end(self, alert: Alert, at: float | None = None) -> AuditEntry | None:
        """Note that it ended, now or `at`; None where that is noted already."""
        return self._note(alert, _ENDED, alert.ending(time.time() if at is None else at))

    def leave(self, alert: Alert) -> AuditEntry | None:
        """Note that nobody can say when it ends; None where its end is noted already."""
        return self._note(alert, _ENDED, alert.leaving)

    def _note(self, alert: Alert, result: str, said: str) -> AuditEntry | None:
        target = f"{alert.machine} {alert.kind}"
        return self._audit.note_once(ALERT, target, result, said, who=_BY)
