"""`squarm provision` and `squarm inventory`: from Pis on the network to nodes of the swarm."""

import argparse
import sys
from dataclasses import dataclass, replace

from base.audit import Audit
from base.errors import EngineError, UsageError
from fleet.machine import PiState
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.host_keys import default_path as known_hosts_path
from provision import inventory_file
from provision.inventory import Inventory
from provision.plan import Plan, plan
from provision.preflight import Preflight, Severity
from provision.prepare import Choice, inventory_for, narrowed, prepare
from provision.runs.runs import Runs
from provision.survey import survey
from swarm.docker.membership import find_manager
from swarm.job import parse_whole
from tui.command import runs
from tui.command.entry import decided, let_in
from tui.command.looking import Look, access, ask_password, interface, looking, named, refusals
from tui.command.speech import confirm, say

_QUIET_SECONDS = 3.0
"""Nobody new for so long, and everybody is taken to have shown himself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for: the Pis as they were named, and the rest of the choice."""

    pis: tuple[str, ...]
    everyone: bool
    master_pi: str
    network: str | None
    access: Access
    choice: Choice
    yes: bool = False
    check: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """Every Pi that was named."""
        return (self.master_pi, *self.pis) if self.master_pi else self.pis


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
    choice = Choice(
        here=arguments.master,
        managers=parse_whole("managers", arguments.managers or "0"),
        pattern=arguments.pattern,
        master_name=arguments.master_name,
        keep_passwords=given.get("keep_passwords", False),
        update_packages=given.get("update_packages", False),
        registry=given.get("registry", ""),
    )
    wanted = Wanted(
        pis=tuple(arguments.pi),
        everyone=arguments.all,
        master_pi=arguments.master_pi or "",
        network=arguments.interface,
        access=_access(arguments),
        choice=choice,
        yes=given.get("yes", False),
        check=given.get("check", False),
    )
    if arguments.verb == "inventory":
        if arguments.write and arguments.read_only:
            raise UsageError("--read-only refuses this: it writes the inventory.")
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
            raise UsageError(f"The run {other} is under way: squarm runs follow shows it.")
        before = inventory_file.read(inventory_file.default_path())
        async with looking(interface(wanted.network), wanted.access.login) as look:
            choice, credentials = await _enter(look, wanted, before)
            made = inventory_for(choice, look.fleet.snapshot(), credentials, before)
            flight = await survey(look.fleet, made, credentials, choice.pis)
            flight, credentials = await _ask_sudo(look, flight, credentials, choice)
        flight = narrowed(flight, choice)
        planned = plan(flight)
        _print_plan(planned)
        if not planned.hosts:
            return 2
        count = len(planned.hosts)
        machines = planned.hosts[0].host.name if count == 1 else f"these {count} machines"
        if not wanted.check and not confirm(f"Provision {machines}?", yes=wanted.yes):
            return 1
        prepared = prepare(flight, choice, credentials, before, check=wanted.check)
        prepared.write()
        run = await kept.start(prepared.request, prepared.secrets)
        code = await runs.see_through(kept, run)
    return code or (1 if planned.refused else 0)


async def inventory(wanted: Wanted, *, write: bool) -> int:
    """Print the inventory as it would be with the chosen Pis, or write it."""
    path = inventory_file.default_path()
    with refusals():
        made = before = inventory_file.read(path)
        if wanted.named or wanted.everyone or wanted.choice.here:
            async with looking(interface(wanted.network), wanted.access.login) as look:
                choice, credentials = await _enter(look, wanted, before)
                made = inventory_for(choice, look.fleet.snapshot(), credentials, before)
        if made is None:
            say("There is no inventory yet: squarm inventory --all --master shows a first one.")
            return 1
        if write:
            inventory_file.write(path, made, known_hosts_path())
            Audit().note("inventory", ", ".join(host.name for host in made.hosts), "done")
            say(f"{path} is written.")
        else:
            print(inventory_file.text_of(made, known_hosts_path()), end="")
    return 0


async def _enter(
    look: Look, wanted: Wanted, before: Inventory | None
) -> tuple[Choice, Credentials]:
    """Find the Pis that are asked for and log in to them, asking what must be asked."""
    credentials = Credentials(wanted.access, here=wanted.access.sudo_password)
    seen: dict[str, float] = {}
    # Whatever is chosen, the master is looked at with it.
    master = "" if before is None or before.master.local else before.master.id

    def settled(snapshot: FleetSnapshot) -> bool:
        new = {view.id for view in snapshot.pis} - seen.keys()
        seen.update(dict.fromkeys(new, snapshot.taken))
        try:
            views = [named(snapshot, text) for text in wanted.named]
        except UsageError:
            return False
        if wanted.everyone:
            views += [view for view in snapshot.pis if view.recognised and _there(view)]
            if not seen or snapshot.taken - max(seen.values()) < _QUIET_SECONDS:
                return False
        views += [view for view in snapshot.pis if view.id == master]
        return all(decided(view, credentials) for view in views)

    snapshot = await look.until(settled)
    pis = [named(snapshot, text).id for text in wanted.named]
    master_pi = named(snapshot, wanted.master_pi).id if wanted.master_pi else ""
    if wanted.everyone:
        pis += [view.id for view in snapshot.pis if view.recognised and _there(view)]
    here = wanted.choice.here or (not master_pi and before is None and await _manages())
    if not pis and not here:
        raise UsageError("Say which Pis: by name, address or id, or --all, or --master.")
    chosen = tuple(dict.fromkeys(pis))
    credentials = await let_in(look, tuple(dict.fromkeys((*chosen, master))), credentials)
    return replace(wanted.choice, pis=chosen, here=here, master_pi=master_pi), credentials


def _there(view: PiView) -> bool:
    return view.state is not PiState.LOST


async def _manages() -> bool:
    """Whether this machine is a swarm's manager already: then nobody need say so."""
    try:
        await find_manager(patience=1.0)
    except EngineError:
        return False
    return True


async def _ask_sudo(
    look: Look, flight: Preflight, credentials: Credentials, choice: Choice
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
    return await survey(look.fleet, flight.inventory, credentials, choice.pis), credentials


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
