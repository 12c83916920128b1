"""`squarm inventory`: the inventory that Ansible reads."""

import argparse

from fleet.ssh.host_keys import default_path as known_hosts_path
from operations import provisioning
from operations.kinds import Kind
from provision import inventory_file
from provision.prepare import inventory_for
from tui.command.front_end import admit, perform_and_say
from tui.command.machines.chosen_pis import add_choice, find_and_log_in, read_request
from tui.command.machines.fleet_session import open_fleet
from tui.command.messages import say
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_choice(parser)
    parser.add_argument("--write", action="store_true", help="write it, in squarm's data folder")
    parser.set_defaults(run=inventory)
    parser.add_examples(
        ("squarm inventory", "the inventory as it is"),
        ("squarm inventory --all --master", "as it would be with all Pis"),
        ("squarm inventory --all --write", "writes it"),
    )


async def inventory(arguments: argparse.Namespace) -> int:
    """Print the inventory as it would be with the chosen Pis, or write it."""
    if arguments.write:
        admit(arguments, Kind.WRITE_INVENTORY)
    request = read_request(arguments)
    path = inventory_file.default_path()
    made = before = inventory_file.read(path)
    if request.called or request.everyone or request.choice.here:
        async with open_fleet(arguments, request.access.login) as session:
            choice, credentials = await find_and_log_in(arguments, session, request, before)
            made = inventory_for(choice, session.fleet.snapshot(), credentials, before)
    if made is None:
        say("There is no inventory yet: squarm inventory --all --master shows a first one.")
        return 1
    if arguments.write:
        return await perform_and_say(arguments, provisioning.write_inventory(path, made, before))
    print(inventory_file.text_of(made, known_hosts_path()), end="")
    return 0
