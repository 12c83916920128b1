"""An outbox with a message in each state, and no Slack behind it."""

import time
from collections.abc import Sequence
from pathlib import Path

from base.redaction import Redactor
from chat.outbox.items import ItemState, OutboxItem
from chat.outbox.outbox import Outbox
from chat.settings import Secret, Settings
from chat.sharing import Sharing, open_transport
from tui.console.sessions.slack import SlackSession


class ScriptedSlack(SlackSession):
    """Sends nothing; what it would send is shown as for a channel that a bot is in."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def open(self) -> Sharing:
        if self._sharing is None:
            settings = Settings(bot_token=Secret("xoxb-none"), channel="#swarm")
            outbox = Outbox.open(Redactor(settings.secrets), self._folder / "outbox.sqlite3")
            self._sharing = Sharing(settings, outbox, open_transport(settings))
        return self._sharing

    async def outbox(self) -> Sequence[OutboxItem]:
        return (
            item(41, ItemState.WAITING, 90, error="Slack does not answer; tried again in 2 min."),
            item(40, ItemState.FAILED, 4000, error="channel_not_found: invite the bot to #pis."),
            item(39, ItemState.SENDING, 130, attempts=1),
            item(38, ItemState.SENT, 9000, attempts=1),
        )

    async def problem(self) -> str:
        return ""


def item(
    number: int, state: ItemState, age: float, *, attempts: int = 3, error: str = ""
) -> OutboxItem:
    """A message about a square, of that many seconds ago."""
    made = time.time() - age - 5
    subject = f"square {number} of order 10"
    return OutboxItem(number, "#swarm", subject, state, made, attempts, made, error, "", "")
