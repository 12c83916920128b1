"""The bot's ear: Bolt over Socket Mode, one connection outwards, replaced when it goes deaf.

What it hears is on the disk or answered before it is acknowledged: Slack delivers it once.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from base.errors import ChatError
from chat.bot.channels import Channels
from chat.bot.commands import Route
from chat.bot.requests import IncomingText
from chat.outbox.web_api import BotTransport
from chat.sealing import PRESSED
from chat.settings import Settings

_DEAF = 6
"""Ping intervals without a sign of life before the client is thrown away."""
_CLOSING = 5.0
_SAID = (None, "thread_broadcast", "file_share", "me_message")
"""Subtypes of what a person says; others are edits, joins and the like."""
_LOG = logging.getLogger(__name__)


class Listener:
    """Hears what is said and hands it to `receive`, which returns once it is on the disk.

    Only then is Slack told that it arrived; what is delivered twice has the same id twice.
    """

    def __init__(
        self,
        settings: Settings,
        transport: BotTransport,
        channels: Channels,
        receive: Callable[[IncomingText], Awaitable[None]],
        home_opened: Callable[[str], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._channels = channels
        self._receive = receive
        self._home_opened = home_opened
        self._greeted: object = None
        self._alive = 0.0
        self.problem = "the bot has not connected yet"
        token = settings.bot_token.reveal()

        async def authorize() -> AuthorizeResult:
            # Bolt would request Slack, and drop what it hears while Slack does not answer.
            return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

        logger = logging.getLogger("slack_bolt")
        # Acknowledged after the listener is through: what was not noted is delivered again.
        self._app = AsyncApp(
            authorize=authorize,
            client=AsyncWebClient(base_url=settings.api, logger=logger, retry_handlers=[]),
            logger=logger,
            process_before_response=True,
        )
        self._app.error(_not_noted)
        self._app.event("message")(self._message)
        self._app.event("app_mention")(self._mention)
        self._app.event("app_home_opened")(self._home)
        self._app.command("/mols")(self._command)
        self._app.action(re.compile(f"^{PRESSED}"))(self._pressed)

    async def run(self) -> None:
        """Listen until cancelled, with a new client whenever the old one is beyond repair."""
        while True:
            await self._listen()
            await asyncio.sleep(min(1.0, self._settings.ping_seconds))

    async def _listen(self) -> None:
        """One client's life."""
        self._greeted, self._alive = None, time.monotonic()
        handler = AsyncSocketModeHandler(
            self._app,
            self._settings.app_token.reveal(),
            logger=logging.getLogger("slack_sdk.socket_mode"),
            ping_interval=self._settings.ping_seconds,
        )
        handler.client.message_listeners.append(self._heard)
        connecting = asyncio.create_task(handler.connect_async())
        try:
            await self._until_deaf(handler.client)
        finally:
            connecting.cancel()
            with suppress(Exception):
                async with asyncio.timeout(_CLOSING):
                    await handler.close_async()

    async def _until_deaf(self, client: SocketModeClient) -> None:
        """Returns when the client has shown no sign of life for too long.

        It reconnects by itself where it can; a closed session, a dead task or a hello that never
        comes are beyond it.
        """
        interval = self._settings.ping_seconds
        while time.monotonic() - self._alive < _DEAF * interval:
            await asyncio.sleep(interval / 2)
            receiver, processor = client.message_receiver, client.message_processor
            works = receiver is not None and not receiver.done() and not processor.done()
            # The client takes new sockets by itself: what the last one was told does not count.
            greeted = self._greeted is not None and self._greeted is client.current_session
            if greeted and works and await client.is_connected():
                self._alive = time.monotonic()
                self.problem = ""
        self.problem = await self._why()
        _LOG.warning("%s: a new client takes over", self.problem)

    async def _why(self) -> str:
        """What is wrong with the connection, in words."""
        client, token = self._transport.client, self._settings.app_token.reveal()
        try:
            await self._transport.call(client.apps_connections_open, app_token=token)
        except ChatError as error:
            return f"the bot hears nothing from Slack: {str(error).rstrip('.')}"
        return "the bot hears nothing from Slack, its connection is dead"

    async def _heard(
        self, client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None
    ) -> None:
        """Slack's greeting proves that a connection is more than a socket."""
        if message.get("type") == "hello" and isinstance(client, SocketModeClient):
            self._greeted, self._alive = client.current_session, time.monotonic()
            self.problem = ""
            _LOG.info("Slack is heard")

    async def _message(self, event: dict[str, Any]) -> None:
        route = Route.DIRECT if event.get("channel_type") == "im" else Route.CHANNEL
        await self._hear(event, route)

    async def _mention(self, event: dict[str, Any]) -> None:
        await self._hear(event, Route.MENTION)

    async def _hear(self, event: dict[str, Any], route: Route) -> None:
        user, channel, stamp = (str(event.get(key) or "") for key in ("user", "channel", "ts"))
        # What bots say is none of ours.
        if event.get("bot_id") or event.get("subtype") not in _SAID:
            return
        if not (user and channel and stamp):
            return
        text = str(event.get("text") or "")
        if route is Route.CHANNEL and self._channels.answers_in(channel, time.time()) is False:
            return
        thread = str(event.get("thread_ts") or stamp)
        # By place and time, not by event: a mention comes as two events.
        files = tuple(str(file.get("id") or "") for file in event.get("files") or ())
        await self._receive(
            IncomingText(f"{channel}:{stamp}", user, channel, thread, route, text, files)
        )

    async def _home(self, event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            await self._home_opened(str(event.get("user") or ""))

    async def _pressed(self, ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        """A button is a command that need not be typed: with the rights of whoever presses it."""
        user = str((body.get("user") or {}).get("id") or "")
        at = body.get("container") or {}
        channel, stamp = str(at.get("channel_id") or ""), str(at.get("message_ts") or "")
        action = (body.get("actions") or [{}])[0]
        route = Route.DIRECT if channel.startswith("D") else Route.MENTION
        if user and channel and stamp:
            name = f"button:{channel}:{stamp}:{user}:{action.get('action_ts')}"
            thread = str(at.get("thread_ts") or stamp)
            text = str(action.get("value") or "")
            await self._receive(IncomingText(name, user, channel, thread, route, text))
        await ack()

    async def _command(self, ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        user, channel = str(body.get("user_id") or ""), str(body.get("channel_id") or "")
        direct = channel.startswith("D")
        here = direct or self._channels.answers_in(channel, time.time())
        if here is False:
            await ack(self._channels.elsewhere)
            return
        text = str(body.get("text") or "")
        trigger = str(body.get("trigger_id") or "")
        # A direct message may be one between two others, where the bot cannot post: it answers in
        # its own with whoever asked.
        place = user if direct else channel
        await self._receive(
            IncomingText(f"command:{trigger}", user, place, "", Route.COMMAND, text)
        )
        await ack("I answer in a direct message." if direct else "" if here else "Noted.")


async def _not_noted(error: Exception) -> BoltResponse:
    """An event that could not be noted is not acknowledged: Slack delivers it again."""
    if not isinstance(error, ChatError):
        _LOG.error("an event could not be heard", exc_info=error)
    else:
        _LOG.warning("%s", error)
    return BoltResponse(status=500)
