"""What the verbs about Slack and the daemon understand."""

import argparse
from collections.abc import Callable
from pathlib import Path

AddVerb = Callable[[str, str], argparse.ArgumentParser]


def add_slack(verb: AddVerb) -> None:
    """Adds `share`, `outbox`, `slack` and `serve`."""
    share = verb("share", "post a square or a job's summary to Slack")
    share.add_argument("what", help="a square's number, or a job's id or its beginning")
    share.add_argument("--channel", default="", help="where to (default: the settings' channel)")
    share.add_argument(
        "--preview", action="store_true", help="print what would be sent, and send nothing"
    )
    _add_file(share)
    outbox = verb("outbox", "list what waits for Slack, send it again or give it up")
    outbox.add_argument("action", nargs="?", choices=("list", "retry", "drop"), default="list")
    outbox.add_argument("number", nargs="?", help="the message's number")
    _add_file(outbox)
    slack = verb("slack", "set Slack up, or check what is set up")
    slack.add_argument("action", choices=("setup", "check", "manifest"))
    _add_file(slack)
    serve = verb("serve", "run as a daemon: collect results, send to Slack, answer commands there")
    serve.add_argument(
        "--check", action="store_true", help="say how the running daemon is; 1 where it is not well"
    )
    _add_file(serve)


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slack", type=Path, metavar="FILE", help="the file with Slack's tokens")
    parser.add_argument(
        "--vault-password-file",
        type=Path,
        metavar="FILE",
        help="opens that file where ansible-vault has locked it",
    )
