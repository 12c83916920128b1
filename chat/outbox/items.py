"""What waits in the outbox: as its list shows it, and as it goes to Slack."""

from dataclasses import dataclass
from enum import StrEnum

from chat.sealing import Sealed

NO_PICTURE = "-"
"""Stands for the id of a picture that this message goes without."""


class ItemState(StrEnum):
    """Where a message stands; SENDING: it left, and nobody has said yet that it arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message as the outbox's list shows it; times in seconds since the epoch.

    `due`: the next attempt; `error`: why the last one failed, in a sentence; `place` and `stamp`:
    the channel's id and the message's, once it is sent.
    """

    id: int
    channel: str
    subject: str
    state: ItemState
    made: float
    attempts: int
    due: float
    error: str
    place: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way: `thread` and `edits` are messages' ids at Slack, '' for none.

    `picture` is its picture's id there, '' before it is uploaded; `mark` is what it is recognised
    by; `tried`: when it may first have left, 0 for never.
    """

    id: int
    channel: str
    thread: str
    edits: str
    sealed: Sealed
    mark: str
    picture: str
    tried: float
    attempts: int
    due: float
