"""What `squarm provision`, `inventory` and `runs` understand."""

import argparse
from pathlib import Path

from tui.command.pi_arguments import add_interface
from tui.command.verbs import AddVerb, subverbs


def add_provision(verb: AddVerb) -> None:
    """Define the three verbs."""
    parser = verb("provision", "make Pis nodes of the swarm")
    _add_choice(parser)
    add_login(parser)
    parser.add_argument("--check", action="store_true", help="only say what would be changed")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--keep-passwords", action="store_true", help="leave logins by password turned on"
    )
    parser.add_argument(
        "--update-packages", action="store_true", help="bring all packages up to date first"
    )
    parser.add_argument(
        "--registry", metavar="HOST:PORT", default="", help="pull the solver's image from here"
    )
    parser.set_defaults(changes="it changes Pis")
    listing = verb("inventory", "print, or write, the inventory that Ansible reads")
    _add_choice(listing)
    add_login(listing)
    listing.add_argument("--write", action="store_true", help="write it, in squarm's data folder")
    _add_runs(verb)


def add_login(parser: argparse.ArgumentParser) -> None:
    """The options that say how to get into Pis."""
    add_interface(parser)
    parser.add_argument("--user", default="pi", help="log in as (default: pi)")
    parser.add_argument("--key", type=Path, metavar="FILE", help="log in with this private key")
    parser.add_argument(
        "--ask-password", action="store_true", help="ask for a password; it is never kept"
    )
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read it from standard input; on a second line sudo's, where that is another, on a "
        "third the passphrase of --key",
    )
    parser.add_argument(
        "--trust-new",
        action="store_true",
        help="give the password also to Pis whose host key is seen for the first time",
    )


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pi", nargs="*", help="its id, name or address")
    parser.add_argument("--all", action="store_true", help="every Pi on the network")
    parser.add_argument("--master", action="store_true", help="this machine, as the master")
    parser.add_argument("--master-pi", metavar="PI", help="this Pi, as the master")
    parser.add_argument(
        "--managers", metavar="N", help="1, 3 or 5 managers in all (default: as they are)"
    )
    parser.add_argument(
        "--pattern", default="swarmost{}", help="host names of the others (default: swarmost{})"
    )
    parser.add_argument(
        "--master-name", metavar="NAME", default="swarmaster", help="the master's (swarmaster)"
    )


def _add_runs(verb: AddVerb) -> None:
    parser = verb("runs", "list, follow, cancel, retry what was provisioned")
    does = subverbs(parser, "deed", "what to do about runs")
    does("list", "list the runs, newest first")
    for name, text in (
        ("follow", "follow a run to its end"),
        ("log", "print all that Ansible wrote in a run"),
        ("cancel", "end a run"),
        ("retry", "run once more for the machines that are not done"),
    ):
        deed = does(name, text)
        deed.add_argument("run", nargs="?", default="", help="its id (default: the newest)")
        if name == "cancel":
            deed.add_argument("--yes", action="store_true", help="do not ask")
            deed.set_defaults(changes="it ends a run")
        if name == "retry":
            add_login(deed)
            deed.set_defaults(changes="it changes Pis")
