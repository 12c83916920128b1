"""What a way to Slack can do; there are two: a bot token and an incoming webhook."""

from dataclasses import dataclass
from typing import Protocol

from chat.message import File, Picture
from chat.outbox.items import Letter


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where a message is at Slack: the channel's id and the message's; '' where it is not told."""

    place: str = ""
    stamp: str = ""


class Transport(Protocol):
    """Sends letters. Each method may raise Refused, Barred, Later or Unsure."""

    async def upload(self, attachment: Picture | File) -> str:
        """Take a picture or file there; its id, '' where this way takes none."""
        ...

    async def post(self, letter: Letter) -> Arrived:
        """Post a letter, or edit the message that it edits."""
        ...

    async def find(self, letter: Letter) -> Arrived | None:
        """The letter at Slack, where an earlier attempt did arrive; None where it did not.

        A way that cannot tell says None, and the message may come twice.
        """
        ...

    async def link(self, arrived: Arrived) -> str:
        """An address of the message for a person, '' where there is none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
