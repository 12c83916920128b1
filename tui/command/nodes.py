"""`squarm nodes`: the Pis on the network, once or as they change, as a table or JSON."""

import asyncio
import json
import sys
from dataclasses import asdict

from provision.box import PiState
from provision.fleet import Fleet
from provision.snapshot import FleetSnapshot, PiView
from provision.ssh import Login
from swarm.engine import clean_text
from tui.command.looking import interface as find_network
from tui.command.speech import say

_LOOK_SECONDS = 6.0
"""A first look: names are asked for, machines answer, and two samples give a share."""


async def nodes(
    interface: str | None,
    *,
    as_json: bool,
    watch: bool,
    login: Login | None,
) -> int:
    """List the Pis: 1 where there are none.

    With `watch` it goes on until Ctrl-C: JSON objects one a line, one per Pi and snapshot; the
    table only when something but the measurements has changed. Raises UsageError.
    """
    name = find_network(interface)
    latest: asyncio.Queue[FleetSnapshot] = asyncio.Queue(maxsize=1)

    def keep(snapshot: FleetSnapshot) -> None:
        if latest.full():
            latest.get_nowait()
        latest.put_nowait(snapshot)

    fleet = Fleet(name, keep, login=login)
    running = asyncio.create_task(fleet.run())
    try:
        if not watch:
            await asyncio.wait([running], timeout=_LOOK_SECONDS)
            return _print_once(fleet.snapshot(), as_json=as_json)
        shown: object = None
        while not running.done():
            snapshot = await latest.get()
            shown = _print_change(snapshot, shown, as_json=as_json)
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return 0


def as_object(view: PiView) -> dict[str, object]:
    """A Pi's fields by name, without its history; times in seconds since the epoch."""
    body = asdict(view)
    del body["history"]
    if view.sample and view.sample.throttle:
        throttle = view.sample.throttle
        body["sample"]["throttle"] = {
            "bits": throttle.bits,
            "now": throttle.now,
            "since_boot": throttle.since_boot,
        }
    return body


def _print_once(snapshot: FleetSnapshot, *, as_json: bool) -> int:
    if snapshot.trouble:
        say(snapshot.trouble)
    if as_json:
        _print_json(snapshot)
    elif snapshot.pis:
        _print_table(snapshot)
    else:
        say(
            f"no Pi shows itself on {snapshot.interface} ({snapshot.network}): is SSH turned on, "
            "and are they on this network?"
        )
    return 0 if snapshot.pis else 1


def _print_change(snapshot: FleetSnapshot, shown: object, *, as_json: bool) -> object:
    """Print where there is something new; returns what was shown."""
    if as_json:
        _print_json(snapshot)
    else:
        new = [
            (view.id, view.name, view.address, view.state, view.trouble) for view in snapshot.pis
        ]
        if new == shown:
            return shown
        if shown is not None:
            print()
        _print_table(snapshot)
        shown = new
    sys.stdout.flush()
    return shown


def _print_json(snapshot: FleetSnapshot) -> None:
    for view in snapshot.pis:
        print(json.dumps(as_object(view), separators=(",", ":")))


def _print_table(snapshot: FleetSnapshot) -> None:
    print(
        f"{'ID':<8}  {'NAME':<20} {'ADDRESS':<15} {'STATE':<9} {'SINCE':>5} {'ROLE':<7} "
        f"{'CPU':>4} {'MEM':>4} {'TEMP':>5}  WHY"
    )
    for view in snapshot.pis:
        print(_row(view, snapshot.taken).rstrip())


def _row(view: PiView, at: float) -> str:
    sample = view.sample if view.state is not PiState.LOST else None
    cpu = f"{sample.cpu:.0%}" if sample and sample.cpu is not None else "-"
    memory = "-"
    if sample and sample.memory and sample.memory_used is not None:
        memory = f"{sample.memory_used / sample.memory:.0%}"
    warm = f"{sample.temperature:.0f} C" if sample and sample.temperature is not None else "-"
    return (
        f"{view.id:<8}  {view.name[:20]:<20} {view.address:<15} {view.state:<9} "
        f"{_age(at - view.since):>5} {view.role:<7} {cpu:>4} {memory:>4} {warm:>5}  "
        f"{clean_text(view.trouble, 200)}"
    )


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit}"
    return f"{max(0.0, seconds):.0f}s"
