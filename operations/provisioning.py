"""Provisioning: runs begun, rehearsed, cancelled, tried again; nodes brought up to date."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from base.errors import ProvisionError
from fleet.endpoint import Endpoint
from fleet.ssh.credentials import Credentials
from fleet.ssh.host_keys import default_path as known_hosts_path
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Tell
from provision import inventory_file
from provision.inventory import Inventory, at_their_places, merged
from provision.inventory_file import HeldInventory
from provision.prepare import Choice, Foreseen, prepare
from provision.runs.folder import RunError, RunRequest
from provision.runs.logins import secrets_for
from provision.runs.runs import Runs
from provision.runs.view import RunView
from provision.ssh_session import host_of, place_in_swarm
from swarm.engine import NodeView


def begin(
    runs: Runs, foreseen: Foreseen, choice: Choice, credentials: Credentials, *, check: bool = False
) -> Operation[str]:
    """Start the run that was foreseen; gives its id. `check`: it only says what it would change.

    Raises ProvisionError where nothing can be provisioned.
    """
    hosts = [each.host.name for each in foreseen.plan.hosts]
    if not hosts:
        raise ProvisionError("Nothing can be provisioned yet: the plan says why.")
    target = ", ".join(hosts)
    machines = target if len(hosts) == 1 else f"these {len(hosts)} machines"
    caution = Caution(
        f"Provision {machines}?",
        "They are renamed, Docker is installed, and they become nodes of the swarm. SSH takes "
        f"{'passwords and keys' if choice.keep_passwords else 'keys only'} from then on.",
        agree="Provision",
        decline="Not now",
    )

    async def work(_tell: Tell) -> Done[str]:
        path = inventory_file.check_path() if check else inventory_file.default_path()
        async with _held(path) as file:
            runs.refuse_a_second()
            # As it is by now: another console may have begun a run since the plan was made.
            now = await asyncio.to_thread(inventory_file.read, inventory_file.default_path())
            # Keys are opened for it, which takes a while by design.
            prepared = await asyncio.to_thread(
                prepare, foreseen.flight, choice, credentials, now, check=check
            )
            await asyncio.to_thread(file.write, prepared.inventory, known_hosts_path())
            run = await runs.start(prepared.request, prepared.secrets)
        return Done(f"The run {run} has begun.", run, "begun")

    return Operation(
        kind=Kind.REHEARSE if check else Kind.PROVISION,
        target=target,
        caution=None if check else caution,
        keep=None,
        work=work,
    )


def cancel_run(runs: Runs, view: RunView) -> Operation[str]:
    """Have a run end; gives its id. Raises RunError where it has."""
    if view.over:
        raise RunError(f"The run {view.id} is {view.state}: there is nothing to cancel.")
    caution = Caution(
        f"Cancel the run {view.id}?",
        "What is done stays; what is half done stays half done until a retry.",
        agree="Cancel the run",
        decline="Let it run",
    )

    async def work(_tell: Tell) -> Done[str]:
        run = await asyncio.to_thread(runs.cancel, view.id)
        return Done(f"The run {run} is being ended.", run)

    return Operation(kind=Kind.CANCEL_RUN, target=view.id, caution=caution, keep=None, work=work)


def retry_run(
    runs: Runs, view: RunView, credentials: Credentials, today: Mapping[str, Endpoint]
) -> Operation[str]:
    """Run once more for the machines that are not done; gives the new run's id.

    `today`: where machines are now, by id; the others are where they were.
    """

    async def work(_tell: Tell) -> Done[str]:
        async with _held(runs.request(view.id).inventory) as file:
            inventory = await asyncio.to_thread(_at_their_places, file, today)
            if inventory is None:
                raise RunError(f"The inventory of the run {view.id} is gone: provision anew.")
            said = await asyncio.to_thread(secrets_for, inventory.hosts, credentials)
            run = await runs.again(view.id, said)
        return Done(f"The run {run} goes on with those that are not done.", run, "begun")

    return Operation(kind=Kind.RETRY_RUN, target=view.id, caution=None, keep=None, work=work)


def upgrade(
    runs: Runs,
    nodes: Sequence[NodeView],
    credentials: Credentials,
    today: Mapping[str, Endpoint],
) -> Operation[str]:
    """Bring nodes up to date, one after the other, by a run; gives its id.

    `today`: where machines are now, by id; the others are where they told the swarm.
    """
    names = [node.name for node in nodes]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    caution = Caution(
        f"Bring {', '.join(names[:3])}{more} up to date?",
        "One node after the other: drained, its packages upgraded, rebooted where that is needed, "
        "and given tasks again.",
        agree="Upgrade",
        decline="Not now",
    )

    async def work(_tell: Tell) -> Done[str]:
        path = inventory_file.default_path()
        async with _held(path) as file:
            runs.refuse_a_second()
            before = await asyncio.to_thread(file.read)
            hosts, joined = {}, {}
            for node in nodes:
                host = host_of(before, node)
                if host is None:
                    raise ProvisionError(f"{node.name} is not in the inventory: provision it.")
                hosts[host.alias] = host.name
                if place := place_in_swarm(node, host):
                    joined[host.id] = place
            known = {**joined, **today}
            inventory = await asyncio.to_thread(_at_their_places, file, known)
            everyone = inventory.hosts if inventory else ()
            said = await asyncio.to_thread(secrets_for, everyone, credentials)
            run = await runs.start(RunRequest("upgrade", path, hosts), said)
        return Done(f"The run {run} has begun.", run, "begun")

    target = ", ".join(names)
    return Operation(kind=Kind.UPGRADE, target=target, caution=caution, keep=None, work=work)


def write_inventory(path: Path, made: Inventory, before: Inventory | None) -> Operation[None]:
    """Write the inventory, for plain `ansible-playbook`; it was made from that of `before`."""
    known = before.hosts if before else ()
    new = {host.id for host in made.hosts if host not in known}

    async def work(_tell: Tell) -> Done[None]:
        async with _held(path) as file:
            now = await asyncio.to_thread(file.read)
            await asyncio.to_thread(file.write, merged(now, made, new), known_hosts_path())
        return Done(f"{path} is written.", None)

    target = ", ".join(host.name for host in made.hosts)
    return Operation(kind=Kind.WRITE_INVENTORY, target=target, caution=None, keep=None, work=work)


@asynccontextmanager
async def _held(path: Path) -> AsyncIterator[HeldInventory]:
    """The inventory's file, once nobody else holds it; as it was before where the block fails."""
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, inventory_file.held(path))


def _at_their_places(file: HeldInventory, today: Mapping[str, Endpoint]) -> Inventory | None:
    """The inventory, with the addresses of today written into it; None where there is none."""
    before = file.read()
    if before is None:
        return None
    after = at_their_places(before, today)
    if after != before:
        file.write(after, known_hosts_path())
    return after
