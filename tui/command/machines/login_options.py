"""The options that say how to get into Pis, and what is asked for them."""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from base.errors import UsageError
from base.text import clean_text

if TYPE_CHECKING:
    # Most verbs that have these options log in to nothing most of the time.
    from fleet.ssh.credentials import Access, Credentials


def add_login(parser: argparse.ArgumentParser, *, from_stdin: bool = True) -> None:
    """Define them; --user and --key are options of every verb."""
    group = parser.add_argument_group("how to log in")
    group.add_argument(
        "--ask-password", action="store_true", help="ask for a password; it is never kept"
    )
    if from_stdin:
        group.add_argument(
            "--password-stdin",
            action="store_true",
            help="read it from standard input; on a second line sudo's, where that is another, on "
            "a third the passphrase of --key",
        )
    group.add_argument(
        "--trust-new",
        action="store_true",
        help="give the password also to Pis whose host key is seen for the first time",
    )


def read_access(arguments: argparse.Namespace) -> "Access":
    """How to get in; asks for passwords, or reads them, where that is wanted.

    From standard input come, a line each, the login's password, sudo's where it is another, and the
    key's passphrase where it has one. Raises UsageError.
    """
    from fleet.ssh.connection import Login
    from fleet.ssh.credentials import Access
    from fleet.ssh.own_key import in_agent, is_locked, problem_with

    user, key = arguments.user, arguments.key
    password = sudo = passphrase = None
    if vars(arguments).get("password_stdin"):
        password, sudo, passphrase = (sys.stdin.readline().rstrip("\n") or None for _ in range(3))
        if password is None and passphrase is None:
            raise UsageError("--password-stdin found no password on standard input.")
    elif arguments.ask_password:
        whose = f"of {clean_text(user, 64)}" if user else "to log in with"
        password = ask_password(f"Password {whose}: ")
    keys = None if key is None else (key,)
    if key is not None:
        if passphrase is None and sys.stdin.isatty() and is_locked(key) and not in_agent(key):
            passphrase = ask_password(f"Passphrase of {clean_text(str(key), 200)}: ")
        if problem := problem_with(key, passphrase):
            raise UsageError(problem)
    return Access(
        Login(user, password, keys, passphrase=passphrase, offer_to_new=arguments.trust_new), sudo
    )


def read_credentials(arguments: argparse.Namespace) -> "Credentials":
    """The same access to all machines, this one's sudo included; raises UsageError."""
    from fleet.ssh.credentials import Credentials

    access = read_access(arguments)
    return Credentials(access, here=access.sudo_password)


def ask_password(question: str) -> str:
    """A password, typed unseen; raises UsageError where nobody is there."""
    if not sys.stdin.isatty():
        raise UsageError("A password is asked for at a terminal, and this is none.")
    return getpass.getpass(question)
