"""The bot, put together: what it hears, whom it answers, what it works on."""

import asyncio
from collections.abc import Callable

from chat.bot.admission import Admission
from chat.bot.answers import Answers
from chat.bot.home import Home
from chat.bot.request_worker import RequestWorker
from chat.bot.requests import Requests
from chat.bot.searches import Searches
from chat.bot.socket_mode import Listener
from chat.outbox.outbox import Outbox
from chat.outbox.web_api import BotTransport
from chat.settings import Settings
from results.reports import Event
from results.store import Store
from swarm.engine import Engine


class Bot:
    """Takes commands in Slack.

    `engine` gives the engine once there is one; `sent` nudges the delivery, `changed` the watch.
    With `read_only` it answers, and runs and cancels nothing.
    """

    def __init__(
        self,
        outbox: Outbox,
        transport: BotTransport,
        settings: Settings,
        store: Store,
        engine: Callable[[], Engine | None],
        sent: Callable[[], None],
        changed: Callable[[], None],
        *,
        read_only: bool,
    ) -> None:
        self._requests = Requests(outbox.path, outbox.redact)
        answers = Answers(outbox, self._requests)
        searches = Searches(
            answers, self._requests, store, settings, engine, changed, read_only=read_only
        )
        self._admission = Admission(settings, transport)
        self._worker = RequestWorker(
            answers, self._requests, searches, self._admission, transport.file_text, store, sent
        )
        self._home = Home(
            transport,
            self._admission.people,
            self._requests,
            store,
            lambda: searches.snapshot,
            outbox.redact,
        )
        self._listener = Listener(
            settings, transport, self._admission.channels, self._worker.receive, self._home.open
        )

    @property
    def problem(self) -> str:
        """What is not well, '' where all is."""
        return self._worker.problem or self._admission.problem or self._listener.problem

    def see(self, event: Event) -> None:
        """Take note of what the engine reports."""
        self._worker.see(event)

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in (self._admission, self._worker, self._home, self._listener):
                    group.create_task(part.run())
        finally:
            self._requests.close()
