"""The verbs about Slack and the daemon: share, outbox, slack, serve."""

import argparse
import getpass
import os
import sys
import time
from pathlib import Path

from base.errors import ChatError, UsageError
from base.redaction import Redactor, quiet_logs
from base.text import clean_text
from chat.message import Message
from chat.outbox.outbox import ItemState, Outbox, OutboxItem
from chat.settings import Settings, default_path, load
from chat.sharing import Preview, Sharing
from results.store import Store
from results.store import default_path as default_results
from swarm.choose import choose_engine
from swarm.job import parse_whole
from swarm.job_names import find_job
from tui.command.arguments import Where, where
from tui.command.speech import confirm, say

_PATIENCE = 20.0
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


async def run_slack_verb(arguments: argparse.Namespace) -> int:
    """Do one of the verbs; raises UsageError, ChatError and what their work raises."""
    quiet_logs(Redactor())
    match arguments.verb:
        case "share":
            return await share(arguments)
        case "outbox":
            return outbox(arguments)
        case "slack":
            return await slack(arguments)
        case _:
            return await serve(arguments)


async def share(arguments: argparse.Namespace) -> int:
    """Post a square or a job's summary, and wait until Slack has it."""
    message = await _what(arguments.what, where(arguments))
    sharing = Sharing.open(arguments.slack, arguments.vault_password_file)
    try:
        preview = sharing.preview(message, arguments.channel)
        if arguments.preview:
            _print_preview(preview)
            return 0
        for note in preview.notes:
            say(note)
        return await _arrive(sharing, sharing.send(preview))
    finally:
        await sharing.close()


def outbox(arguments: argparse.Namespace) -> int:
    """List the outbox, or retry or drop one message of it."""
    settings = load(arguments.slack, arguments.vault_password_file)
    box = Outbox.open(Redactor(settings.secrets if settings else ()))
    try:
        if arguments.action == "list":
            return _print_entries(box.entries())
        if arguments.number is None:
            raise UsageError(f"Say which: squarm outbox {arguments.action} NUMBER.")
        number = parse_whole("number", arguments.number)
        if arguments.action == "retry":
            entry = box.retry(number)
            print(f"{entry.id} is sent again ({entry.subject}).")
        else:
            entry = box.drop(number)
            print(f"{entry.id} is dropped ({entry.subject}).")
    finally:
        box.close()
    return 0


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
    settings = load(arguments.slack, arguments.vault_password_file)
    if settings is None:
        say(f"There is no {path} yet: follow the steps, then say squarm slack setup again.")
        return 1
    quiet_logs(Redactor(settings.secrets))
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
        return await _arrive(sharing, sharing.send(sharing.preview(hello(means))))
    finally:
        await sharing.close()


async def serve(arguments: argparse.Namespace) -> int:
    """Run the daemon until it is told to stop; or, with --check, say how the running one is."""
    # The daemon's own imports are more than the other verbs need.
    from daemon.daemon import Daemon
    from daemon.health import read

    if arguments.check:
        health = read()
        for problem in health.problems:
            say(problem)
        print(health.words)
        return 1 if health.problems else 0
    settings = load(arguments.slack, arguments.vault_password_file)
    quiet_logs(Redactor(settings.secrets if settings else ()))
    _print_start(settings)
    place = where(arguments)
    with Store.open(place.results) as store:
        await Daemon(lambda: choose_engine(place.engine, image=place.image), store, settings).run()
    print("squarm serve has stopped.", flush=True)
    return 0


def _print_start(settings: Settings | None) -> None:
    how = f"Slack by {settings.means}" if settings else "no Slack: squarm slack setup says how"
    print(f"squarm serve: {how}.", flush=True)


async def _what(text: str, place: Where) -> Message:
    """The square or job that is meant, as a message."""
    # Drawing needs Pillow, which nothing else does.
    from chat import render

    path = place.results or default_results()
    if text.removeprefix("#").isdecimal():
        number = parse_whole("number", text.removeprefix("#"))
        with Store.open(path, read_only=True) as store:
            result = store.result(number)
        if result is None:
            raise UsageError(f"There is no square {number}: squarm results --json lists them.")
        return render.square(result)
    engine = await choose_engine(place.engine, image=place.image)
    try:
        view = find_job(await engine.jobs(), text, "squarm jobs lists them")
    finally:
        await engine.close()
    if not path.exists():
        return render.job(view, 0)
    from results.ledger import verdict

    with Store.open(path, read_only=True) as store:
        proof = store.proof(view.id)
        return render.job(view, store.found(view.id), verdict(proof) if proof else "")


async def _arrive(sharing: Sharing, number: int) -> int:
    """Wait for a message to arrive, and say where it is."""
    entry = await sharing.arrive(number, _PATIENCE)
    if entry is None or entry.state is not ItemState.SENT:
        why = (entry and entry.error) or sharing.problem or "Slack has not taken it yet."
        say(f"Message {number} stays in the outbox: {why}")
        return 1
    print(f"Sent to {entry.channel}. {await sharing.link(entry)}".rstrip())
    return 0


def _print_preview(preview: Preview) -> None:
    print(f"To {preview.channel}:\n\n{preview.sealed.text}")
    for note in preview.notes:
        say(note)


def _print_entries(entries: tuple[OutboxItem, ...]) -> int:
    if not entries:
        say("The outbox is empty.")
        return 0
    print(f"{'NO.':>6}  {'STATE':<8} {'CHANNEL':<16} {'MADE':<19} {'TRIES':>5}  WHAT, AND WHY NOT")
    for entry in entries:
        made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.made))
        what = clean_text(entry.subject + (f": {entry.error}" if entry.error else ""), 300)
        print(
            f"{entry.id:>6}  {entry.state:<8} {clean_text(entry.channel, 16):<16} {made} "
            f"{entry.attempts:>5}  {what}"
        )
    return 0


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
