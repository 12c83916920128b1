"""What `squarm pi` understands."""

import argparse

from tui.command.verbs import AddVerb, subverbs


def add_pi(verb: AddVerb) -> None:
    """Define the verb and what it can do."""
    does = subverbs(
        verb("pi", "accept, add, forget a Pi; sweep for more"), "deed", "what to do about Pis"
    )
    accept = does("accept", "trust the host key that a Pi shows now, as after a re-flash")
    accept.add_argument("pi", help="its id, name or address")
    accept.add_argument("fingerprint", help="of the key, as squarm nodes shows it: SHA256:...")
    _changing(accept, "it trusts a key")
    accept.add_argument("--yes", action="store_true", help="do not ask")
    add = does("add", "watch a machine that does not announce itself")
    add.add_argument("address", help="an address or a name: 10.0.0.7, 10.0.0.7:2222, kitchen.local")
    _changing(add, "it adds a Pi")
    forget = does("forget", "forget a Pi and its host key")
    forget.add_argument("pi", help="its id, name or address")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    _changing(forget, "it forgets a Pi")
    sweep = does("sweep", "knock at every address of a range")
    sweep.add_argument("cidr", metavar="CIDR", help="such as 192.168.1.0/24")
    add_interface(sweep)


def add_interface(parser: argparse.ArgumentParser) -> None:
    """The option that names the network."""
    parser.add_argument("--interface", metavar="IF", help="the network to look on, such as eth0")


def _changing(parser: argparse.ArgumentParser, why: str) -> None:
    add_interface(parser)
    parser.set_defaults(changes=why)
