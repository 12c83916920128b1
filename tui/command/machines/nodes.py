"""`squarm nodes`: the Pis on the network, once or as they change, as a table or JSON."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from ipaddress import IPv4Network

from base.errors import EngineError
from base.text import age_text, clean_text
from fleet.alerts import Alerts
from fleet.discovery.interface import NOWHERE
from fleet.discovery.sweep import LARGEST_PREFIX
from fleet.fleet import Fleet
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from operations.engines import open_engine
from swarm.engine import Engine, NodeView
from tui.command.machines.fleet_session import chosen_interface
from tui.command.machines.login_options import add_login, read_access
from tui.command.messages import say
from tui.command.parser import Parser

_LOOK_SECONDS = 6.0
"""A first look: names are asked for, machines answer, and two samples give a share."""
_ASK_SECONDS = 2.0


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--watch", action="store_true", help="go on until Ctrl-C")
    add_login(parser, from_stdin=False)
    parser.set_defaults(run=nodes)
    parser.add_examples(
        ("squarm nodes", "who is there, and how they are"),
        ("squarm nodes --watch --interface eth0", "as it changes, on one network"),
        ("squarm nodes --user me --ask-password --trust-new", "with a password"),
    )


async def nodes(arguments: argparse.Namespace) -> int:
    """List the Pis, and the swarm's nodes that are none of them.

    With `--watch` it goes on until Ctrl-C: JSON objects one a line, one per Pi and snapshot; the
    table only when something but the measurements has changed. Raises UsageError.
    """
    as_json, login = arguments.json, read_access(arguments).login
    name = chosen_interface(arguments)
    latest: asyncio.Queue[FleetSnapshot] = asyncio.Queue(maxsize=1)

    def keep(snapshot: FleetSnapshot) -> None:
        if latest.full():
            latest.get_nowait()
        latest.put_nowait(snapshot)

    fleet = Fleet(name, keep, login=login, read_only=arguments.read_only)
    swarm = _Swarm(arguments)
    running = asyncio.create_task(fleet.run() if name != NOWHERE else _only(swarm, fleet, keep))
    asking = asyncio.create_task(swarm.tell(fleet))
    try:
        if not arguments.watch:
            if name != NOWHERE:
                await asyncio.wait([running], timeout=_LOOK_SECONDS)
            # A daemon that is slow is no reason to say that there is none: how long it may take
            # is bounded where it is asked.
            await swarm.told.wait()
            _print_once(fleet.snapshot(), swarm, as_json=as_json)
            if missing := ", ".join(fleet.snapshot().missing):
                say(f"Nothing answers to {missing}: squarm pi forget NAME looks for it no more.")
            return 1 if swarm.problem else 0
        shown: object = None
        said: tuple[str, ...] = ()
        alerts = Alerts()
        empty_until = time.monotonic() + _LOOK_SECONDS
        while not running.done():
            snapshot = await latest.get()
            alerts = alerts.after(snapshot)
            for alert in alerts.began:
                say(f"! {alert.beginning}")
            for alert in alerts.ended:
                say(alert.ending(snapshot.taken))
            wrong = _wrong(snapshot, swarm, early=time.monotonic() < empty_until)
            for sentence in wrong:
                if sentence not in said:
                    say(sentence)
            said = wrong
            shown = _print_change(snapshot, swarm, shown, as_json=as_json)
        await running
    finally:
        running.cancel()
        asking.cancel()
        await asyncio.gather(running, asking, return_exceptions=True)
    return 0


async def _only(swarm: "_Swarm", fleet: Fleet, notify: Callable[[FleetSnapshot], None]) -> None:
    """Where no network is looked at: what the swarm says of its nodes, again and again."""
    while True:
        await swarm.told.wait()
        notify(fleet.snapshot())
        await asyncio.sleep(_ASK_SECONDS)


class _Swarm:
    """The nodes of the swarm at hand, asked for again and again; none where there is no swarm.

    `told`: set once it is known what there is.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.nodes: tuple[NodeView, ...] = ()
        self.problem = ""
        self.told = asyncio.Event()
        self._arguments = arguments

    async def tell(self, fleet: Fleet) -> None:
        """Tell the fleet what the swarm says of its nodes, until cancelled."""
        kind, image = self._arguments.engine, self._arguments.image
        engine: Engine | None = None
        try:
            while True:
                try:
                    engine = engine or await open_engine(kind, image=image)
                    if engine.name != "swarm":
                        return
                    self.nodes, self.problem = await engine.nodes(), ""
                except EngineError as error:
                    self.problem = str(error)
                fleet.set_nodes(self.nodes)
                self.told.set()
                await asyncio.sleep(_ASK_SECONDS)
        finally:
            self.told.set()
            if engine is not None:
                await engine.close()

    def others(self, snapshot: FleetSnapshot) -> list[NodeView]:
        """The nodes that are none of the machines seen."""
        seen = {view.node for view in snapshot.pis}
        return [node for node in self.nodes if node.id not in seen]


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


