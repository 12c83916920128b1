"""Getting into Pis from the command line: what is asked, once, and offered to whom."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from base.errors import UsageError
from base.text import clean_text
from fleet.endpoint import USUAL_USER
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.credentials import Access, Credentials
from operations import machines
from tui.command.front_end import open_door, perform
from tui.command.machines.fleet_session import FleetSession
from tui.command.machines.login_options import ask_password
from tui.command.messages import Progress, confirm, say

_PATIENCE = 12.0
_LOGIN_SECONDS = 30.0
"""A slow Pi takes long to let somebody in, above all where many are asked at once."""


async def log_in_to(
    arguments: argparse.Namespace,
    session: FleetSession,
    pis: tuple[str, ...],
    credentials: Credentials,
) -> Credentials:
    """Log in to Pis, by id; who lets nobody in stays as it is, with its reason as its problem."""
    await _settle_keys(arguments, session, pis, credentials.usual)
    named = _of(session.fleet.snapshot(), pis)
    new = [view for view in named if not view.approved and not view.key_changed]
    if new and not arguments.read_only:
        # Whoever names a Pi says by that to log in to it, with whatever keys there are.
        credentials = await _log_in(arguments, session, new, credentials.usual, credentials)
    views = await _tried(session, pis, credentials)
    if not sys.stdin.isatty():
        return credentials
    outside = [view for view in views if _refuses(view)]
    if outside and credentials.usual.login.password is None:
        say(f"{_names(outside)} let nobody in with a key that squarm has.")
        users = {view.user for view in outside}
        access = _asked(credentials.usual, users.pop() if len(users) == 1 else "", "for them all")
        theirs = tuple(view.id for view in outside)
        if not await _settle_keys(arguments, session, theirs, access):
            return credentials
        credentials = await _log_in(arguments, session, outside, access, credentials)
        views = await _answered(session, pis)
    for view in [view for view in views if _refuses(view)]:
        say(f"{view.name} ({view.address}): {view.problem}")
        if confirm("Give it another user or password?", yes=False):
            access = _asked(credentials.usual, view.user, f"for {view.name}")
            credentials = await _log_in(arguments, session, [view], access, credentials)
            await _answered(session, (view.id,))
    return credentials


async def _log_in(
    arguments: argparse.Namespace,
    session: FleetSession,
    views: Sequence[PiView],
    access: Access,
    credentials: Credentials,
) -> Credentials:
    """Log in to Pis so from now on; the credentials with what was said of them."""

    def remember(pi: str) -> None:
        nonlocal credentials
        credentials = credentials.but(pi, access)

    await perform(arguments, machines.log_in(session.fleet, views, access.login, remember))
    return credentials


def decided(view: PiView, credentials: Credentials) -> bool:
    """Whether nothing more will happen by itself: it is in, or it will not let us in."""
    if _in(view):
        return True
    if view.fingerprint and not view.trusted:
        login = credentials.of(view.id).login
        offered = login if view.approved else login.unasked()
        return offered is None or (offered.password is not None and not offered.offer_to_new)
    return bool(view.problem)


def _asked(before: Access, let_in: str, what_for: str) -> Access:
    """The one question: who logs in, and with what; `let_in`: who did before, '' for nobody."""
    usual = before.login.to(let_in).user or USUAL_USER
    print(f"User {what_for} [{usual}]: ", end="", file=sys.stderr, flush=True)
    user = sys.stdin.readline().strip() or usual
    password = ask_password(f"Password of {clean_text(user, 64)}, also for sudo if it asks: ")
    return replace(before, login=replace(before.login, user=user, password=password))


async def _settle_keys(
    arguments: argparse.Namespace,
    session: FleetSession,
    pis: tuple[str, ...],
    access: Access,
) -> bool:
    """Let the user look at host keys before a password is given to who holds them.

    False where the user does not trust them. Keys that were tried without a password are trusted
    at first sight, which is too little for a password.
    """
    login = access.login
    if login.password is None or login.offer_to_new:
        return True
    views = _of(session.fleet.snapshot(), pis)
    new = [view for view in views if view.fingerprint and view.id not in session.known]
    if not new:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            f"Nobody has looked at the host keys of {_names(new)}: compare them and accept them "
            "with squarm pi accept, or say --trust-new."
        )
    for view in new:
        print(f"{view.name:<20} {view.address:<15} {view.fingerprint}", file=sys.stderr)
    if not confirm("Trust these host keys, seen for the first time?", yes=False):
        return False
    for view in new:
        if view.trusted != view.fingerprint:
            # The question above was about all of them.
            with Progress() as progress:
                door = open_door(arguments, progress)
                await door.perform(machines.accept(session.fleet, view), agreed=True)
    return True


async def _tried(
    session: FleetSession, pis: tuple[str, ...], credentials: Credentials
) -> tuple[PiView, ...]:
    """The Pis once each is in, or has said why not."""

    def tried(snapshot: FleetSnapshot) -> bool:
        return all(decided(view, credentials) for view in _of(snapshot, pis))

    return _of(await session.until(tried, _PATIENCE), pis)


async def _answered(session: FleetSession, pis: tuple[str, ...]) -> tuple[PiView, ...]:
    """The Pis after another login was given, each of them in or with a new reason why not."""

    def answered(snapshot: FleetSnapshot) -> bool:
        return all(_in(view) or view.problem for view in _of(snapshot, pis))

    return _of(await session.until(answered, _LOGIN_SECONDS), pis)


def _of(snapshot: FleetSnapshot, pis: tuple[str, ...]) -> tuple[PiView, ...]:
    return tuple(view for view in snapshot.pis if view.id in pis)


def _in(view: PiView) -> bool:
    return view.state in (PiState.KNOWN, PiState.IN_SWARM)


def _refuses(view: PiView) -> bool:
    """Whether it answers and lets nobody in; a changed key is not for a password to settle."""
    return view.state is PiState.REACHABLE and not view.key_changed and not view.twins


def _names(views: Iterable[PiView]) -> str:
    names = [view.name for view in views]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
