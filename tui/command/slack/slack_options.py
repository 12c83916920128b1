"""The options that say where Slack's tokens are."""

import argparse
from pathlib import Path

from base import log_file
from chat.settings import Settings, load


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Define them."""
    parser.add_argument(
        "--slack", type=Path, metavar="FILE", help="the file with Slack's tokens (default: found)"
    )
    parser.add_argument(
        "--vault-password-file",
        type=Path,
        metavar="FILE",
        help="opens that file where ansible-vault has locked it",
    )


def read_settings(arguments: argparse.Namespace) -> Settings | None:
    """What is set up, None where nothing is; from then on logs keep its secrets to themselves.

    Raises ChatError.
    """
    settings = load(arguments.slack, arguments.vault_password_file)
    if settings is not None:
        log_file.hide(settings.secrets)
    return settings
