"""`squarm slack`: set Slack up, or check what is set up."""

import argparse
import getpass
import os
import sys
from functools import partial
from pathlib import Path

from base.errors import ChatError
from chat import setup
from chat.render import hello
from chat.settings import Settings, default_path, load
from operations.kinds import Kind
from operations.messages import set_up_slack
from tui.command.front_end import admit, perform_and_say
from tui.command.messages import confirm, say
from tui.command.parser import Parser, subverbs
from tui.command.slack.sending import send
from tui.command.slack.slack_options import add_settings, read_settings

_STEPS = """
1. Open https://api.slack.com/apps, choose Create New App, From a manifest, and paste the above.
2. Basic Information, App-Level Tokens: generate one with the scope connections:write (xapp-...).
3. Install App: install it to the workspace, and copy the Bot User OAuth Token (xoxb-...).
4. In Slack, say /invite @squarm in the channel.
5. Put both tokens into {path}, readable by you alone (chmod 600):

    bot_token = "xoxb-..."
    app_token = "xapp-..."
    channel = "#squarm"
"""


def add(parser: Parser) -> None:
    """Define what can be done about Slack."""
    action = subverbs(parser, "what to do about Slack")
    parser.add_examples(
        ("squarm slack setup", "step by step"),
        ("squarm slack check", "is all well?"),
    )
    for name, text, run in (
        ("setup", "say how to set Slack up, write its tokens down, say hello there", set_up),
        ("check", "look at each token and channel, live", check),
        ("manifest", "print the manifest of squarm's Slack app", manifest),
    ):
        add_settings(action(name, text, run))


async def set_up(arguments: argparse.Namespace) -> int:
    """Print the app's manifest, ask for tokens where there are none, check them, say hello."""
    admit(arguments, Kind.SET_UP_SLACK)
    path = arguments.slack or default_path()
    manifest(arguments)
    print(_STEPS.format(path=path))
    if not path.exists() and sys.stdin.isatty():
        await _ask_tokens(arguments, path)
    settings = read_settings(arguments)
    if settings is None:
        say(f"There is no {path} yet: follow the steps, then say squarm slack setup again.")
        return 1
    if not await _is_well(settings):
        return 1
    return await send(arguments, hello("a bot token" if settings.bot_token else "a webhook"))


async def check(arguments: argparse.Namespace) -> int:
    """Look at each token and channel, live."""
    settings = read_settings(arguments)
    if settings is None:
        path = arguments.slack or default_path()
        say(f"There is no {path} yet: squarm slack setup says how.")
        return 1
    return 0 if await _is_well(settings) else 1


def manifest(_arguments: argparse.Namespace) -> int:
    """Print the app's manifest."""
    print(setup.MANIFEST, end="")
    return 0


async def _is_well(settings: Settings) -> bool:
    """Print what was looked at, and whether it is right."""
    print(f"Slack is reached by {settings.means}.")
    well = True
    async for finding in setup.check(settings):
        print(f"{'ok     ' if finding.good else 'MISSING'} {finding.sentence}")
        well = well and finding.good
    return well


async def _ask_tokens(arguments: argparse.Namespace, path: Path) -> None:
    """Asks for the tokens at the terminal, without echo."""
    if not confirm(f"Have you done that? Then I write {path} for you.", yes=False):
        return
    bot = getpass.getpass("Bot token (xoxb-...): ").strip()
    app = getpass.getpass("App token (xapp-..., empty for none): ").strip()
    print("Channel to share to, such as #squarm: ", end="", flush=True)
    channel = sys.stdin.readline().strip()
    for text in (bot, app, channel):
        if '"' in text or "\\" in text or not text.isprintable():
            raise ChatError("That has a sign in it that no token or channel has.")
    lines = [f'bot_token = "{bot}"', f'app_token = "{app}"', f'channel = "{channel}"']
    body = "\n".join(line for line in lines if not line.endswith('= ""')) + "\n"
    await perform_and_say(arguments, set_up_slack(path, partial(_write, path, body)))


def _write(path: Path, body: str) -> None:
    """Keep the settings for this user alone, if they are right; raises ChatError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(body)
    except OSError as error:
        raise ChatError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        load(path)
    except ChatError:
        path.unlink()
        raise
