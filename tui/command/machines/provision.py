"""`squarm provision`: from Pis on the network to nodes of the swarm."""

import argparse
import sys
from dataclasses import replace

from base.errors import UsageError
from fleet.ssh.credentials import Credentials
from provision import inventory_file
from provision.plan import Plan, plan
from provision.preflight import Preflight, Severity
from provision.prepare import Choice, inventory_for, narrowed, prepare
from provision.runs.runs import Runs
from provision.survey import survey
from tui.command.machines.chosen_pis import add_choice, find_and_log_in, read_request
from tui.command.machines.fleet_session import FleetSession, find_interface, open_fleet
from tui.command.machines.follow_run import see_through
from tui.command.machines.login_options import ask_password
from tui.command.messages import confirm, say


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    add_choice(parser)
    parser.add_argument("--check", action="store_true", help="only say what would be changed")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--keep-passwords", action="store_true", help="leave logins by password turned on"
    )
    parser.add_argument(
        "--update-packages", action="store_true", help="bring all packages up to date first"
    )
    parser.add_argument(
        "--registry", metavar="HOST:PORT", default="", help="pull the solver's image from here"
    )
    parser.set_defaults(run=provision, changes="it changes Pis")


async def provision(arguments: argparse.Namespace) -> int:
    """Make Pis nodes of the swarm; 1 where one could not be, 2 where none can."""
    request = read_request(arguments)
    kept = Runs()
    if other := kept.live():
        raise UsageError(f"The run {other} is under way: squarm runs follow shows it.")
    before = inventory_file.read(inventory_file.default_path())
    async with open_fleet(find_interface(arguments.interface), request.access.login) as session:
        choice, credentials = await find_and_log_in(session, request, before)
        made = inventory_for(choice, session.fleet.snapshot(), credentials, before)
        flight = await survey(session.fleet, made, credentials, choice.pis)
        flight, credentials = await _ask_sudo(session, flight, credentials, choice)
    flight = narrowed(flight, choice)
    planned = plan(flight)
    _print_plan(planned)
    if not planned.hosts:
        return 2
    count = len(planned.hosts)
    machines = planned.hosts[0].host.name if count == 1 else f"these {count} machines"
    if not arguments.check and not confirm(f"Provision {machines}?", yes=arguments.yes):
        return 1
    prepared = prepare(flight, choice, credentials, before, check=arguments.check)
    prepared.write()
    run = await kept.start(prepared.request, prepared.secrets)
    code = await see_through(kept, run)
    return code or (1 if planned.refused else 0)


async def _ask_sudo(
    session: FleetSession, flight: Preflight, credentials: Credentials, choice: Choice
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
    return await survey(session.fleet, flight.inventory, credentials, choice.pis), credentials


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
