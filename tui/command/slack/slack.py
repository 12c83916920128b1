"""`squarm slack`: set Slack up, or check what is set up."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from base.errors import ChatError
from chat.settings import default_path, load
from chat.sharing import Sharing
from tui.command.messages import confirm, say
from tui.command.slack.arrival import arrive
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


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    parser.add_argument("action", choices=("setup", "check", "manifest"))
    add_settings(parser)
    parser.set_defaults(run=slack)


async def slack(arguments: argparse.Namespace) -> int:
    """Print the app's manifest, ask for tokens where there are none, check them, say hello."""
    # With aiohttp it takes as long as all the rest.
    from chat.render import hello
    from chat.setup import MANIFEST, check

    path = arguments.slack or default_path()
    if arguments.action != "check":
        print(MANIFEST, end="")
    if arguments.action == "manifest":
        return 0
    if arguments.action == "setup":
        print(_STEPS.format(path=path))
        if not path.exists() and sys.stdin.isatty():
            _ask_tokens(path)
    settings = read_settings(arguments)
    if settings is None:
        say(f"There is no {path} yet: follow the steps, then say squarm slack setup again.")
        return 1
    print(f"Slack is reached by {settings.means}.")
    well = True
    async for finding in check(settings):
        print(f"{'ok     ' if finding.good else 'MISSING'} {finding.sentence}")
        well = well and finding.good
    if not well:
        return 1
    if arguments.action == "check":
        return 0
    sharing = Sharing.open(arguments.slack, arguments.vault_password_file)
    try:
        means = "a bot token" if settings.bot_token else "a webhook"
        return await arrive(sharing, sharing.send(sharing.preview(hello(means))))
    finally:
        await sharing.close()


def _ask_tokens(path: Path) -> None:
    """Asks for the tokens at the terminal, without echo, and keeps them for this user alone."""
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
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(line for line in lines if not line.endswith('= ""')) + "\n")
    try:
        load(path)
    except ChatError:
        path.unlink()
        raise
