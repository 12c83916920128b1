"""Answers on their way: each is put into the outbox once, where whoever asked will see it."""

import asyncio
import time

from chat.bot.commands import Route
from chat.bot.requests import Request, Requests, RequestState
from chat.message import Message
from chat.outbox.outbox import Outbox

_EDIT = 3.0
"""Seconds between two edits of one progress message."""


class Answers:
    """Says things to those who asked; every answer has a key of its own, and is said once."""

    def __init__(self, outbox: Outbox, requests: Requests) -> None:
        self._outbox = outbox
        self._requests = requests
        self._shown: dict[int, tuple[float, Message]] = {}

    async def say(self, request: Request, message: Message, name: str, digest: str = "") -> int:
        """Put an answer; a slash command has no message to reply to, so its first answer is it."""
        return await asyncio.to_thread(
            self._outbox.put,
            request.channel,
            message,
            key=_key(request, name),
            thread=request.thread,
            parent=None if request.thread else request.head or None,
            digest=digest,
        )

    async def whisper(self, request: Request, message: Message, name: str) -> None:
        """Answer where the bot may not be: a slash command's answer goes to whoever typed it."""
        channel = request.user if request.route is Route.COMMAND else request.channel
        key, thread = _key(request, name), request.thread
        await asyncio.to_thread(self._outbox.put, channel, message, key=key, thread=thread)

    async def said(self, request: Request, name: str) -> bool:
        """Whether an answer was put before."""
        return await asyncio.to_thread(self._outbox.has, _key(request, name))

    async def reply(self, request: Request, message: Message) -> None:
        """An answer after which nothing follows."""
        await self.say(request, message, "answer")
        await asyncio.to_thread(self._requests.move, request, RequestState.DONE)

    async def refuse(self, request: Request, message: Message) -> None:
        """The same to one whose request is not taken."""
        await self.whisper(request, message, "answer")
        await asyncio.to_thread(self._requests.move, request, RequestState.DONE)

    async def begin(self, request: Request, message: Message) -> int:
        """The first answer of several, which `show` and `end` change; its number."""
        self._shown[request.id] = (time.monotonic(), message)
        return await self.say(request, message, "answer")

    async def show(self, request: Request, message: Message) -> None:
        """Edit the first answer, not too often, and only where it says something new."""
        now = time.monotonic()
        then, said = self._shown.setdefault(request.id, (now, ()))
        if message != said and now - then >= _EDIT:
            self._shown[request.id] = (now, message)
            await asyncio.to_thread(self._outbox.edit, request.head, message)

    async def end(self, request: Request, message: Message) -> None:
        """Let the first answer say how it ended."""
        await asyncio.to_thread(self._outbox.edit, request.head, message)
        await asyncio.to_thread(self._requests.move, request, RequestState.DONE)
        self._shown.pop(request.id, None)


def _key(request: Request, name: str) -> str:
    return f"ask:{request.id}:{name}"
