"""Messages to Slack: sent, sent again, given up; and Slack's settings.

What carries them is above this room: it comes in as a `Sender`.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Tell


class QueuedMessage(Protocol):
    """A message in the outbox."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    @property
    def channel(self) -> str:
        """Where it goes."""
        ...

    @property
    def subject(self) -> str:
        """What it tells of."""
        ...

    @property
    def state(self) -> str:
        """`waiting`, `sending`, `sent`, `failed`, `dropped`."""
        ...

    @property
    def error(self) -> str:
        """Why it waits or failed; '' for no reason."""
        ...


class MessageQueue(Protocol):
    """Where messages wait: `chat.outbox.outbox.MessageQueue`. Every method may raise ChatError."""

    def retry(self, number: int) -> QueuedMessage:
        """Send a message again."""
        ...

    def drop(self, number: int) -> QueuedMessage:
        """Give a message up."""
        ...


class Sender(Protocol):
    """What sends messages: `chat.sharing.Sharing`. Every method may raise ChatError."""

    async def arrive(self, number: int) -> QueuedMessage | None:
        """Wait until a message is sent."""
        ...

    async def link_to(self, number: int) -> str:
        """An address of a sent message; '' where there is none."""
        ...


def share(
    sender: Sender, subject: str, channel: str, put: Callable[[], int]
) -> Operation[QueuedMessage | None]:
    """Send what a preview showed; `put` lets it wait in the outbox and gives its number.

    Gives the message as it stands after a while.
    """

    async def work(_tell: Tell) -> Done[QueuedMessage | None]:
        number = await asyncio.to_thread(put)
        message = await sender.arrive(number)
        if message is None or message.state != "sent":
            why = f": {message.error.rstrip('.')}" if message and message.error else ""
            return Done(f"It waits in the outbox as {number}{why}.", message, "begun")
        link = await sender.link_to(number)
        return Done(f"Sent to {message.channel}. {link}".strip(), message)

    target = f"{subject} to {channel}"
    return Operation(kind=Kind.SHARE, target=target, caution=None, keep=None, work=work)


def retry(outbox: MessageQueue, number: int) -> Operation[None]:
    """Send a message again that waits or failed."""

    async def work(_tell: Tell) -> Done[None]:
        message = await asyncio.to_thread(outbox.retry, number)
        return Done(f"{message.id} is sent again ({message.subject}).", None)

    target = f"message {number}"
    return Operation(kind=Kind.RETRY_MESSAGE, target=target, caution=None, keep=None, work=work)


def drop(outbox: MessageQueue, number: int) -> Operation[None]:
    """Give a message up."""
    caution = Caution(
        f"Drop message {number}?",
        "It is not sent. The square or job it tells of stays.",
        agree="Drop it",
        decline="Keep it",
    )

    async def work(_tell: Tell) -> Done[None]:
        message = await asyncio.to_thread(outbox.drop, number)
        return Done(f"{message.id} is dropped ({message.subject}).", None)

    target = f"message {number}"
    return Operation(kind=Kind.DROP_MESSAGE, target=target, caution=caution, keep=None, work=work)


def set_up_slack(path: Path, write: Callable[[], None]) -> Operation[None]:
    """Write Slack's settings; `write` does it, so that no token comes by here."""

    async def work(_tell: Tell) -> Done[None]:
        await asyncio.to_thread(write)
        return Done(f"{path} is written, readable by you alone.", None)

    target = str(path)
    return Operation(kind=Kind.SET_UP_SLACK, target=target, caution=None, keep=None, work=work)
