"""What the verbs about Pis have in common: the network, the login, a fleet that looks around."""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from base.errors import AuditError, ProvisionError, UsageError
from base.text import clean_text
from fleet.discovery.interface import NoInterface, choose_interface
from fleet.fleet import Fleet
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access
from fleet.ssh.own_key import in_agent, is_locked, problem_with

LOOK_SECONDS = 8.0
"""A first look: names are asked for and settled, machines answer."""


@contextmanager
def refusals() -> Iterator[None]:
    """What provisioning refuses, in a sentence, is said as the command line says it."""
    try:
        yield
    except (AuditError, ProvisionError) as error:
        raise UsageError(str(error)) from None


def interface(name: str | None) -> str:
    """The network to look on, also where none was named; raises UsageError."""
    try:
        return choose_interface(name)
    except NoInterface as error:
        way_out = "" if name else "; say so with --interface."
        raise UsageError(f"{error}{way_out}") from None


def access(
    user: str, key: Path | None, *, ask: bool, from_stdin: bool = False, trust_new: bool = False
) -> Access:
    """How to get in; asks for passwords, or reads them, where that is wanted.

    From standard input come, a line each, the login's password, sudo's where it is another, and the
    key's passphrase where it has one. Raises UsageError.
    """
    password = sudo = passphrase = None
    if from_stdin:
        password, sudo, passphrase = (sys.stdin.readline().rstrip("\n") or None for _ in range(3))
        if password is None and passphrase is None:
            raise UsageError("--password-stdin found no password on standard input.")
    elif ask:
        password = ask_password(f"Password of {clean_text(user, 64)}: ")
    keys = None if key is None else (key,)
    if key is not None:
        if passphrase is None and sys.stdin.isatty() and is_locked(key) and not in_agent(key):
            passphrase = ask_password(f"Passphrase of {clean_text(str(key), 200)}: ")
        if problem := problem_with(key, passphrase):
            raise UsageError(problem)
    return Access(Login(user, password, keys, passphrase=passphrase, offer_to_new=trust_new), sudo)


def ask_password(question: str) -> str:
    """A password, typed unseen; raises UsageError where nobody is there."""
    if not sys.stdin.isatty():
        raise UsageError("A password is asked for at a terminal, and this is none.")
    return getpass.getpass(question)


class Look:
    """A fleet that is looking, and ways to wait for what it sees.

    `known`: the Pis whose host keys were trusted before it began to look.
    """

    def __init__(self, name: str, login: Login | None) -> None:
        self._news = asyncio.Event()
        self.fleet = Fleet(name, lambda _: self._news.set(), login=login)
        self.known = frozenset(self.fleet.known_hosts.read())

    async def until(
        self, true: Callable[[FleetSnapshot], object], seconds: float = LOOK_SECONDS
    ) -> FleetSnapshot:
        """Look until something is seen, but no longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not true(self.fleet.snapshot()):
                    self._news.clear()
                    await self._news.wait()
        return self.fleet.snapshot()


@asynccontextmanager
async def looking(name: str, login: Login | None = None) -> AsyncIterator[Look]:
    """A fleet that watches a network until the block is left; then what it knows is saved."""
    look = Look(name, login)
    running = asyncio.create_task(look.fleet.run())
    try:
        # It reads what it knows from earlier runs first.
        await asyncio.sleep(0)
        yield look
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def named(snapshot: FleetSnapshot, text: str) -> PiView:
    """The Pi of this id, name or address; raises UsageError."""
    wanted = text.strip().lower().removesuffix(".local")
    found = [view for view in snapshot.pis if wanted in (view.id, view.address)]
    found = found or [
        view for view in snapshot.pis if wanted in (view.name.lower(), view.hostname.lower())
    ]
    shown = clean_text(text, 40)
    if not found:
        raise UsageError(
            f"There is no Pi {shown!r} on {snapshot.interface}: squarm nodes lists them."
        )
    if len(found) > 1:
        ids = ", ".join(view.id for view in found[:4])
        raise UsageError(f"{shown!r} could be any of {len(found)} Pis: give an id ({ids}).")
    return found[0]
