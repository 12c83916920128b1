"""`squarm pi`: what to do about one Pi on the network, before and beside the swarm."""

import argparse

from base.audit import Audit
from fleet.endpoint import Endpoint, parse_place
from fleet.machine import PiState
from fleet.snapshot import FleetSnapshot, PiView
from tui.command.machines.fleet_session import find_interface, find_pi, open_fleet
from tui.command.messages import confirm, say
from tui.command.parser import Parser, subverbs

_PATIENCE = 12.0


def add(parser: Parser) -> None:
    """Define what can be done about Pis."""
    action = subverbs(parser, "what to do about Pis")
    accepting = action(
        "accept", "trust the host key that a Pi shows now, as after a re-flash", accept
    )
    _add_pi(accepting)
    accepting.add_argument("fingerprint", help="of the key, as squarm nodes shows it: SHA256:...")
    accepting.add_argument("--yes", action="store_true", help="do not ask")
    accepting.set_defaults(changes="it trusts a key")
    adding = action("add", "watch a machine that does not announce itself", add_machine)
    adding.add_argument(
        "address", help="an address or a name: 10.0.0.7, 10.0.0.7:2222, kitchen.local"
    )
    adding.set_defaults(changes="it adds a Pi")
    forgetting = action("forget", "forget a Pi and its host key", forget)
    _add_pi(forgetting)
    forgetting.add_argument("--yes", action="store_true", help="do not ask")
    forgetting.set_defaults(changes="it forgets a Pi")
    sweeping = action("sweep", "knock at every address of a range", sweep)
    sweeping.add_argument("cidr", metavar="CIDR", help="such as 192.168.1.0/24")


def _add_pi(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pi", metavar="PI", help="its id, name or address")


async def accept(arguments: argparse.Namespace) -> int:
    """Trust the host key that a Pi shows now, if it is the one of that fingerprint."""
    fingerprint = arguments.fingerprint

    def shows(snapshot: FleetSnapshot) -> bool:
        return any(view.fingerprint == fingerprint for view in snapshot.pis)

    async with open_fleet(find_interface(arguments.interface)) as session:
        view = find_pi(await session.until(shows, _PATIENCE), arguments.pi)
        if view.fingerprint != fingerprint:
            shown = view.fingerprint or "no key yet"
            say(f"{view.name} shows {shown}, not {fingerprint[:80]}: nothing was accepted.")
            return 1
        if view.trusted == fingerprint:
            say(f"{view.name}'s key is trusted already.")
            return 0
        question = f"Trust {fingerprint} as {view.name}'s key from now on?"
        if view.key_changed:
            question = f"{view.name} had the key {view.trusted} before. {question}"
        if not confirm(question, yes=arguments.yes):
            return 1
        session.fleet.accept_key(view.id, fingerprint)
        Audit().note("accept key", f"{view.name} ({view.id})", "done", fingerprint)
        print(f"{view.name} ({view.id}) is trusted with {fingerprint}.")
    return 0


async def add_machine(arguments: argparse.Namespace) -> int:
    """Watch the machine at an address, or of a name, from now on."""
    place = parse_place(arguments.address)
    where = str(place) if isinstance(place, Endpoint) else place

    def there(snapshot: FleetSnapshot) -> PiView | None:
        for view in snapshot.pis:
            answers = view.state not in (PiState.SEEN, PiState.LOST)
            if answers and view.fingerprint and where in (view.address, view.name.lower()):
                return view
        return None

    async with open_fleet(find_interface(arguments.interface)) as session:
        session.fleet.add(arguments.address)
        view = there(await session.until(there, _PATIENCE))
        Audit().note("add", where, "done")
    if view is None:
        say(f"{where} does not answer yet: it is watched from now on, and shown once it does.")
        return 1
    print(f"{view.id}  {view.address}  {view.name}  {view.fingerprint}")
    return 0


async def forget(arguments: argparse.Namespace) -> int:
    """Forget a Pi and its key; if it is still there it comes back as a new one."""
    async with open_fleet(find_interface(arguments.interface)) as session:
        view = find_pi(session.fleet.snapshot(), arguments.pi)
        if not confirm(f"Forget {view.name} ({view.id}) and its host key?", yes=arguments.yes):
            return 1
        session.fleet.forget(view.id)
        Audit().note("forget", f"{view.name} ({view.id})", "done")
        print(f"{view.name} ({view.id}) is forgotten.")
    return 0


async def sweep(arguments: argparse.Namespace) -> int:
    """Knock at every address of a range; print who answers: 1 where nobody does."""
    async with open_fleet(find_interface(arguments.interface)) as session:
        count = await session.fleet.sweep(arguments.cidr)
        snapshot = session.fleet.snapshot()
    if not count:
        say(f"Nobody answers SSH in {arguments.cidr}.")
        return 1
    for view in snapshot.pis:
        if view.state is not PiState.SEEN and view.state is not PiState.LOST:
            taken = f"a Pi by its {view.recognised}" if view.recognised else "not known for a Pi"
            print(f"{view.id}  {view.address:<15} {view.mac or '-':<17}  {taken}")
    say("squarm pi add ADDRESS keeps watching one that does not announce itself.")
    return 0
