"""`squarm provision`: from Pis on the network to nodes of the swarm."""

import argparse
import sys
from dataclasses import replace

from base.errors import UsageError
from fleet.ssh.credentials import Credentials
from operations import provisioning
from operations.kinds import Kind
from provision import inventory_file
from provision.plan import Plan
from provision.preflight import Severity
from provision.prepare import Foreseen, foresee
from provision.runs.runs import Runs
from tui.command.front_end import admit, perform
from tui.command.machines.chosen_pis import add_choice, find_and_log_in, read_request
from tui.command.machines.fleet_session import open_fleet
from tui.command.machines.follow_run import see_through
from tui.command.machines.login_options import ask_password
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_choice(parser)
    parser.add_argument("--check", action="store_true", help="only say what would be changed")
    add_yes(parser)
    done = parser.add_argument_group("what is done to them")
    done.add_argument(
        "--keep-passwords", action="store_true", help="leave logins by password turned on"
    )
    done.add_argument(
        "--update-packages", action="store_true", help="bring all packages up to date first"
    )
    done.add_argument(
        "--registry",
        metavar="HOST:PORT",
        default="",
        help="pull the solver's image from here (default: carried over from the master)",
    )
    parser.set_defaults(run=provision)
    parser.add_examples(
        ("squarm provision --all --master --check", "what would be changed, here and on all Pis"),
        ("squarm provision kitchen 10.0.0.7 --master", "these two, this machine as their master"),
        ("squarm provision --all --managers 3", "all Pis, three of them managers"),
    )


async def provision(arguments: argparse.Namespace) -> int:
    """Make Pis nodes of the swarm; 1 where one could not be, 2 where none can."""
    admit(arguments, Kind.REHEARSE if arguments.check else Kind.PROVISION)
    request = read_request(arguments)
    runs = Runs()
    if other := runs.live():
        raise UsageError(f"The run {other} is under way: squarm runs follow shows it.")
    before = inventory_file.read(inventory_file.default_path())
    async with open_fleet(arguments, request.access.login) as session:
        choice, credentials = await find_and_log_in(arguments, session, request, before)
        foreseen = await foresee(session.fleet, choice, credentials, before)
        if known := _ask_sudo(foreseen, credentials):
            credentials = known
            foreseen = await foresee(session.fleet, choice, credentials, before)
    _print_plan(foreseen.plan)
    if not foreseen.plan.hosts:
        return 2
    begin = provisioning.begin(runs, foreseen, choice, credentials, check=arguments.check)
    done = await perform(arguments, begin)
    if done is None:
        return 1
    say(done.sentence)
    code = await see_through(runs, done.value)
    return code or (1 if foreseen.plan.refused else 0)


def _ask_sudo(foreseen: Foreseen, credentials: Credentials) -> Credentials | None:
    """Ask once for the password of sudo where it refuses what is known; None where it does not."""
    refused = [
        check.host
        for check in foreseen.flight.checks
        if any(f.topic == "sudo" and f.severity is Severity.MUST for f in check.findings)
    ]
    if not refused or not sys.stdin.isatty() or credentials.usual.sudo is not None:
        return None
    names = ", ".join(host.name for host in refused)
    password = ask_password(f"Password for sudo on {names}: ")
    for host in refused:
        if host.local:
            credentials = replace(credentials, here=password)
        else:
            access = replace(credentials.of(host.id), sudo=password)
            credentials = credentials.but(host.id, access)
    return credentials


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
        # Fresh Pis all have one name.
        place = check.host.address
        name = check.called if place in check.called else f"{check.called} ({place})"
        musts = [f.sentence for f in check.findings if f.severity is Severity.MUST]
        for sentence in musts or ["the master cannot be provisioned: its reason comes first."]:
            reasons.setdefault(sentence, []).append(name)
    for sentence, names in reasons.items():
        say(f"{', '.join(names)}: {sentence}")
    sys.stdout.flush()
