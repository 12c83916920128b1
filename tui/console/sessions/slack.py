"""The console's session with Slack: opened when it is first wanted, then sending what waits."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from base import log_file
from base.errors import ChatError

if TYPE_CHECKING:
    from base.audit import AuditEntry
    from chat.message import Message
    from chat.outbox.items import OutboxItem
    from chat.sharing import Preview, Sharing


class SlackSession:
    """Methods may raise ChatError, in one sentence; `settings`: the file, None for the usual."""

    def __init__(self, settings: Path | None = None) -> None:
        self._settings = settings
        self._sharing: Sharing | None = None
        self._stamp: tuple[int, ...] = ()
        self._opening = asyncio.Lock()
        self._sending: asyncio.Task[None] | None = None

    @property
    def sharing(self) -> "Sharing":
        """What sends; raises ChatError before it is open."""
        if self._sharing is None:
            raise ChatError("Slack is not open yet: wait a moment.")
        return self._sharing

    async def open(self) -> "Sharing":
        """What sends; from then on what waits is sent, unless the daemon does.

        Where the settings have changed since, it is opened anew: a better token counts at once.
        """
        async with self._opening:
            stamp = await asyncio.to_thread(_stamp, self._settings)
            if self._sharing is None or stamp != self._stamp:
                # With what it imports it takes a while: not on the event loop.
                sharing = await asyncio.to_thread(_open, self._settings)
                if self._sharing is not None:
                    await self.close()
                    await asyncio.to_thread(sharing.hurry)
                self._sharing, self._stamp = sharing, stamp
                self._sending = asyncio.create_task(sharing.run())
            return self._sharing

    async def alert(self, entry: "AuditEntry") -> None:
        """Post an alert of the audit log, where Slack is set up and has a channel for them."""
        if await asyncio.to_thread(_takes_alerts, self._settings):
            await asyncio.to_thread((await self.open()).alert, entry)

    async def preview(self, message: "Message", channel: str = "") -> "Preview":
        """Exactly what would be sent."""
        sharing = await self.open()
        return await asyncio.to_thread(sharing.preview, message, channel)

    async def outbox(self) -> Sequence["OutboxItem"]:
        """What waits or failed, then what was sent."""
        return await asyncio.to_thread((await self.open()).entries)

    async def problem(self) -> str:
        """What is not well with whoever sends: the daemon where one runs, else this console."""
        told = await asyncio.to_thread(_daemon_problem)
        return self.sharing.problem if told is None else told

    async def close(self) -> None:
        """Let go; what waits stays."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._sharing is not None:
            await self._sharing.close()


def _daemon_problem() -> str | None:
    """What the daemon finds wrong, '' for nothing, None where none runs."""
    from serve import health

    try:
        problems = health.read().problems
    except ChatError:
        return None
    return f"squarm serve: {problems[0]}" if problems else ""


def _takes_alerts(settings: Path | None) -> bool:
    from chat.settings import SettingsFile

    file = SettingsFile(settings)
    found = file.read() if file.stamp() else None
    return found is not None and bool(found.alerts)


def _stamp(settings: Path | None) -> tuple[int, ...]:
    from chat.settings import SettingsFile

    return SettingsFile(settings).stamp()


def _open(settings: Path | None) -> "Sharing":
    from chat.settings import load
    from chat.sharing import Sharing

    if found := load(settings):
        log_file.hide(found.secrets)
    return Sharing.open(settings)
