"""The app's Home tab: the swarm's nodes, jobs and last squares as it stands, for who opened it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from base.errors import ChatError
from chat.bot import replies
from chat.bot.people import NOT_FOR_GUESTS, People
from chat.bot.requests import Requests
from chat.errors import seconds_asked
from chat.message import Code, Heading, Message, Paragraph
from chat.outbox.web_api import BotTransport
from chat.render import amount, moment
from chat.sealing import seal
from results.reports import Snapshot
from results.store import Store

_FRESH = 15.0
"""Seconds after which an open tab is drawn anew."""
_OPEN = 600.0
"""Seconds for which a tab counts as open: Slack does not say when it is closed."""
_MOST = 50
_SQUARES = 10
_LOG = logging.getLogger(__name__)


class Home:
    """Draws the tab of whoever opened it, and again for a while, where they may see it."""

    def __init__(
        self,
        transport: BotTransport,
        people: People,
        requests: Requests,
        store: Store,
        snapshot: Callable[[], Snapshot | None],
        redact: Callable[[str], str],
    ) -> None:
        self._transport = transport
        self._people = people
        self._requests = requests
        self._store = store
        self._snapshot = snapshot
        self._redact = redact
        self._shown: dict[str, Message] = {}
        self._nudged = asyncio.Event()

    async def open(self, user: str) -> None:
        """Somebody opened it: noted on the disk, so that it is drawn after a kill, too."""
        await asyncio.to_thread(self._requests.open_home, user, _MOST)
        self._shown.pop(user, None)
        self._nudged.set()

    async def run(self) -> None:
        """Draw until cancelled."""
        while True:
            self._nudged.clear()
            pause = _FRESH
            try:
                opened = await asyncio.to_thread(self._requests.homes, _OPEN)
            except ChatError as error:
                _LOG.warning("The Home tab: %s", error)
                opened = ()
            self._shown = {user: self._shown[user] for user in opened if user in self._shown}
            for user in opened:
                try:
                    if not await self._draw(user):
                        pause = 1.0
                except ChatError as error:
                    _LOG.warning("The Home tab: %s", error)
                    pause = max(pause, seconds_asked(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._nudged.wait()

    async def _draw(self, user: str) -> bool:
        """Shows how it stands, where that is new; False where it is not known yet for whom."""
        may_see = self._people.may_ask(user)
        if may_see is None:
            return False
        message = replies.sentence(NOT_FOR_GUESTS)
        if may_see:
            message = await asyncio.to_thread(self._message)
        if message != self._shown.get(user):
            blocks = seal(message, self._redact).blocks()
            publish = self._transport.client.views_publish
            view = {"type": "home", "blocks": blocks}
            await self._transport.call(publish, user_id=user, view=view)
            self._shown[user] = message
        return True

    def _message(self) -> Message:
        snapshot = self._snapshot()
        if snapshot is None:
            return replies.sentence("I have not seen the swarm yet: I have only just started.")
        lines = [
            f"#{result.id}  {amount(len(result.squares))} of order {result.order}, "
            f"{moment(result.found_at)} on {result.node}"
            for result in self._store.results(limit=_SQUARES)
        ]
        return (
            Heading("Nodes"),
            *replies.nodes(snapshot.nodes),
            Heading("Jobs"),
            *replies.jobs(snapshot.jobs, ()),
            Heading("Last squares"),
            Code("\n".join(lines)) if lines else Paragraph("None yet: mols 10 finds some."),
        )
