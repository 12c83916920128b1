"""From what the user chose to a run that can be started: inventory, request, secrets.

foreseen = await foresee(fleet, choice, credentials, before)    # changes nothing
...                                     # show foreseen.plan, ask
with inventory_file.held(path) as file:
    prepared = prepare(foreseen.flight, choice, credentials, file.read())
    file.write(prepared.inventory, known_hosts)
    run = await runs.start(prepared.request, prepared.secrets)
"""

from dataclasses import dataclass, replace

from base.text import clean_text
from fleet.discovery.interface import find_interface
from fleet.endpoint import USUAL_USER
from fleet.fleet import Fleet
from fleet.snapshot import FleetSnapshot
from fleet.ssh.credentials import Credentials
from provision import inventory_file
from provision.inventory import (
    MASTER_NAME,
    PATTERN,
    Candidate,
    Inventory,
    InventoryError,
    Wish,
    build,
    candidate,
    logged_in,
    merged,
)
from provision.plan import Plan, plan
from provision.preflight import Preflight
from provision.runs.folder import RunRequest
from provision.runs.logins import key_settings, secrets_for
from provision.runs.secrets import RunSecrets
from provision.survey import survey
from provision.this_machine import this_machine


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user wants: which Pis, by id; the master: this machine (`here`), a Pi, or as it was.

    `managers`: how many in all, 0: each as it is.
    """

    pis: tuple[str, ...] = ()
    here: bool = False
    master_pi: str = ""
    managers: int = 0
    pattern: str = PATTERN
    master_name: str = MASTER_NAME
    keep_passwords: bool = False
    update_packages: bool = False
    registry: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What preflight found, and the plan that follows; `first`: there is no inventory yet."""

    flight: Preflight
    plan: Plan
    first: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can be started once its inventory is written."""

    inventory: Inventory
    request: RunRequest
    secrets: RunSecrets


def inventory_for(
    choice: Choice, snapshot: FleetSnapshot, credentials: Credentials, before: Inventory | None
) -> Inventory:
    """The inventory with the chosen Pis, each as it shows itself now.

    Raises InventoryError and NoInterface.
    """
    views = {view.id: view for view in snapshot.pis}

    def found(pi: str) -> Candidate:
        if pi not in views:
            raise InventoryError(f"There is no Pi {clean_text(pi, 40)!r} any more.")
        view = views[pi]
        asked = credentials.of(pi).login.to(view.user).user
        let_in = view.user if logged_in(view) else ""
        return candidate(view, let_in or asked or USUAL_USER)

    master = found(choice.master_pi) if choice.master_pi else None
    if choice.here:
        master = this_machine(find_interface(snapshot.interface))
    elif master is None and before is not None:
        known = views.get(before.master.id)
        master = found(known.id) if known and logged_in(known) else None
    others = [view for view in snapshot.pis if view.id not in choice.pis]
    wish = Wish(
        others=tuple(found(pi) for pi in choice.pis),
        master=master,
        pattern=choice.pattern,
        master_name=choice.master_name,
        managers=choice.managers,
        taken=frozenset(name for view in others for name in (view.hostname, view.name)),
    )
    return build(wish, before)


async def foresee(
    fleet: Fleet, choice: Choice, credentials: Credentials, before: Inventory | None
) -> Foreseen:
    """Look at the machines chosen and say what would be done; changes nothing.

    Raises InventoryError and NoInterface.
    """
    made = inventory_for(choice, fleet.snapshot(), credentials, before)
    flight = narrowed(await survey(fleet, made, credentials, choice.pis), choice)
    return Foreseen(flight, plan(flight), before is None)


def narrowed(flight: Preflight, choice: Choice) -> Preflight:
    """Less the master, where it is one already and nobody asked for it."""
    master = flight.inventory.master.id
    asked = choice.here or master in (*choice.pis, choice.master_pi)
    checks = tuple(
        check
        for check in flight.checks
        if asked or check.host.id != master or check.blocked or not check.probe.swarm.manager
    )
    return replace(flight, checks=checks)


def prepare(
    flight: Preflight,
    choice: Choice,
    credentials: Credentials,
    now: Inventory | None,
    *,
    check: bool = False,
) -> Prepared:
    """The run for the machines that preflight lets through; `check`: it changes nothing.

    `now`: the inventory as it is by now. Raises OwnKeyError and InventoryError.
    """
    # Who was refused and is in no swarm of ours yet stays out of it.
    inventory = merged(now, flight.inventory, {host.id for host in flight.ready})
    settings = key_settings(credentials, keep_passwords=choice.keep_passwords)
    settings["common_upgrade_packages"] = choice.update_packages
    if choice.registry:
        settings["solver_image_registry"] = choice.registry
    hosts = {host.alias: host.name for host in flight.ready}
    path = inventory_file.check_path() if check else inventory_file.default_path()
    request = RunRequest("site", path, hosts, check=check, settings=settings)
    # A step may be carried out on another machine than it is for: the master, mostly.
    return Prepared(inventory, request, secrets_for(inventory.hosts, credentials))
