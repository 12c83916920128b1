"""The channels in which the bot answers: found by their names, beside the listening."""

import asyncio
import time
from contextlib import suppress

from base.errors import ChatError
from chat.errors import seconds_asked
from chat.outbox.web_api import BotTransport, Joined
from chat.settings import Settings

_AGAIN = 60.0
_SOON = 5.0
"""Seconds between two lookups when somebody asks where none of the channels known is."""


class Channels:
    """Knows them by their ids once Slack has said these."""

    def __init__(self, settings: Settings, transport: BotTransport) -> None:
        self._transport = transport
        self._missing = set(settings.answering)
        self._ids: set[str] = set()
        self._public: set[str] = set()
        self._looked = 0.0 if self._missing else time.time()
        self._asked = asyncio.Event()
        self.problem = ""

    def answers_in(self, channel: str, asked: float) -> bool | None:
        """Whether the bot answers there what was asked at that time; None while it cannot tell.

        Where a name is still without a channel, the bot may have been invited since it looked.
        """
        if channel in self._ids:
            return True
        if self._looked and (not self._missing or self._looked >= asked):
            return False
        self._asked.set()
        return None

    @property
    def elsewhere(self) -> str:
        """Why a command is not taken in this channel; names none that is private."""
        if not self._public:
            return "I take no commands here: send me a direct message."
        return f"I take commands in {', '.join(sorted(self._public))} and in direct messages only."

    async def run(self) -> None:
        """Look until every name has its channel."""
        wait = 1.0
        while self._missing:
            began = time.time()
            try:
                self._take(await self._transport.joined(), began)
                wait = 1.0
            except ChatError as error:
                self.problem = f"the bot cannot find its channels: {error}"
                await asyncio.sleep(seconds_asked(error) or wait)
                wait = min(2 * wait, _AGAIN)
            else:
                await self._until_asked()

    async def _until_asked(self) -> None:
        """Waits until somebody asks, or a name may have got its channel meanwhile."""
        await asyncio.sleep(_SOON if self._missing else 0)
        self._asked.clear()
        if self._missing:
            with suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN):
                    await self._asked.wait()

    def _take(self, joined: Joined, began: float) -> None:
        """Note what Slack said."""
        for one in joined.channels:
            # In the settings they stand as #name, as name, or by their ids.
            if called := self._missing & {f"#{one.name}", one.name, one.id}:
                self._missing -= called
                self._ids.add(one.id)
                if not one.private:
                    self._public.add(f"#{one.name}")
        self.problem = ""
        if self._missing and joined.lacking:
            # An id needs no listing.
            self._ids |= {name for name in self._missing if not name.startswith("#")}
            raise joined.lacking
        self._looked = began
        if self._missing:
            names = ", ".join(sorted(self._missing))
            self.problem = f"the bot is not in {names}: say /invite @squarm there"
