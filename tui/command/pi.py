"""`squarm pi`: what to do about one Pi on the network, before and beside the swarm."""

import argparse

from base.audit import Audit
from fleet.endpoint import Endpoint, parse_place
from fleet.machine import PiState
from fleet.snapshot import FleetSnapshot, PiView
from tui.command.looking import interface, looking, named, refusals
from tui.command.speech import confirm, say

_PATIENCE = 12.0


async def run_pi(arguments: argparse.Namespace) -> int:
    """Do what was asked for."""
    network = arguments.interface
    match arguments.deed:
        case "accept":
            return await accept(network, arguments.pi, arguments.fingerprint, yes=arguments.yes)
        case "add":
            return await add(network, arguments.address)
        case "forget":
            return await forget(network, arguments.pi, yes=arguments.yes)
        case _:
            return await sweep(network, arguments.cidr)


async def accept(network: str | None, text: str, fingerprint: str, *, yes: bool) -> int:
    """Trust the host key that a Pi shows now, if it is the one of that fingerprint."""

    def shows(snapshot: FleetSnapshot) -> bool:
        return any(view.fingerprint == fingerprint for view in snapshot.pis)

    with refusals():
        async with looking(interface(network)) as look:
            view = named(await look.until(shows, _PATIENCE), text)
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
            if not confirm(question, yes=yes):
                return 1
            look.fleet.accept_key(view.id, fingerprint)
            Audit().note("accept key", f"{view.name} ({view.id})", "done", fingerprint)
            print(f"{view.name} ({view.id}) is trusted with {fingerprint}.")
    return 0


async def add(network: str | None, text: str) -> int:
    """Watch the machine at an address, or of a name, from now on."""
    with refusals():
        place = parse_place(text)
        where = str(place) if isinstance(place, Endpoint) else place

        def there(snapshot: FleetSnapshot) -> PiView | None:
            for view in snapshot.pis:
                answers = view.state not in (PiState.SEEN, PiState.LOST)
                if answers and view.fingerprint and where in (view.address, view.name.lower()):
                    return view
            return None

        async with looking(interface(network)) as look:
            look.fleet.add(text)
            view = there(await look.until(there, _PATIENCE))
            Audit().note("add", where, "done")
    if view is None:
        say(f"{where} does not answer yet: it is watched from now on, and shown once it does.")
        return 1
    print(f"{view.id}  {view.address}  {view.name}  {view.fingerprint}")
    return 0


async def forget(network: str | None, text: str, *, yes: bool) -> int:
    """Forget a Pi and its key; if it is still there it comes back as a new one."""
    with refusals():
        async with looking(interface(network)) as look:
            view = named(look.fleet.snapshot(), text)
            if not confirm(f"Forget {view.name} ({view.id}) and its host key?", yes=yes):
                return 1
            look.fleet.forget(view.id)
            Audit().note("forget", f"{view.name} ({view.id})", "done")
            print(f"{view.name} ({view.id}) is forgotten.")
    return 0


async def sweep(network: str | None, cidr: str) -> int:
    """Knock at every address of a range; print who answers: 1 where nobody does."""
    with refusals():
        async with looking(interface(network)) as look:
            count = await look.fleet.sweep(cidr)
            snapshot = look.fleet.snapshot()
    if not count:
        say(f"Nobody answers SSH in {cidr}.")
        return 1
    for view in snapshot.pis:
        if view.state is not PiState.SEEN and view.state is not PiState.LOST:
            taken = f"a Pi by its {view.recognised}" if view.recognised else "not known for a Pi"
            print(f"{view.id}  {view.address:<15} {view.mac or '-':<17}  {taken}")
    say("squarm pi add ADDRESS keeps watching one that does not announce itself.")
    return 0
