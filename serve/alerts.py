"""Alerts and the daily digest: what somebody should know who looks at no screen, each once."""

import asyncio
import time
from collections.abc import Callable

from base.audit import Audit
from base.text import clean_text
from chat.alert_messages import put_alert
from chat.message import FactList, Heading, Message, Paragraph
from chat.outbox.outbox import Outbox
from chat.settings import Settings
from fleet.alert_log import ALERT
from operations.kinds import Kind
from results.reports import Snapshot

_LOOK = 5.0
_SETTLED = 30.0
"""Seconds that something must stay as it is before it is told: a node may only be restarting."""
_RECENT = 86_400.0
_READ = 5_000
_LATE = 60.0
"""Seconds by which an entry may stand behind a later one: others write, too."""
_RUNS = tuple(kind.audit for kind in (Kind.PROVISION, Kind.UPGRADE))
_AVAILABILITY = {"drain": "drained", "pause": "paused"}
_ACTIVE = "active"
_GOOD = "ready"
_FINE = "fine"


class Notifier:
    """Tells of nodes that are set aside, copies of the results, and what the audit log says.

    That is: alerts on machines, and runs on them that ended. And once a day of all of it.

    `backups`: what is wrong with the daily copy, '' where nothing is.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        snapshot: Callable[[], Snapshot | None],
        backups: Callable[[], str],
        audit: Audit | None = None,
        settled: float = _SETTLED,
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._snapshot = snapshot
        self._backups = backups
        self._audit = audit or Audit()
        self._settled = settled
        self._since: dict[str, tuple[str, float]] = {}
        self._read_to = 0.0

    async def run(self) -> None:
        """Look until cancelled. May raise ChatError or AuditError."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(_LOOK)

    def look(self) -> None:
        """Tell what has changed."""
        snapshot = self._snapshot()
        if self._settings.alerts:
            if snapshot is not None and not snapshot.problem:
                self._nodes(snapshot)
            problem = self._backups()
            told = problem or "The results are copied again."
            self._tell("backups", problem or _FINE, told, good=not problem)
            self._from_audit()
        if self._settings.digest and snapshot is not None:
            self._day(snapshot, time.strftime("%Y-%m-%d %H:%M"))

    def _nodes(self, snapshot: Snapshot) -> None:
        for node in snapshot.nodes:
            state = _AVAILABILITY.get(node.availability, node.availability)
            told = f"Node {node.name} is {state}."
            self._tell(f"availability:{node.id}", state, told, good=state == _ACTIVE)

    def _from_audit(self) -> None:
        """Alerts on machines, and runs on them that ended, by whichever squarm noted them."""
        entries = self._audit.read(_READ)
        for entry in entries:
            # What was put before is known by its key; most need not be looked for.
            if entry.at < self._read_to or time.time() - entry.at > _RECENT:
                continue
            if entry.what == ALERT:
                put_alert(self._outbox, self._settings, entry)
            elif entry.what in _RUNS and entry.result in ("done", "failed", "cancelled"):
                told = f"{entry.what} of {entry.target}: {entry.result}. {entry.said}"
                key = f"run:{entry.at}:{entry.target}"
                self._outbox.put(self._settings.alerts, _sentence(told), key=key)
        # One that was noted by a clock that was ahead hides none.
        last = max((entry.at for entry in entries), default=0.0)
        self._read_to = min(last, time.time()) - _LATE

    def _tell(self, subject: str, state: str, told: str, *, good: bool) -> None:
        """Tell a state that has lasted, unless it was told, or is good and was never bad."""
        known, since = self._since.get(subject, ("", 0.0))
        if known != state:
            known, since = self._since[subject] = (state, time.monotonic())
        if time.monotonic() - since < self._settled:
            return
        last = self._outbox.told(subject)
        if last != state:
            message = None if good and not last else _sentence(told)
            self._outbox.tell(subject, state, self._settings.alerts, message)

    def _day(self, snapshot: Snapshot, now: str) -> None:
        """The digest of a day, once it is time for it."""
        day, _, hour = now.partition(" ")
        last, _, kept = self._outbox.told("digest").partition(" ")
        if last == day or hour < self._settings.digest_at:
            return
        up = sum(node.state == _GOOD for node in snapshot.nodes)
        live = sum(row.job.state.live for row in snapshot.jobs)
        stuck = [f"{row.job.id}: {row.job.why}" for row in snapshot.jobs if row.job.why]
        new = f", {snapshot.kept - int(kept):,} more than at the last digest" if kept else ""
        facts = [
            ("nodes", f"{up} of {len(snapshot.nodes)} up"),
            ("jobs", f"{live} running, {len(snapshot.jobs) - live} ended"),
            ("squares", f"{snapshot.kept:,} kept, {snapshot.distinct:,} distinct{new}"),
            *(("waits", why) for why in stuck[:5]),
        ]
        message: Message = (Heading(f"squarm on {day}"), FactList(tuple(facts)))
        self._outbox.tell("digest", f"{day} {snapshot.kept}", self._settings.digest, message)


def _sentence(text: str) -> Message:
    return (Paragraph(clean_text(text, 600)),)
