"""An outbox with a message in each state, and no Slack behind it."""

import time
from collections.abc import Sequence

from chat.outbox.items import ItemState, OutboxItem
from tui.console.slack_session import SlackSession


class ScriptedSlack(SlackSession):
    """Sends nothing."""

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