def _wrong(snapshot: FleetSnapshot, swarm: _Swarm, *, early: bool = False) -> tuple[str, ...]:
    """What keeps machines from being shown, a sentence each.

    `early`: who is not there yet may still be.
    """
    problems = tuple(filter(None, (snapshot.problem, swarm.problem)))
    if early or snapshot.pis or swarm.others(snapshot):
        return problems
    if snapshot.interface == NOWHERE:
        nobody = "no network is looked at: name one with --interface."
        nobody = f"N{nobody[1:]}" if swarm.problem else f"There is no swarm here, and {nobody}"
    else:
        nobody = (
            f"No Pi shows itself on {snapshot.interface} ({snapshot.network}): is SSH turned on, "
            "and are they on this network? If it keeps announcements away (guest Wi-Fi, a switch "
            f"that filters multicast): squarm pi {_way_to_others(snapshot.network)}"
        )
    return (*problems, nobody)


def _way_to_others(network: str) -> str:
    """How machines are found there that announce nothing."""
    if ":" in network:
        return "add ADDRESS"
    if network and IPv4Network(network).prefixlen < LARGEST_PREFIX:
        return f"sweep CIDR (a /{LARGEST_PREFIX} of it, or smaller)"
    return f"sweep {network}"


def _print_once(snapshot: FleetSnapshot, swarm: _Swarm, *, as_json: bool) -> None:
    for sentence in _wrong(snapshot, swarm):
        say(sentence)
    others = swarm.others(snapshot)
    if as_json:
        _print_json(snapshot, others)
    elif snapshot.pis or others:
        _print_table(snapshot, others)


def _print_change(
    snapshot: FleetSnapshot, swarm: _Swarm, shown: object, *, as_json: bool
) -> object:
    """Print where there is something new; returns what was shown."""
    others = swarm.others(snapshot)
    if as_json:
        _print_json(snapshot, others)
    else:
        new = (
            [
                (view.id, view.name, view.address, view.state, view.role, view.problem)
                for view in snapshot.pis
            ],
            [(node.id, node.name, node.state, node.role) for node in others],
        )
        if new == (shown or ([], [])):
            return shown
        if shown is not None:
            print()
        _print_table(snapshot, others)
        shown = new
    sys.stdout.flush()
    return shown


def _print_json(snapshot: FleetSnapshot, others: Sequence[NodeView]) -> None:
    objects = [{"kind": "pi"} | as_object(view) for view in snapshot.pis]
    objects += [{"kind": "node"} | asdict(node) for node in others]
    for body in objects:
        print(json.dumps(body, separators=(",", ":")))


def _print_table(snapshot: FleetSnapshot, others: Sequence[NodeView]) -> None:
    shown = [view.address for view in snapshot.pis] + [node.address for node in others]
    wide = max([15, *map(len, shown)])
    print(
        f"{'ID':<8}  {'NAME':<20} {'ADDRESS':<{wide}} {'STATE':<9} {'SINCE':>5} {'ROLE':<7} "
        f"{'CPU':>4} {'MEM':>4} {'TEMP':>5}  WHY"
    )
    for view in snapshot.pis:
        print(_row(view, snapshot.taken, wide).rstrip())
    for node in others:
        print(
            f"{node.id[:8]:<8}  {node.name[:20]:<20} {node.address:<{wide}} {node.state:<9} "
            f"{'-':>5} {node.role:<7} {'-':>4} {'-':>4} {'-':>5}  "
            f"{node.problem or 'a node of the swarm'}"
        )


def _row(view: PiView, at: float, wide: int) -> str:
    sample = view.sample if view.state is not PiState.LOST else None
    cpu = f"{sample.cpu:.0%}" if sample and sample.cpu is not None else "-"
    memory = "-"
    if sample and sample.memory and sample.memory_used is not None:
        memory = f"{sample.memory_used / sample.memory:.0%}"
    warm = f"{sample.temperature:.0f} C" if sample and sample.temperature is not None else "-"
    return (
        f"{view.id:<8}  {view.name[:20]:<20} {view.address:<{wide}} {view.state:<9} "
        f"{age_text(at - view.since):>5} {view.role:<7} {cpu:>4} {memory:>4} {warm:>5}  "
        f"{clean_text(view.problem, 200)}"
    )
