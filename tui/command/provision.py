"""`squarm provision` and `squarm inventory`: from Pis on the network to nodes of the swarm."""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from provision import inventory_file
from provision.box import PiState
from provision.credentials import Access, Credentials, key_settings, secrets_for
from provision.host_keys import default_path as known_hosts_path
from provision.interface import find_interface
from provision.inventory import Candidate, Inventory, Wish, build, candidate
from provision.plan import Plan, plan
from provision.preflight import Preflight, Severity
from provision.run_folder import RunRequest
from provision.runs import Runs
from provision.snapshot import FleetSnapshot, PiView
from provision.survey import survey
from provision.this_machine import this_machine
from swarm.engine import EngineError
from swarm.job import parse_whole
from swarm.membership import find_manager
from tui.command import runs
from tui.command.entry import let_in
from tui.command.looking import Look, access, ask_password, interface, looking, named, refusals
from tui.command.speech import UsageError, confirm, say

_QUIET_SECONDS = 3.0
"""Nobody new for so long, and everybody is taken to have shown himself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    pis: tuple[str, ...]
    everyone: bool
    here: bool
    master_pi: str | None
    managers: int
    pattern: str
    master_name: str
    network: str | None
    access: Access
    yes: bool = False
    check: bool = False
    keep_passwords: bool = False
    update_packages: bool = False
    registry: str = ""


async def run_provision(arguments: argparse.Namespace) -> int:
    """Do what was asked for."""
    if arguments.verb == "runs":
        match arguments.deed:
            case "list":
                return runs.list_runs()
            case "follow":
                return await runs.follow(arguments.run)
            case "log":
                return runs.log(arguments.run)
            case "cancel":
                return await runs.cancel(arguments.run, yes=arguments.yes)
            case _:
                return await runs.retry(arguments.run, _access(arguments))
    given = vars(arguments)
    wanted = Wanted(
        pis=tuple(arguments.pi),
        everyone=arguments.all,
        here=arguments.master,
        master_pi=arguments.master_pi,
        managers=parse_whole("managers", arguments.managers or "0"),
        pattern=arguments.pattern,
        master_name=arguments.master_name,
        network=arguments.interface,
        access=_access(arguments),
        yes=given.get("yes", False),
        check=given.get("check", False),
        keep_passwords=given.get("keep_passwords", False),
        update_packages=given.get("update_packages", False),
        registry=given.get("registry", ""),
    )
    if arguments.verb == "inventory":
        return await inventory(wanted, write=arguments.write)
    return await provision(wanted)


def _access(arguments: argparse.Namespace) -> Access:
    return access(
        arguments.user,
        arguments.key,
        ask=arguments.ask_password,
        from_stdin=arguments.password_stdin,
        trust_new=arguments.trust_new,
    )


async def provision(wanted: Wanted) -> int:
    """Make Pis nodes of the swarm; 1 where one could not be, 2 where none can."""
    kept = Runs()
    with refusals():
        if other := kept.live():
            raise UsageError(f"the run {other} is under way: squarm runs follow shows it.")
        async with looking(interface(wanted.network), wanted.access.login) as look:
            chosen, credentials = await _enter(look, wanted)
            inventory = await _inventory(look, chosen, wanted)
            flight = await survey(look.fleet, inventory, credentials, chosen_ids(chosen))
            flight, credentials = await _ask_sudo(look, flight, credentials, chosen)
        planned = plan(_asked_for(flight, chosen, wanted))
        _print_plan(planned)
        if not planned.hosts:
            return 2
        count = len(planned.hosts)
        machines = "this machine" if count == 1 else f"these {count} machines"
        if not wanted.check and not confirm(f"Provision {machines}?", yes=wanted.yes):
            return 1
        path = inventory_file.default_path()
        if wanted.check:
            path = path.with_name("inventory.check.yml")
        made = _with_ready(flight)
        inventory_file.write(path, made, known_hosts_path())
        request = _request(planned, path, wanted, credentials)
        run = await kept.start(request, secrets_for(made.hosts, credentials))
        code = await runs.see_through(kept, run)
    return code or (1 if planned.refused else 0)


async def inventory(wanted: Wanted, *, write: bool) -> int:
    """Print the inventory as it would be with the chosen Pis, or write it."""
    path = inventory_file.default_path()
    with refusals():
        made = inventory_file.read(path)
        if wanted.pis or wanted.everyone or wanted.here or wanted.master_pi:
            async with looking(interface(wanted.network), wanted.access.login) as look:
                chosen, _ = await _enter(look, wanted)
                made = await _inventory(look, chosen, wanted)
        if made is None:
            say("there is no inventory yet: squarm inventory --all --master shows a first one.")
            return 1
        if write:
            inventory_file.write(path, made, known_hosts_path())
            say(f"{path} is written.")
        else:
            print(inventory_file.text_of(made, known_hosts_path()), end="")
    return 0


def chosen_ids(views: Iterable[PiView]) -> tuple[str, ...]:
    """The ids of Pis."""
    return tuple(view.id for view in views)


async def _enter(look: Look, wanted: Wanted) -> tuple[tuple[PiView, ...], Credentials]:
    """Find the Pis that are asked for and log in to them, asking what must be asked."""
    texts = (*wanted.pis, *([wanted.master_pi] if wanted.master_pi else []))
    seen: dict[str, float] = {}

    def settled(snapshot: FleetSnapshot) -> bool:
        new = {view.id for view in snapshot.pis} - seen.keys()
        seen.update(dict.fromkeys(new, snapshot.taken))
        try:
            views = [named(snapshot, text) for text in texts]
        except UsageError:
            return False
        if wanted.everyone:
            views += [view for view in snapshot.pis if view.recognised and _there(view)]
            if not seen or snapshot.taken - max(seen.values()) < _QUIET_SECONDS:
                return False
        return all(view.state is PiState.KNOWN or view.trouble for view in views)

    snapshot = await look.until(settled)
    views = {view.id: view for view in (named(snapshot, text) for text in wanted.pis)}
    if wanted.everyone:
        views |= {view.id: view for view in snapshot.pis if view.recognised and _there(view)}
    if wanted.master_pi:
        view = named(snapshot, wanted.master_pi)
        views = {view.id: view, **views}
    if not views and not wanted.here:
        raise UsageError("say which Pis: by name, address or id, or --all, or --master.")
    credentials = Credentials(wanted.access, here=wanted.access.sudo_password)
    return await let_in(look, tuple(views), credentials)


def _there(view: PiView) -> bool:
    return view.state is not PiState.LOST


async def _inventory(look: Look, chosen: tuple[PiView, ...], wanted: Wanted) -> Inventory:
    before = inventory_file.read(inventory_file.default_path())
    user = wanted.access.login.user
    snapshot = look.fleet.snapshot()
    ids = set(chosen_ids(chosen))
    master: Candidate | None = None
    if wanted.master_pi:
        master = candidate(named(snapshot, wanted.master_pi), user)
    elif wanted.here or (before is None and await _manages()):
        master = this_machine(find_interface(snapshot.interface))
    taken = {view.hostname for view in snapshot.pis if view.id not in ids}
    wish = Wish(
        others=tuple(candidate(view, user) for view in chosen),
        master=master,
        pattern=wanted.pattern,
        master_name=wanted.master_name,
        managers=wanted.managers,
        taken=frozenset(taken),
    )
    return build(wish, before)


async def _manages() -> bool:
    """Whether this machine is a swarm's manager already: then nobody need say so."""
    try:
        await find_manager(patience=1.0)
    except EngineError:
        return False
    return True


