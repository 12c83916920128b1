"""Sharing from the console or the command line: preview to the letter, send, see it arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from base.audit import AuditEntry
from base.errors import ChatError
from base.redaction import Redactor
from chat.alert_messages import put_alert
from chat.message import Message, Picture, Screen
from chat.outbox.delivery import Delivery
from chat.outbox.items import ItemState, OutboxItem
from chat.outbox.outbox import Outbox
from chat.outbox.transport import Arrived, Transport
from chat.sealing import Sealed, seal
from chat.settings import Settings, load

WEBHOOK = "the webhook's channel"
"""Stands for the channel that only the webhook knows."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what would be sent, and where to; `notes` say what stays behind, and why."""

    channel: str
    sealed: Sealed
    notes: tuple[str, ...] = ()


class Sharing:
    """The way to Slack for one process. Methods may raise ChatError, in one sentence."""

    def __init__(self, settings: Settings, outbox: Outbox, transport: Transport) -> None:
        self._settings = settings
        self._outbox = outbox
        self._transport = transport
        self._delivery = Delivery(outbox, transport, settings.seconds_between)

    @classmethod
    def open(cls, slack: Path | None = None, vault: Path | None = None) -> Self:
        """What the settings say; raises ChatError where Slack is not set up, or not rightly."""
        settings = load(slack, vault)
        if settings is None:
            raise ChatError("Slack is not set up here: squarm slack setup says how.")
        redact = Redactor(settings.secrets)
        return cls(settings, Outbox.open(redact), open_transport(settings))

    @property
    def means(self) -> str:
        """How Slack is reached, and what that can do."""
        return self._settings.means

    @property
    def channels(self) -> tuple[str, ...]:
        """Where to share, the usual one first; other names may be typed with a bot token."""
        return _channels(self._settings)

    @property
    def problem(self) -> str:
        """What is wrong with sending now, in a sentence; '' when all is well."""
        return self._delivery.problem

    def preview(self, message: Message, channel: str = "") -> Preview:
        """What `send` would send, secrets hidden; raises ChatError for a channel out of reach."""
        return preview(self._settings, message, channel)

    def send(self, preview: Preview) -> int:
        """Let it wait in the outbox; its number. What is running sends it at once."""
        number = self._outbox.put(preview.channel, preview.sealed.parts)
        self._delivery.nudge()
        return number

    def alert(self, entry: AuditEntry) -> None:
        """Post an alert of the audit log where alerts go, unless it was posted."""
        put_alert(self._outbox, self._settings, entry)
        self._delivery.nudge()

    async def arrive(self, number: int, patience: float = 20.0) -> OutboxItem | None:
        """Wait until a message is sent, sending it here where nobody else does."""
        await self._delivery.send_now(number, patience)
        return self._outbox.entry(number)

    async def link_to(self, number: int) -> str:
        """An address of a sent message for a person, '' where there is none."""
        item = self._outbox.entry(number)
        if item is None or item.state is not ItemState.SENT or not item.stamp:
            return ""
        return await self._transport.link(Arrived(item.place, item.stamp))

    def entries(self, limit: int = 200) -> Sequence[OutboxItem]:
        """The outbox: what waits or failed, oldest first, then what was sent."""
        return self._outbox.entries(limit)

    def retry(self, number: int) -> OutboxItem:
        """Send a failed message again, or a waiting one at once."""
        entry = self._outbox.retry(number)
        self._delivery.nudge()
        return entry

    def drop(self, number: int) -> OutboxItem:
        """Give up a message that is not sent."""
        return self._outbox.drop(number)

    def hurry(self) -> None:
        """Try at once all that waits: there is a better token now."""
        self._outbox.hurry()

    async def run(self) -> None:
        """Send what waits, while no other process (the daemon) does, until cancelled."""
        await self._delivery.run()

    async def close(self) -> None:
        """Let go of the file and of connections; what waits stays."""
        await self._transport.close()
        self._outbox.close()


def preview(settings: Settings | None, message: Message, channel: str = "") -> Preview:
    """What would be sent, secrets hidden, also where Slack is not set up yet.

    Raises ChatError for a channel out of reach.
    """
    if settings is None:
        note = "Slack is not set up here: squarm slack setup says how."
        return Preview(channel or "a channel still to be named", seal(message, Redactor()), (note,))
    redact = Redactor(settings.secrets)
    channel = channel.strip() or _channels(settings)[0]
    if settings.bot_token:
        if not channel.startswith("#") and not channel[1:].isalnum():
            raise ChatError(f"{channel[:40]!r} is no channel: name one as in #squarm.")
        return Preview(channel, seal(message, redact))
    if channel != WEBHOOK:
        raise ChatError("A webhook posts to its own channel only: others need a bot token.")
    notes: list[str] = []
    if any(isinstance(part, Picture | Screen) for part in message):
        notes.append("without the picture: a webhook takes none, a bot token does")
    return Preview(channel, seal(message, redact, pictures=False), tuple(notes))


def _channels(settings: Settings) -> tuple[str, ...]:
    """Where to share, the usual one first."""
    if not settings.bot_token:
        return (WEBHOOK,)
    return tuple(dict.fromkeys((settings.channel, *settings.channels)))


def open_transport(settings: Settings) -> Transport:
    """The way to Slack that the settings give."""
    # Imported late: with aiohttp it takes as long as all the rest.
    if settings.bot_token:
        from chat.outbox.web_api import BotTransport

        return BotTransport(settings)
    from chat.outbox.webhook import WebhookTransport

    return WebhookTransport(settings)
