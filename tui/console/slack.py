"""The console's way to Slack: opened when it is first wanted, then sending what waits."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.message import Message
    from chat.outbox.outbox import OutboxItem
    from chat.sharing import Preview, Sharing


class Slack:
    """Methods may raise ChatError, in one sentence; `settings`: the file, None for the usual."""

    def __init__(self, settings: Path | None = None) -> None:
        self._settings = settings
        self._sharing: Sharing | None = None
        self._sending: asyncio.Task[None] | None = None

    async def open(self) -> "Sharing":
        """The way to Slack; from then on what waits is sent, unless the daemon does."""
        if self._sharing is None:
            # With what it imports it takes a while: not on the event loop.
            self._sharing = await asyncio.to_thread(_open, self._settings)
            self._sending = asyncio.create_task(self._sharing.run())
        return self._sharing

    async def preview(self, message: "Message", channel: str = "") -> "Preview":
        """Exactly what would be sent."""
        sharing = await self.open()
        return await asyncio.to_thread(sharing.preview, message, channel)

    async def send(self, preview: "Preview") -> str:
        """Send it, and say where it is."""
        sharing = await self.open()
        number = await asyncio.to_thread(sharing.send, preview)
        entry = await sharing.arrive(number)
        if entry is None or entry.state != "sent":
            why = f": {entry.error}" if entry and entry.error else ""
            return f"It waits in the outbox{why}. :outbox shows it."
        link = await sharing.link_to(entry.id)
        return f"Sent to {entry.channel}. {link}".strip()

    async def entries(self) -> Sequence["OutboxItem"]:
        """The outbox."""
        return await asyncio.to_thread((await self.open()).entries)

    async def retry(self, number: int) -> str:
        """Send a message again."""
        entry = await asyncio.to_thread((await self.open()).retry, number)
        return f"{entry.subject} is sent again."

    async def drop(self, number: int) -> str:
        """Give a message up."""
        entry = await asyncio.to_thread((await self.open()).drop, number)
        return f"{entry.subject} is dropped."

    async def close(self) -> None:
        """Let go; what waits stays."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._sharing is not None:
            await self._sharing.close()


def _open(settings: Path | None) -> "Sharing":
    from base.redaction import Redactor, quiet_logs
    from chat.settings import load
    from chat.sharing import Sharing

    found = load(settings)
    quiet_logs(Redactor(found.secrets if found else ()))
    return Sharing.open(settings)
