"""The Pis that `provision` and `inventory` are told to work on: found, and logged in to."""

import argparse
from dataclasses import dataclass, replace

from base.errors import EngineError, UsageError
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.credentials import Access, Credentials
from operations.engines import reach_docker
from provision.inventory import Inventory
from provision.prepare import Choice
from swarm.docker.membership import find_manager
from swarm.job_values import parse_whole
from tui.command.machines.fleet_session import LOOK_SECONDS, FleetSession, find_pi
from tui.command.machines.login_options import add_login, read_access
from tui.command.machines.login_questions import decided, log_in_to

_QUIET_SECONDS = 5.0
"""Nobody new for so long, and everybody is taken to have shown himself."""


@dataclass(frozen=True, slots=True)
class PiRequest:
    """What the command line asks for: the Pis by the names they were given, and how to get in."""

    pis: tuple[str, ...]
    everyone: bool
    master_pi: str
    access: Access
    choice: Choice

    @property
    def called(self) -> tuple[str, ...]:
        """Every Pi that was named."""
        return (self.master_pi, *self.pis) if self.master_pi else self.pis


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Define the options that say which Pis, and what they are to be."""
    parser.add_argument("pi", metavar="PI", nargs="*", help="its id, name or address")
    which = parser.add_argument_group("which machines")
    which.add_argument("--all", action="store_true", help="every Pi on the network")
    which.add_argument("--master", action="store_true", help="this machine, as the master")
    which.add_argument("--master-pi", metavar="PI", help="this Pi, as the master")
    become = parser.add_argument_group("what they become")
    become.add_argument(
        "--managers", metavar="N", help="1, 3 or 5 managers in all (default: as they are)"
    )
    become.add_argument(
        "--pattern",
        metavar="NAME{}",
        default="swarmost{}",
        help="host names of the others (default: swarmost{})",
    )
    become.add_argument(
        "--master-name",
        metavar="NAME",
        default="swarmaster",
        help="the master's (default: swarmaster)",
    )
    add_login(parser)


def read_request(arguments: argparse.Namespace) -> PiRequest:
    """What is asked for; raises UsageError."""
    given = vars(arguments)
    choice = Choice(
        here=arguments.master,
        managers=parse_whole("managers", arguments.managers or "0"),
        pattern=arguments.pattern,
        master_name=arguments.master_name,
        keep_passwords=given.get("keep_passwords", False),
        update_packages=given.get("update_packages", False),
        registry=given.get("registry", ""),
    )
    return PiRequest(
        pis=tuple(arguments.pi),
        everyone=arguments.all,
        master_pi=arguments.master_pi or "",
        access=read_access(arguments),
        choice=choice,
    )


async def find_and_log_in(
    arguments: argparse.Namespace,
    session: FleetSession,
    request: PiRequest,
    before: Inventory | None,
) -> tuple[Choice, Credentials]:
    """Find the Pis that are asked for and log in to them, asking what must be asked."""
    credentials = Credentials(request.access, here=request.access.sudo_password)
    seen: dict[str, float] = {}
    # Whatever is chosen, the master is looked at with it.
    master = "" if before is None or before.master.local else before.master.id

    def settled(snapshot: FleetSnapshot) -> bool:
        # One that is only known from before has yet to show itself.
        new = {view.id for view in snapshot.pis if _there(view)} - seen.keys()
        seen.update(dict.fromkeys(new, snapshot.taken))
        try:
            views = [find_pi(snapshot, text) for text in request.called]
        except UsageError:
            return False
        if request.everyone:
            views += [view for view in snapshot.pis if view.recognised and _there(view)]
            if not seen or snapshot.taken - max(seen.values()) < _QUIET_SECONDS:
                return False
        views += [view for view in snapshot.pis if view.id == master]
        return all(decided(view, credentials) for view in views)

    snapshot = await session.until(settled, 2 * LOOK_SECONDS if request.everyone else LOOK_SECONDS)
    pis = [find_pi(snapshot, text).id for text in request.called]
    master_pi = find_pi(snapshot, request.master_pi).id if request.master_pi else ""
    if request.everyone:
        pis += [view.id for view in snapshot.pis if view.recognised and _there(view)]
    here = request.choice.here or (not master_pi and before is None and await _manages())
    if request.everyone and not pis and not here:
        nobody = f"No Pi shows itself on {snapshot.interface}: squarm pi add takes an address."
        raise UsageError(snapshot.problem or nobody)
    if not pis and not here:
        raise UsageError("Say which Pis: by name, address or id, or --all, or --master.")
    chosen = tuple(dict.fromkeys(pis))
    credentials = await log_in_to(
        arguments, session, tuple(dict.fromkeys((*chosen, master))), credentials
    )
    # A login shows which of them is one machine at two addresses.
    now = session.fleet.id_now
    chosen, master_pi = tuple(dict.fromkeys(map(now, chosen))), now(master_pi)
    return replace(request.choice, pis=chosen, here=here, master_pi=master_pi), credentials


def _there(view: PiView) -> bool:
    return view.state is not PiState.LOST


async def _manages() -> bool:
    """Whether this machine is a swarm's manager already: then nobody need say so."""
    try:
        await find_manager(reach=reach_docker)
    except EngineError:
        return False
    return True
