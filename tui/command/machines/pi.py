"""`squarm pi`: what to do about one Pi on the network, before and beside the swarm."""

import argparse

from base.text import clean_text
from fleet.endpoint import parse_place
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from operations import machines
from operations.kinds import Kind
from tui.command.front_end import admit, perform, perform_and_say
from tui.command.machines.fleet_session import find_pi, open_fleet
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser, subverbs

_PATIENCE = 12.0


def add(parser: Parser) -> None:
    """Define what can be done about Pis."""
    action = subverbs(parser, "what to do about Pis")
    parser.add_examples(
        ("squarm pi add 10.0.0.7", "watch a machine that does not announce itself"),
        ("squarm pi sweep 192.168.1.0/24", "who answers SSH there?"),
        ("squarm pi accept kitchen SHA256:...", "trust its new key, after you compared it"),
        ("squarm pi forget kitchen", "forget it and its key"),
    )
    accepting = action(
        "accept", "trust the host key that a Pi shows now, as after a re-flash", accept
    )
    _add_pi(accepting)
    accepting.add_argument(
        "fingerprint",
        metavar="FINGERPRINT",
        help="of the key, as squarm nodes shows it: SHA256:...",
    )
    add_yes(accepting)
    adding = action("add", "watch a machine that does not announce itself", add_machine)
    adding.add_argument(
        "address",
        metavar="ADDRESS",
        help="an address or a name: 10.0.0.7, 10.0.0.7:2222, kitchen.local",
    )
    forgetting = action("forget", "forget a Pi and its host key", forget)
    _add_pi(forgetting)
    add_yes(forgetting)
    sweeping = action("sweep", "knock at every address of a range", sweep)
    sweeping.add_argument("cidr", metavar="CIDR", help="such as 192.168.1.0/24")
    add_yes(sweeping)


def _add_pi(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pi", metavar="PI", help="its id, name or address")


async def accept(arguments: argparse.Namespace) -> int:
    """Trust the host key that a Pi shows now, if it is the one of that fingerprint."""
    admit(arguments, Kind.ACCEPT_KEY)
    fingerprint = arguments.fingerprint

    def shows(snapshot: FleetSnapshot) -> bool:
        return any(view.fingerprint == fingerprint for view in snapshot.pis)

    async with open_fleet(arguments) as session:
        view = find_pi(await session.until(shows, _PATIENCE), arguments.pi)
        if view.fingerprint != fingerprint:
            shown = view.fingerprint or "no key yet"
            given = clean_text(fingerprint, 80)
            say(f"{view.name} shows {shown}, not {given}: nothing was accepted.")
            return 1
        return await perform_and_say(arguments, machines.accept(session.fleet, view))


async def add_machine(arguments: argparse.Namespace) -> int:
    """Watch the machine at an address, or of a name, from now on."""
    admit(arguments, Kind.ADD_MACHINE)
    where = str(parse_place(arguments.address))

    def there(snapshot: FleetSnapshot) -> PiView | None:
        for view in snapshot.pis:
            answers = view.state not in (PiState.SEEN, PiState.LOST)
            if answers and view.fingerprint and where in (*view.addresses, view.name.lower()):
                return view
        return None

    async with open_fleet(arguments) as session:
        done = await perform(arguments, machines.add(session.fleet, arguments.address))
        if done is None:
            return 1
        say(done.sentence)
        if not session.fleet.looks:
            return 1
        view = there(await session.until(there, _PATIENCE))
    if view is None:
        say(f"{where} does not answer yet: it is watched from now on, and shown once it does.")
        return 1
    print(f"{view.id}  {view.address}  {view.name}  {view.fingerprint}")
    return 0


async def forget(arguments: argparse.Namespace) -> int:
    """Forget a Pi and its key; if it is still there it comes back as a new one."""
    admit(arguments, Kind.FORGET_MACHINE)
    async with open_fleet(arguments) as session:
        snapshot = session.fleet.snapshot()
        name = arguments.pi.strip().lower().removesuffix(".local")
        if name in snapshot.missing:
            return await perform_and_say(arguments, machines.drop_name(session.fleet, name))
        views = [find_pi(snapshot, arguments.pi)]
        return await perform_and_say(arguments, machines.forget(session.fleet, views))


async def sweep(arguments: argparse.Namespace) -> int:
    """Knock at every address of a range; print who answers: 1 where nobody does."""
    admit(arguments, Kind.SWEEP)
    async with open_fleet(arguments) as session:
        done = await perform(arguments, machines.sweep(session.fleet, arguments.cidr))
        snapshot = session.fleet.snapshot()
    if done is None:
        return 1
    say(done.sentence)
    if not done.value:
        return 1
    for view in snapshot.pis:
        if view.state is not PiState.SEEN and view.state is not PiState.LOST:
            taken = f"a Pi by its {view.recognised}" if view.recognised else "not known for a Pi"
            print(f"{view.id}  {view.address:<15} {view.mac or '-':<17}  {taken}")
    say("squarm pi add ADDRESS keeps watching one that does not announce itself.")
    return 0
