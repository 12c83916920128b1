"""Nodes that are gone, as the swarm sees them: noted in the audit log when it begins, and ends."""

import asyncio
import logging
import time
from collections.abc import Callable

from base.errors import SquarmError
from fleet.alert_log import Alert, AlertKind, AlertLog
from results.reports import Snapshot
from swarm.engine import NodeView

_LOOK = 5.0
_SETTLED = 30.0
"""Seconds that a node must stay as it is before that is noted: it may only be restarting."""
_THERE = "ready"
_LOG = logging.getLogger(__name__)


class NodeAlerts:
    """The daemon has no eyes on machines: a node that is gone is all it can see of one.

    `problem`: why nothing can be noted, '' where it can.
    """

    def __init__(
        self, snapshot: Callable[[], Snapshot | None], log: AlertLog, settled: float = _SETTLED
    ) -> None:
        self.problem = ""
        self._snapshot = snapshot
        self._log = log
        self._settled = settled
        self._since: dict[str, tuple[bool, float]] = {}
        self._gone: dict[str, Alert] | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
                self.problem = ""
            except SquarmError as error:
                if self.problem != str(error):
                    _LOG.warning("%s", error)
                self.problem = str(error)
            await asyncio.sleep(_LOOK)

    def look(self) -> None:
        """Note what has changed; raises AuditError."""
        snapshot = self._snapshot()
        if snapshot is None or snapshot.problem or snapshot.engine != "swarm":
            return
        if self._gone is None:
            # What the last daemon noted, or a console.
            left = self._log.open().items()
            self._gone = {node: alert for (node, kind), alert in left if kind is AlertKind.GONE}
        for node in snapshot.nodes:
            if self._is_settled(node):
                self._note(node, self._gone)
        for id_ in self._since.keys() - {node.id for node in snapshot.nodes}:
            del self._since[id_]
            if alert := self._gone.pop(id_, None):
                self._log.leave(alert)

    def _is_settled(self, node: NodeView) -> bool:
        gone = node.state != _THERE
        known, since = self._since.get(node.id, (not gone, 0.0))
        if known is not gone:
            _, since = self._since[node.id] = (gone, time.monotonic())
        return time.monotonic() - since >= self._settled

    def _note(self, node: NodeView, gone: dict[str, Alert]) -> None:
        alert = gone.get(node.id)
        if node.state != _THERE and alert is None:
            why = node.problem or f"the swarm calls it {node.state}: is it on, and on the network?"
            alert = Alert(node.id, node.name, AlertKind.GONE, why, time.time())
            self._log.begin(alert)
            gone[node.id] = alert
        elif node.state == _THERE and alert is not None:
            self._log.end(alert)
            del gone[node.id]
