"""`squarm serve`: the daemon."""

import argparse
import sys

from base import log_file
from chat.settings import Settings, SettingsFile
from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access, Credentials
from operations.engines import open_engine
from operations.images import open_rollouts
from operations.nodes import Cluster
from results.store import Store
from tui.command.messages import discard, say
from tui.command.parser import Parser
from tui.command.slack.slack_options import add_settings, read_settings


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument(
        "--check",
        action="store_true",
        help="say how each part of the running daemon is; 1 where it is not well",
    )
    add_settings(parser)
    parser.set_defaults(run=serve)
    parser.add_examples(
        ("squarm serve", "until Ctrl-C or SIGTERM"),
        ("squarm serve --read-only", "collects and sends, but runs no job"),
        ("squarm serve --check", "how is the one that runs?"),
    )


async def serve(arguments: argparse.Namespace) -> int:
    """Run the daemon until it is told to stop; or, with --check, say how the running one is."""
    if arguments.check:
        return _check()
    # The daemon's own imports are more than the other verbs need.
    from serve.daemon import Daemon

    log_file.echo_warnings()
    settings = read_settings(arguments)
    _print_start(settings)
    watched = SettingsFile(arguments.slack, arguments.vault_password_file)
    kind, image = arguments.engine, arguments.image
    with Store.open(arguments.results) as store:
        daemon = Daemon(
            lambda: open_engine(kind, image=image),
            store,
            watched,
            read_only=arguments.read_only,
            open_rollouts=None if arguments.read_only or kind == "local" else open_rollouts,
            cluster=Cluster.here(lambda: _by_key(arguments)),
        )
        await daemon.run()
    _note("squarm serve has stopped.")
    return 0


def _check() -> int:
    """Print how each part of the running daemon is, and what is wrong."""
    from serve.health import read
    from serve.upgrade.versions import Versions

    health = read()
    for problem in health.problems:
        say(problem)
    for part, words in health.parts.items():
        print(f"{part:<10}{words}")
    if health.unit and (not_run := Versions().not_run):
        print(f"{'upgrade':<10}{not_run.version} is not run: {not_run.why}")
    return 1 if health.problems else 0


def _by_key(arguments: argparse.Namespace) -> Credentials:
    """How a node is logged in to where nobody can be asked for a password."""
    keys = None if arguments.key is None else (arguments.key,)
    return Credentials(Access(Login(arguments.user, keys=keys)))


def _print_start(settings: Settings | None) -> None:
    how = f"Slack by {settings.means}" if settings else "no Slack: squarm slack setup says how"
    _note(f"squarm serve: {how}.")


def _note(sentence: str) -> None:
    """Print it; a daemon goes on where its output has no room or no reader."""
    try:
        print(sentence, flush=True)
    except OSError:
        discard(sys.stdout)
