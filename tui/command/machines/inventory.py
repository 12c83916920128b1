"""`squarm inventory`: the inventory that Ansible reads."""

import argparse

from base.audit import Audit
from base.errors import UsageError
from fleet.ssh.host_keys import default_path as known_hosts_path
from provision import inventory_file
from provision.prepare import inventory_for
from tui.command.machines.chosen_pis import add_choice, find_and_log_in, read_request
from tui.command.machines.fleet_session import find_interface, open_fleet
from tui.command.messages import say


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    add_choice(parser)
    parser.add_argument("--write", action="store_true", help="write it, in squarm's data folder")
    parser.set_defaults(run=inventory)


async def inventory(arguments: argparse.Namespace) -> int:
    """Print the inventory as it would be with the chosen Pis, or write it."""
    if arguments.write and arguments.read_only:
        raise UsageError("--read-only refuses this: it writes the inventory.")
    request = read_request(arguments)
    path = inventory_file.default_path()
    made = before = inventory_file.read(path)
    if request.called or request.everyone or request.choice.here:
        async with open_fleet(find_interface(arguments.interface), request.access.login) as session:
            choice, credentials = await find_and_log_in(session, request, before)
            made = inventory_for(choice, session.fleet.snapshot(), credentials, before)
    if made is None:
        say("There is no inventory yet: squarm inventory --all --master shows a first one.")
        return 1
    if arguments.write:
        inventory_file.write(path, made, known_hosts_path())
        Audit().note("inventory", ", ".join(host.name for host in made.hosts), "done")
        say(f"{path} is written.")
    else:
        print(inventory_file.text_of(made, known_hosts_path()), end="")
    return 0
