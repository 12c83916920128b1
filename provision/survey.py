"""Preflight's eyes: asks the chosen machines, over the fleet's connections, all at one time."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace

from fleet.fleet import Fleet, UnknownPi
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.credentials import Credentials
from fleet.ssh.shell import LocalShell, Shell, ShellError, SshShell, Sudo
from provision.inventory import Host, Inventory
from provision.preflight import Preflight, Subject, judge
from provision.probe import (
    PORTS,
    ROOT_SCRIPT,
    port_script,
    read_knocks,
    read_probe,
    user_script,
)


async def survey(
    fleet: Fleet, inventory: Inventory, credentials: Credentials, chosen: Iterable[str]
) -> Preflight:
    """Look at the chosen machines of an inventory, by id, and always at its master.

    Changes nothing on them. Takes as long as the slowest, at most about a minute.
    """
    wanted = {*chosen, inventory.master.id}
    hosts = [host for host in inventory.hosts if host.id in wanted]
    shells = {host.id: _shell(fleet, host, credentials) for host in hosts}
    snapshot = fleet.snapshot()
    subjects = await asyncio.gather(
        *(_meet(host, shells[host.id], snapshot, inventory) for host in hosts)
    )
    subjects = await asyncio.gather(
        *(_knock(subject, shells[subject.host.id], inventory, hosts) for subject in subjects)
    )
    return judge(inventory, subjects)


def _shell(fleet: Fleet, host: Host, credentials: Credentials) -> Shell | None:
    if host.local:
        return LocalShell(credentials.here)
    try:
        connection = fleet.connection(host.id)
    except UnknownPi:
        return None
    if connection is None:
        return None
    return SshShell(credentials.of(host.id).sudo_password, connection=connection)


async def _meet(
    host: Host, shell: Shell | None, snapshot: FleetSnapshot, inventory: Inventory
) -> Subject:
    view = next((view for view in snapshot.pis if view.id == host.id), None)
    names = {view.id: view.name for view in snapshot.pis}
    subject = Subject(
        host,
        called=view.name if view else "",
        twins=tuple(names.get(twin, twin) for twin in view.twins) if view else (),
        namesake=_namesake(host, snapshot, inventory),
        announced=_announcer(host, snapshot, inventory),
    )
    if shell is None:
        return replace(subject, problem=_no_way_in(view))
    try:
        sudo = await shell.find_sudo()
        asked = time.time()
        output = (await shell.run(user_script(inventory.master.address))).output
        answered = time.time()
        if sudo in (Sudo.NONE, Sudo.PASSWORD):
            output += b"\n" + (await shell.run(ROOT_SCRIPT, root=True)).output
    except ShellError as error:
        return replace(subject, problem=str(error))
    probe = read_probe(output)
    ahead = None if probe.now is None else probe.now - (asked + answered) / 2
    return replace(subject, sudo=sudo, probe=probe, ahead=ahead)


def _no_way_in(view: PiView | None) -> str:
    if view is None:
        return "it does not show itself on the network: is it on, and is its cable in?"
    return view.problem or f"it is {view.state}, and squarm is not logged in: give a login."


def _namesake(host: Host, snapshot: FleetSnapshot, inventory: Inventory) -> str:
    """Another machine that bears the name, as a login has shown, and is not to get its own."""
    ours = {other.id for other in inventory.hosts}
    for view in snapshot.pis:
        if view.id not in ours and host.name == view.hostname:
            return view.address or view.id
    return ""


def _announcer(host: Host, snapshot: FleetSnapshot, inventory: Inventory) -> str:
    """A machine that only says on the network that it is called so: anybody may."""
    ours = {other.id for other in inventory.hosts}
    for view in snapshot.pis:
        if view.id not in ours and host.name == view.name != view.hostname:
            return view.address or view.id
    return ""


async def _knock(
    subject: Subject, shell: Shell | None, inventory: Inventory, hosts: list[Host]
) -> Subject:
    """See whether it reaches the master, and the machine after it in the list."""
    if shell is None or subject.problem:
        return subject
    here = next(place for place, host in enumerate(hosts) if host.id == subject.host.id)
    following = hosts[(here + 1) % len(hosts)]
    targets = [(inventory.master.address, port) for port in PORTS]
    targets.append((following.address, PORTS[-1]))
    asked = [
        target
        for target in dict.fromkeys(targets)
        # A link-local address of IPv6 means that machine on this one alone.
        if target[0] != subject.host.address and "%" not in target[0]
    ]
    if not asked:
        return subject
    try:
        output = (await shell.run(port_script(asked))).output
    except (ShellError, ValueError):
        return subject
    return replace(subject, knocks=read_knocks(output, asked))
