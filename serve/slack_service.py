"""The daemon's Slack: what waits is sent and commands are taken, under the settings as they are."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from base.errors import ChatError, SquarmError
from base.redaction import Redactor
from chat.bot.replies import sentence
from chat.outbox.delivery import Delivery
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from chat.outbox.transport import Transport
from chat.settings import Settings, SettingsFile
from chat.sharing import open_transport
from results.reports import Event, Snapshot
from results.store import Store
from serve.alerts import Notifier
from serve.guard import Guard
from swarm.engine import Engine

_LOOK = 2.0
"""Seconds between looks at whether the settings have changed."""
_AGAIN = 5.0
_LOG = logging.getLogger(__name__)


class SlackService:
    """Begins anew whenever the settings change; while they say nothing it does nothing.

    `file`: where messages wait; `engine` gives the engine once there is one, `changed` nudges
    whoever watches it; `backups`: what is wrong with the daily copy, '' where nothing is. With
    `read_only` no job is run or cancelled.
    """

    def __init__(
        self,
        settings: SettingsFile,
        file: Path,
        store: Store,
        engine: Callable[[], Engine | None],
        changed: Callable[[], None],
        backups: Callable[[], str],
        *,
        read_only: bool,
    ) -> None:
        self._file = settings
        self._settings: Settings | None = None
        self._stamp: tuple[int, ...] = ()
        self._outbox_file = file
        self._store = store
        self._engine = engine
        self._changed = changed
        self._backups = backups
        self._snapshot: Snapshot | None = None
        self._read_only = read_only
        self._outbox: Outbox | None = None
        self._listeners: list[Callable[[Event], None]] = []
        self._problems: list[Callable[[], str]] = []
        self._own_problem = ""

    @property
    def set_up(self) -> bool:
        """Whether there is a Slack to talk to."""
        return self._settings is not None

    @property
    def problems(self) -> tuple[str, ...]:
        """What is not well, each in a sentence."""
        told = (self._own_problem, *(problem() for problem in self._problems))
        return tuple(problem for problem in told if problem)

    def counts(self) -> dict[ItemState, int]:
        """How many messages are in each state; none where that cannot be read."""
        try:
            return self._outbox.counts() if self._outbox else {}
        except ChatError as error:
            # Whoever sends them cannot read them either, and says so.
            _LOG.info("What waits cannot be counted: %s", error)
            return {}

    def see(self, event: Event) -> None:
        """Take note of what the engine reports."""
        if isinstance(event, Snapshot):
            self._snapshot = event
        for listener in self._listeners:
            listener(event)

    def tell(self, text: str) -> None:
        """Post a sentence where alerts go, else where shares do, if there is such a channel."""
        settings, outbox = self._settings, self._outbox
        channel = (settings.alerts or settings.channel) if settings else ""
        if outbox is None or not channel:
            return
        try:
            outbox.put(channel, sentence(text), subject="image")
        except ChatError as error:
            _LOG.warning("%s", error)

    async def read_settings(self) -> None:
        """What the settings say now; raises ChatError."""
        self._stamp = self._file.stamp()
        self._settings = await asyncio.to_thread(self._file.read)

    async def run(self) -> None:
        """Serve until cancelled, by the settings that were read."""
        while True:
            settings = self._settings
            if settings is not None and not await self._open_outbox(settings):
                await asyncio.sleep(_AGAIN)
                continue
            transport = None if settings is None else open_transport(settings)
            try:
                async with asyncio.TaskGroup() as group:
                    tasks = []
                    if settings is not None and transport is not None and self._outbox is not None:
                        tasks = self._begin(group, settings, self._outbox, transport)
                    await self._new_settings()
                    for task in tasks:
                        task.cancel()
            finally:
                await self._let_go(transport)
            _LOG.info("Slack's settings have changed")

    async def _open_outbox(self, settings: Settings) -> bool:
        """Whether what waits can be read; all else goes on where it cannot."""
        redact = Redactor(settings.secrets)
        try:
            self._outbox = await asyncio.to_thread(Outbox, self._outbox_file, redact)
        except ChatError as error:
            if self._own_problem != str(error):
                _LOG.warning("%s", error)
            self._own_problem = str(error)
            return False
        self._own_problem = ""
        return True

    async def _new_settings(self) -> None:
        """Waits for other settings that are right."""
        while True:
            await asyncio.sleep(_LOOK)
            if self._file.stamp() == self._stamp:
                continue
            before = self._settings
            try:
                await self.read_settings()
            except ChatError as error:
                self._own_problem = f"the settings from before stay in use: {error}"
                _LOG.warning("%s", self._own_problem)
                continue
            self._own_problem = ""
            if self._settings != before:
                if self._outbox is not None:
                    # What waited for a better token need not wait any longer.
                    await asyncio.to_thread(self._outbox.hurry)
                return

    def _begin(
        self, group: asyncio.TaskGroup, settings: Settings, outbox: Outbox, transport: Transport
    ) -> list["asyncio.Task[None]"]:
        """Starts what talks to Slack."""
        delivery = Delivery(outbox, transport, settings.seconds_between)
        self._problems.append(lambda: delivery.problem)
        alerts = Notifier(outbox, settings, lambda: self._snapshot, self._backups)
        sending = Guard("The sending to Slack", delivery.run)
        alerting = Guard("The alerts to Slack", lambda: self._alert(alerts))
        self._problems += [lambda: sending.problem, lambda: alerting.problem]
        tasks = [group.create_task(guard.run()) for guard in (sending, alerting)]
        if not settings.app_token:
            return tasks
        # Bolt takes half a second to import, and memory: only who takes commands pays.
        from chat.bot.bot import Bot
        from chat.outbox.web_api import BotTransport

        if isinstance(transport, BotTransport):
            bot = Bot(
                outbox,
                transport,
                settings,
                self._store,
                self._engine,
                delivery.nudge,
                self._changed,
                read_only=self._read_only,
            )
            self._listeners.append(bot.see)
            self._problems.append(lambda: bot.problem)
            tasks.append(group.create_task(bot.run()))
        return tasks

    async def _alert(self, alerts: Notifier) -> None:
        """Alerts, again and again where a file cannot be read or written."""
        problem = ""
        self._problems.append(lambda: problem)
        while True:
            try:
                await alerts.run()
            except SquarmError as error:
                problem = str(error)
                await asyncio.sleep(_AGAIN)
                problem = ""

    async def _let_go(self, transport: Transport | None) -> None:
        self._listeners.clear()
        self._problems.clear()
        if transport is not None:
            await transport.close()
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None
