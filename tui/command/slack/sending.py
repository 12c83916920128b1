"""Sending a message to Slack, and waiting until it is there."""

import argparse

from chat.message import Message
from chat.sharing import Sharing
from operations import messages
from tui.command.front_end import perform
from tui.command.messages import say


async def send(arguments: argparse.Namespace, message: Message, channel: str = "") -> int:
    """Send it and say where it is: 1 where it is not there yet. Raises ChatError."""
    sharing = Sharing.open(arguments.slack, arguments.vault_password_file)
    try:
        shown = sharing.preview(message, channel)
        for note in shown.notes:
            say(note)
        operation = messages.share(
            sharing, shown.sealed.subject, shown.channel, lambda: sharing.send(shown)
        )
        done = await perform(arguments, operation)
    finally:
        await sharing.close()
    if done is None:
        return 1
    if done.result != "done":
        say(done.sentence)
        return 1
    print(done.sentence)
    return 0
