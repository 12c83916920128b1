"""The console's alerts: shown as they begin and end, noted once, and posted where alerts go."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from base.errors import ChatError, SquarmError
from tui.console.node_row import AlertHistory

if TYPE_CHECKING:
    from base.audit import AuditEntry
    from fleet.alert_log import Alert, AlertLog
    from fleet.alerts import Alerts
    from fleet.snapshot import FleetSnapshot

_KEPT = 50
"""Alerts that have ended and can still be read."""


@dataclass(frozen=True, slots=True)
class _Event:
    """An alert that began, or `ended` then; `of_node`: the swarm, too, sees that it is gone.

    `left`: its machine is not looked at any more.
    """

    alert: "Alert"
    ended: float | None
    of_node: bool
    left: bool = False


class AlertSession:
    """Compares snapshots of the fleet; `say` shows a sentence, `post` posts what was noted.

    With `read_only` nothing is noted or posted.
    """

    def __init__(
        self,
        say: Callable[[str, Literal["information", "warning"]], None],
        post: "Callable[[AuditEntry], Awaitable[None]]",
        *,
        read_only: bool,
    ) -> None:
        self._say = say
        self._post = post
        self._read_only = read_only
        self._log: AlertLog | None = None
        self._alerts: Alerts | None = None
        self._left: tuple[Alert, ...] = ()
        self._ended: tuple[tuple[Alert, float], ...] = ()
        self._interface = ""
        self._events: asyncio.Queue[_Event] = asyncio.Queue()

    def take(self, fleet: "FleetSnapshot") -> AlertHistory:
        """Compare one more snapshot, on the event loop; all that is known of alerts now."""
        # With asyncssh it takes a third of a second to import: the fleet has done so by now.
        from fleet.alerts import Alerts

        before = self._alerts
        if before is None or fleet.interface != self._interface:
            # Machines of another network are out of sight: their alerts have not ended.
            before = Alerts({(alert.machine, alert.kind): alert for alert in self._left})
        self._interface = fleet.interface
        self._alerts = after = before.after(fleet)
        self._left = tuple(after.holding.values())
        nodes = {*after.nodes.values()}
        for alert in after.began:
            # What is so from the beginning stands in its row; it is no news.
            if alert.machine in before.seen:
                self._say(alert.beginning, "warning")
            self._events.put_nowait(_Event(alert, None, alert.machine in nodes))
        for alert in after.ended:
            self._say(alert.ending(fleet.taken), "information")
            self._ended = (*self._ended, (alert, fleet.taken))[-_KEPT:]
            self._events.put_nowait(_Event(alert, fleet.taken, alert.machine in nodes))
        for alert in after.left:
            self._events.put_nowait(_Event(alert, fleet.taken, alert.machine in nodes, left=True))
        return AlertHistory(self._left, self._ended)

    async def run(self) -> None:
        """Note and post what begins and ends, until cancelled."""
        if self._log is not None and not self._read_only:
            await self._post_left(self._log)
        while True:
            event = await self._events.get()
            if self._log is None or self._read_only:
                continue
            try:
                entry = await asyncio.to_thread(_note, self._log, event)
                if entry is not None:
                    await self._post(entry)
            except SquarmError as error:
                self._say(str(error), "warning")

    async def _post_left(self, log: "AlertLog") -> None:
        """Post what a console noted and could not post any more; what is posted is so once."""
        try:
            for entry in await asyncio.to_thread(log.recent):
                await self._post(entry)
        except SquarmError as error:
            self._say(str(error), "warning")

    async def load(self) -> None:
        """Know which alerts the last console left open."""
        try:
            self._log, self._left = await asyncio.to_thread(_read)
        except SquarmError as error:
            self._say(str(error), "warning")


def _read() -> "tuple[AlertLog, tuple[Alert, ...]]":
    from fleet.alert_log import AlertLog

    log = AlertLog()
    return log, tuple(log.open().values())


def _note(log: "AlertLog", event: _Event) -> "AuditEntry | None":
    if event.of_node and _daemon_sees_nodes():
        return None
    if event.left:
        return log.leave(event.alert)
    return log.begin(event.alert) if event.ended is None else log.end(event.alert, event.ended)


def _daemon_sees_nodes() -> bool:
    """Whether a daemon notes which nodes are gone."""
    from serve import health

    try:
        return health.read().engine == "swarm"
    except ChatError:
        return False
