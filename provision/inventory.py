"""Which machines make the swarm, under which names, in which roles. Pure.

A machine keeps the name it was once given: it is found again by its board's serial number, else by
squarm's id or its card's machine-id. What a Pi says of itself gets into the inventory only in forms
that mean nothing to Ansible, whose templates would run on this machine.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from base.errors import ProvisionError
from base.text import clean_text
from fleet.endpoint import BadAddress, Endpoint, parse_place
from fleet.pi_state import PiState
from fleet.snapshot import PiView
from fleet.ssh.host_keys import alias

MASTER_NAME = "swarmaster"
PATTERN = "swarmost{}"
MANAGER = "manager"
WORKER = "worker"
LOCAL_ADDRESS = "127.0.0.1"
_MOST = 500
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
_MARK = re.compile(r"[0-9a-z]{4,40}")


class InventoryError(ProvisionError):
    """An inventory that cannot be made: one sentence, with the way out."""


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of the inventory: `id` is squarm's, `name` its host name in the swarm.

    `local`: the machine squarm runs on. `role`: `manager` or `worker`.
    """

    id: str
    name: str
    address: str
    port: int = 22
    user: str = "pi"
    role: str = WORKER
    serial: str = ""
    machine_id: str = ""
    local: bool = False

    @property
    def alias(self) -> str:
        """What Ansible and known_hosts call it."""
        return alias(self.id)

    @property
    def endpoint(self) -> Endpoint:
        """Where it answers SSH."""
        return Endpoint(self.address, self.port)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The swarm's machines: its master, which forms it, and the others, in order."""

    master: Host
    others: tuple[Host, ...] = ()

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All of them, the master first."""
        return (self.master, *self.others)

    def find(self, text: str) -> Host | None:
        """The machine of this name, id or alias."""
        for host in self.hosts:
            if text in (host.name, host.id, host.alias):
                return host
        return None

    def without(self, pi: str) -> "Inventory":
        """Less one of the others."""
        return replace(self, others=tuple(host for host in self.others if host.id != pi))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A machine that is to be in the inventory, as it was found; `id` '' for this very machine."""

    id: str
    address: str
    port: int = 22
    user: str = "pi"
    serial: str = ""
    machine_id: str = ""
    local: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants: the master (None: as it was), the others to add, and their names.

    `managers`: how many there are to be in all; 0 leaves each its role.
    """

    others: tuple[Candidate, ...] = ()
    master: Candidate | None = None
    pattern: str = PATTERN
    master_name: str = MASTER_NAME
    managers: int = 0
    taken: frozenset[str] = field(default_factory=frozenset)


def candidate(view: PiView, user: str) -> Candidate:
    """A machine of the fleet; raises InventoryError where it has no address."""
    try:
        place = parse_place(view.address)
    except BadAddress:
        place = ""
    if not isinstance(place, Endpoint):
        raise InventoryError(f"{view.name} has no address now: wait until it answers.")
    if not _USER.fullmatch(user):
        raise InventoryError(f"{clean_text(user, 40)!r} is no user's name on Linux.")
    return Candidate(
        id=view.id,
        address=place.address,
        port=place.port,
        user=user,
        serial=_mark(view.identity.serial),
        machine_id=_mark(view.identity.machine_id),
    )


def build(wish: Wish, before: Inventory | None) -> Inventory:
    """The inventory after the wish: who was in it stays, under the name it has.

    Raises InventoryError.
    """
    if wish.managers not in (0, 1, 3, 5):
        raise InventoryError(f"{wish.managers} managers are no good number: choose 1, 3 or 5.")
    if wish.pattern.count("{}") != 1 or not is_name(wish.pattern.replace("{}", "1")):
        raise InventoryError(
            f"{clean_text(wish.pattern, 64)!r} is no pattern of host names: it takes lower-case "
            "letters, digits, hyphens, and {} where the number goes."
        )
    if not is_name(wish.master_name):
        raise InventoryError(f"{clean_text(wish.master_name, 64)!r} cannot be a host name.")
    master = _master(wish, before)
    kept = [host for host in before.hosts if not _same(host, master)] if before else []
    if before is not None and not _same(before.master, master):
        raise InventoryError(
            f"The master of this inventory is {before.master.name}: reset its swarm first "
            "(docs/operating/playbooks.md), or leave it the master."
        )
    others = _others(wish, master, kept)
    return Inventory(master, _with_roles(others, wish.managers))


def merged(now: Inventory | None, planned: Inventory, ready: Collection[str]) -> Inventory:
    """The inventory as it is now, with the machines of a plan that are `ready`, by id.

    What others have added or taken out since the plan was made stays so. Raises InventoryError
    where the plan does not fit any more.
    """
    if now is None:
        return Inventory(planned.master, tuple(h for h in planned.others if h.id in ready))
    if not _same(now.master, planned.master):
        raise _stale(f"{now.master.name} is the master by now")
    others = []
    for host in now.others:
        wanted = next((other for other in planned.others if _same(other, host)), host)
        others.append(wanted if wanted.id in ready else replace(host, role=wanted.role))
    new = (host for host in planned.others if host.id in ready)
    others += [host for host in new if not any(_same(host, other) for other in others)]
    # Nothing of the swarm's own is planned for it: at most it has moved.
    master = planned.master
    names = Counter(host.name for host in (master, *others))
    if twice := next((name for name, count in names.items() if count > 1), ""):
        raise _stale(f"{twice} is another machine's name by now")
    return Inventory(master, tuple(others))


def _stale(what: str) -> InventoryError:
    return InventoryError(f"The inventory has changed since this plan: {what}. Plan anew.")


def at_their_places(inventory: Inventory, places: Mapping[str, Endpoint]) -> Inventory:
    """The inventory with the addresses that machines have today, by id."""

    def moved(host: Host) -> Host:
        place = None if host.local else places.get(host.id)
        return replace(host, address=place.address, port=place.port) if place else host

    return Inventory(moved(inventory.master), tuple(map(moved, inventory.others)))


def places(views: Iterable[PiView]) -> dict[str, Endpoint]:
    """Where machines are today, by id: those that are logged in to, and so are who they are."""
    found = {}
    for view in views:
        if logged_in(view):
            with suppress(BadAddress):
                place = parse_place(view.address)
                if isinstance(place, Endpoint):
                    found[view.id] = place
    return found


def logged_in(view: PiView) -> bool:
    """Whether a machine lets squarm in now, and so is who it says."""
    return view.state in (PiState.KNOWN, PiState.IN_SWARM)


def is_name(text: str) -> bool:
    """Whether it can be a host name."""
    return _NAME.fullmatch(text) is not None


def _master(wish: Wish, before: Inventory | None) -> Host:
    if wish.master is None:
        if before is None:
            raise InventoryError(
                "Say which machine is to be the master: this one (--master), or a Pi (--master-pi)."
            )
        return before.master
    known = _known(wish.master, before.hosts if before else ())
    name = known.name if known else wish.master_name
    return _host(wish.master, name, MANAGER)


def _others(wish: Wish, master: Host, kept: list[Host]) -> tuple[Host, ...]:
    """Those that were there, in their order, then the new ones."""
    hosts = {host.id: host for host in kept}
    taken = {master.name, wish.master_name, *wish.taken} | {host.name for host in kept}
    for wanted in wish.others:
        if _known(wanted, (master,)):
            continue
        known = _known(wanted, hosts.values())
        if known is not None:
            after = _host(wanted, known.name, known.role)
            hosts = {(after.id if pi == known.id else pi): (after if pi == known.id else host)
                     for pi, host in hosts.items()}  # fmt: skip
            continue
        name = _free_name(wish.pattern, taken)
        taken.add(name)
        hosts[wanted.id] = _host(wanted, name, WORKER)
    return tuple(hosts.values())


def _with_roles(others: tuple[Host, ...], managers: int) -> tuple[Host, ...]:
    """So many managers with the master; those that are managers already come first."""
    if not managers:
        return others
    if len(others) < managers - 1:
        raise InventoryError(
            f"{managers} managers take {managers} machines, and there are {len(others) + 1}."
        )
    ranked = sorted(others, key=lambda host: host.role != MANAGER)
    chosen = {host.id for host in ranked[: managers - 1]}
    return tuple(replace(host, role=MANAGER if host.id in chosen else WORKER) for host in others)


def _free_name(pattern: str, taken: Collection[str]) -> str:
    for number in range(1, _MOST + len(taken)):
        if (name := pattern.replace("{}", str(number))) not in taken:
            return name
    raise InventoryError("There are more machines than names: choose another pattern.")


def _known(wanted: Candidate, hosts: Iterable[Host]) -> Host | None:
    """Under which name a machine is known already, whatever else of it has changed."""
    listed = tuple(hosts)
    if wanted.local:
        return next((host for host in listed if host.local), None)
    for host in listed:
        if wanted.serial and host.serial == wanted.serial:
            return host
    for host in listed:
        # A card that moved to another board is no more the machine it was.
        if host.id == wanted.id and not _other_board(host, wanted):
            return host
    for host in listed:
        same_card = wanted.machine_id and host.machine_id == wanted.machine_id
        if same_card and not (host.serial or wanted.serial):
            return host
    return None


def _other_board(host: Host, wanted: Candidate) -> bool:
    return bool(host.serial and wanted.serial and host.serial != wanted.serial)


def _same(one: Host, other: Host) -> bool:
    return one.id == other.id or (bool(one.serial) and one.serial == other.serial)


def _host(wanted: Candidate, name: str, role: str) -> Host:
    return Host(
        id=wanted.id,
        name=name,
        address=wanted.address,
        port=wanted.port,
        user=wanted.user,
        role=role,
        serial=wanted.serial,
        machine_id=wanted.machine_id,
        local=wanted.local,
    )


def _mark(text: str) -> str:
    return text if _MARK.fullmatch(text) else ""
