"""`squarm outbox`: what waits for Slack."""

import argparse
import time

from base.errors import UsageError
from base.redaction import Redactor
from base.text import clean_text
from chat.outbox.items import OutboxItem
from chat.outbox.outbox import Outbox
from operations.kinds import Kind
from operations.messages import drop, retry
from swarm.job_values import parse_whole
from tui.command.front_end import admit, perform_and_say
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser
from tui.command.slack.slack_options import add_settings, read_settings


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("action", nargs="?", choices=("list", "retry", "drop"), default="list")
    parser.add_argument("number", nargs="?", help="the message's number")
    add_yes(parser)
    add_settings(parser)
    parser.set_defaults(run=act)
    parser.add_examples(
        ("squarm outbox", "what waits, and why"),
        ("squarm outbox retry 3", "send message 3 again"),
        ("squarm outbox drop 3", "give it up"),
    )


async def act(arguments: argparse.Namespace) -> int:
    """List the outbox, or retry or drop one message of it."""
    changes = {"retry": (Kind.RETRY_MESSAGE, retry), "drop": (Kind.DROP_MESSAGE, drop)}
    change = changes.get(arguments.action)
    if change is not None:
        admit(arguments, change[0])
    settings = read_settings(arguments)
    outbox = Outbox.open(Redactor(settings.secrets if settings else ()))
    try:
        if change is None:
            return _print_items(outbox.entries())
        if arguments.number is None:
            raise UsageError(f"Say which: squarm outbox {arguments.action} NUMBER.")
        number = parse_whole("number", arguments.number)
        return await perform_and_say(arguments, change[1](outbox, number))
    finally:
        outbox.close()


def _print_items(items: tuple[OutboxItem, ...]) -> int:
    if not items:
        say("The outbox is empty.")
        return 0
    print(f"{'NO.':>6}  {'STATE':<8} {'CHANNEL':<16} {'MADE':<19} {'TRIES':>5}  WHAT, AND WHY NOT")
    for item in items:
        made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(item.made))
        what = clean_text(item.subject + (f": {item.error}" if item.error else ""), 300)
        print(
            f"{item.id:>6}  {item.state:<8} {clean_text(item.channel, 16):<16} {made} "
            f"{item.attempts:>5}  {what}"
        )
    return 0