async def _ask_sudo(
    look: Look, flight: Preflight, credentials: Credentials, chosen: tuple[PiView, ...]
) -> tuple[Preflight, Credentials]:
    """Where sudo refuses what is known, ask once, and look again."""
    refused = [
        check.host
        for check in flight.checks
        if any(f.topic == "sudo" and f.severity is Severity.MUST for f in check.findings)
    ]
    if not refused or not sys.stdin.isatty() or credentials.usual.sudo is not None:
        return flight, credentials
    names = ", ".join(host.name for host in refused)
    password = ask_password(f"Password for sudo on {names}: ")
    for host in refused:
        if host.local:
            credentials = replace(credentials, here=password)
        else:
            access = replace(credentials.of(host.id), sudo=password)
            credentials = credentials.but(host.id, access)
    return await survey(look.fleet, flight.inventory, credentials, chosen_ids(chosen)), credentials


def _with_ready(flight: Preflight) -> Inventory:
    """The inventory without the machines that were refused now, and are in no swarm of ours."""
    refused = {check.host.id for check in flight.checks if check.blocked}
    before = inventory_file.read(inventory_file.default_path())
    kept = {host.id for host in before.hosts} if before else set()
    made = flight.inventory
    for pi in refused - kept:
        made = made.without(pi)
    return made


def _asked_for(flight: Preflight, chosen: tuple[PiView, ...], wanted: Wanted) -> Preflight:
    """Less the master, where it is one already and nobody asked for it."""
    master = flight.inventory.master.id
    asked = wanted.here or master in chosen_ids(chosen)
    checks = tuple(
        check
        for check in flight.checks
        if asked or check.host.id != master or check.blocked or not check.probe.swarm.manager
    )
    return replace(flight, checks=checks)


def _request(plan_: Plan, path: Path, wanted: Wanted, credentials: Credentials) -> RunRequest:
    hosts = {planned.host.alias: planned.host.name for planned in plan_.hosts}
    settings = key_settings(credentials, keep_passwords=wanted.keep_passwords)
    settings["common_upgrade_packages"] = wanted.update_packages
    if wanted.registry:
        settings["solver_image_registry"] = wanted.registry
    return RunRequest("site", path, hosts, check=wanted.check, settings=settings)


def _print_plan(planned: Plan) -> None:
    """What will be done on standard output; what the user must do, on standard error."""
    for each in planned.hosts:
        host = each.host
        role = "master" if host.id == planned.inventory.master.id else host.role
        print(f"{host.name:<16} {host.address:<15} {role:<8} now {each.now_called or 'unknown'}")
        for step in each.steps:
            for change in step.changes:
                print(f"    {step.step:<14} {change}")
        for warning in each.warnings:
            print(f"    {'warning':<14} {warning}")
    reasons: dict[str, list[str]] = {}
    for check in planned.refused:
        name = check.called
        musts = [f.sentence for f in check.findings if f.severity is Severity.MUST]
        for sentence in musts or ["the master cannot be provisioned: its reason comes first."]:
            reasons.setdefault(sentence, []).append(name)
    for sentence, names in reasons.items():
        say(f"{', '.join(names)}: {sentence}")
    sys.stdout.flush()
