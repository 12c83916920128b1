"""Waiting for a message to reach Slack."""

from chat.outbox.outbox import ItemState
from chat.sharing import Sharing
from tui.command.messages import say

_PATIENCE = 20.0


async def arrive(sharing: Sharing, number: int) -> int:
    """Wait for a message to arrive, and say where it is."""
    entry = await sharing.arrive(number, _PATIENCE)
    if entry is None or entry.state is not ItemState.SENT:
        why = (entry and entry.error) or sharing.problem or "Slack has not taken it yet."
        say(f"Message {number} stays in the outbox: {why}")
        return 1
    print(f"Sent to {entry.channel}. {await sharing.link_to(entry.id)}".rstrip())
    return 0
