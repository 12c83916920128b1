"""Which machine a piece of evidence belongs to. Pure: a register and evidence give a register."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from fleet.addresses import MOST, also_at, namesake, shown_at, turned, with_place
from fleet.endpoint import Endpoint
from fleet.machine import Contact, Evidence, Identity, Machine
from fleet.ssh.host_keys import HostKey

LARGEST = 1024
"""Machines kept; a flood of announcements pushes out only machines that never answered."""


@dataclass(frozen=True, slots=True)
class Register:
    """Every machine known, by id; `merged` leads from an id that proved to be another's.

    Such an id is given to no other machine: who still holds it means the one that was trusted.
    """

    machines: Mapping[str, Machine] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)

    def find(self, pi: str) -> Machine | None:
        """The machine of this id, also when it was merged since."""
        while pi in self.merged:
            pi = self.merged[pi]
        return self.machines.get(pi)

    def at(self, endpoint: Endpoint) -> Machine | None:
        """The machine that is thought to be there."""
        spare: Machine | None = None
        for machine in self.machines.values():
            if endpoint in machine.endpoints:
                if machine.endpoint == endpoint:
                    return machine
                spare = spare or machine
        return spare


def observe(register: Register, evidence: Evidence) -> Register:
    """Take in evidence: it may make a machine, move one, or show two to be one."""
    holder = register.at(evidence.endpoint)
    if holder is None and (named := namesake(register.machines.values(), evidence)):
        return _change(register, named.id, lambda machine: also_at(machine, evidence))
    machine = _identify(register, evidence, holder)
    machines = dict(register.machines)
    merged = register.merged
    if holder is not None and (machine is None or machine.id != holder.id):
        if machine is not None and _compatible(holder, evidence):
            machine = _absorb(machine, holder)
            del machines[holder.id]
            merged = dict([*merged.items(), (holder.id, machine.id)][-LARGEST:])
        else:
            machines[holder.id] = _displace(holder, evidence)
    if machine is None:
        if not _room(machines):
            return register
        machine = _new({*machines, *merged}, evidence)
    learnt = machines[machine.id] = _learn(machine, evidence)
    if evidence.answered and (other := _at_two_addresses(machines.values(), learnt)):
        older, newer = sorted((learnt, other), key=lambda one: (one.first_seen, one.id))
        machines[older.id] = _with_addresses_of(older, newer)
        del machines[newer.id]
        merged = dict([*merged.items(), (newer.id, older.id)][-LARGEST:])
    return Register(machines, merged)


def lose(register: Register, pi: str, at: float) -> Register:
    """Nobody answers there any more: the machine is silent, and its next address gets a try."""

    def change(machine: Machine) -> Machine:
        since = machine.contact_since if machine.contact is Contact.SILENT else at
        places = turned(machine.endpoints)
        return replace(machine, contact=Contact.SILENT, contact_since=since, endpoints=places)

    return _change(register, pi, change)


def try_next(register: Register, pi: str) -> Register:
    """One attempt failed: the machine's next address gets a try, whatever its state."""
    return _change(
        register, pi, lambda machine: replace(machine, endpoints=turned(machine.endpoints))
    )


def log_out(register: Register, pi: str, at: float) -> Register:
    """It answers but lets nobody in."""

    def change(machine: Machine) -> Machine:
        return replace(_contact(machine, Contact.ANSWERS, at), alive=at)

    return _change(register, pi, change)


def hear(
    register: Register, pi: str, at: float, hostname: str = "", node: str | None = None
) -> Register:
    """A sample came in: it is alive, and this is its name now, and its id in a swarm, if known."""

    def change(machine: Machine) -> Machine:
        identity = machine.identity
        if hostname and hostname != identity.hostname:
            identity = replace(identity, hostname=hostname)
        if node is not None and node != identity.node:
            identity = replace(identity, node=node)
        alive = _contact(machine, Contact.LOGGED_IN, at)
        return replace(alive, alive=at, heard=at, identity=identity)

    return _change(register, pi, change)


def trust(register: Register, pi: str, key: HostKey) -> Register:
    """From now on it must show this key."""

    def change(machine: Machine) -> Machine:
        old = machine.trusted if machine.trusted not in (None, key) else machine.old_key
        return replace(machine, trusted=key, old_key=old, watched=True)

    return _change(register, pi, change)


def approve(register: Register, pi: str) -> Register:
    """The user has said to log in there."""
    return _change(register, pi, lambda machine: replace(machine, approved=True, watched=True))


def tell(register: Register, said: Machine) -> Register:
    """What the user has said of a machine to another squarm."""
    return _change(
        register, said.id, lambda own: replace(own, user=said.user, approved=said.approved)
    )


def forget(register: Register, pi: str) -> Register:
    """Forget a machine; it comes back as a new one if it is still there."""
    machine = register.find(pi)
    if machine is None:
        return register
    rest = {name: other for name, other in register.machines.items() if name != machine.id}
    merged = {old: new for old, new in register.merged.items() if new != machine.id}
    return Register(rest, merged)


def restore(register: Register, machines: Iterable[Machine]) -> Register:
    """Machines saved by an earlier run: silent until they show themselves."""
    return Register(
        {**register.machines, **{machine.id: machine for machine in machines}}, register.merged
    )


def _change(register: Register, pi: str, change: Callable[[Machine], Machine]) -> Register:
    # Not `find`: what ends under an id that was merged says nothing about the other machine.
    machine = register.machines.get(pi)
    if machine is None:
        return register
    return Register({**register.machines, pi: change(machine)}, register.merged)


def _identify(register: Register, evidence: Evidence, holder: Machine | None) -> Machine | None:
    """Whose evidence this is: the run's, the board's, the address's, or the card's."""
    said = evidence.identity
    machines = register.machines.values()
    if said and (runs := [machine for machine in machines if _same_run(machine, evidence)]):
        return min(runs, key=lambda machine: machine.first_seen)
    if said and said.serial:
        same = [machine for machine in machines if machine.identity.serial == said.serial]
        if board := _not_elsewhere(same, evidence):
            return board
    if evidence.mac:
        for machine in machines:
            if evidence.mac in machine.macs and not _other_board(machine, said):
                return machine
    if holder is not None and _compatible(holder, evidence):
        return _silent_elsewhere(machines, holder, evidence) or holder
    if not evidence.mac and (evidence.key or said):
        same = [
            machine
            for machine in machines
            if _same_card(machine, evidence) and not _other_board(machine, said)
        ]
        if card := _not_elsewhere(same, evidence):
            return card
    if holder is not None and not evidence.mac and not _other_board(holder, said):
        # Nothing tells whose new key this is. As another machine's it would be trusted at first
        # sight; as the holder's it stops everything and is shown.
        return holder
    return None


def _not_elsewhere(machines: list[Machine], evidence: Evidence) -> Machine | None:
    """The first of these that is not at this moment talking from another address."""
    for machine in machines:
        if machine.endpoint == evidence.endpoint or not machine.alive_at(evidence.at):
            return machine
    return None


def _silent_elsewhere(
    machines: Iterable[Machine], holder: Machine, evidence: Evidence
) -> Machine | None:
    """Who bore the holder's name and showed the same key until it fell silent at its IPv4 address.

    Of an address of IPv6 nobody here knows on which network card it is.
    """
    if holder.key is not None or evidence.key is None or not evidence.endpoint.is_ipv6:
        return None
    same = [
        machine
        for machine in machines
        if machine.announced == holder.announced != "" and _same_card(machine, evidence)
    ]
    return _not_elsewhere(same, evidence)


def _same_run(machine: Machine, evidence: Evidence) -> bool:
    """Whether this is the very same running system, met at another of its addresses."""
    said = evidence.identity
    if said is None or not said.boot_id or said.boot_id != machine.identity.boot_id:
        return False
    # Containers share the boot id of the machine below them, but hardly its host key.
    return evidence.key is not None and evidence.key == machine.key


def _same_card(machine: Machine, evidence: Evidence) -> bool:
    if evidence.key is not None and evidence.key in (machine.key, machine.trusted):
        return True
    said = evidence.identity
    return bool(said and said.machine_id and said.machine_id == machine.identity.machine_id)


def _other_board(machine: Machine, said: Identity | None) -> bool:
    serial = machine.identity.serial
    return bool(said and said.serial and serial and said.serial != serial)


def _compatible(machine: Machine, evidence: Evidence) -> bool:
    """Whether nothing in the evidence says that it is another machine than this."""
    if evidence.mac and machine.macs and evidence.mac not in machine.macs:
        said = evidence.identity
        return bool(said and said.serial and said.serial == machine.identity.serial)
    if _other_board(machine, evidence.identity):
        return False
    known = machine.trusted or machine.key
    on_the_board = bool(evidence.mac and evidence.mac in machine.macs)
    return on_the_board or evidence.key is None or known is None or evidence.key == known


def _at_two_addresses(machines: Iterable[Machine], machine: Machine) -> Machine | None:
    """The same machine, met at another of its addresses: on cable and on Wi-Fi.

    It has one host key and one mDNS name. A copy of its card has another name, for Avahi lets no
    two machines of a network have the same.
    """
    if machine.key is None or not machine.announced:
        return None
    for other in machines:
        same = other.key == machine.key and other.announced == machine.announced
        # Both have answered since both were shown: a card that was moved is gone where it was.
        shown = max(machine.key_since, other.key_since)
        both = other.id != machine.id and min(machine.alive, other.alive) >= shown
        if same and both and not _differ(other.identity, machine.identity):
            return other
    return None


def _differ(one: Identity, other: Identity) -> bool:
    """Whether what two said after a login shows them to be two boards, or two runs of a card."""
    pairs = ((one.serial, other.serial), (one.boot_id, other.boot_id))
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _with_addresses_of(machine: Machine, other: Machine) -> Machine:
    """The two as one; whichever of them is logged in to, or was heard of last, is its state."""
    ranks = (Contact.LOGGED_IN, Contact.ANSWERS, Contact.NONE, Contact.SILENT)
    best = min(
        (machine, other),
        key=lambda one: (
            ranks.index(one.contact),
            one.endpoint.worth if one.endpoint else (True, True),
            -one.alive,
        ),
    )
    rest = other if best is machine else machine
    # Both have answered: of IPv4 and IPv6 the former is gone on with.
    both = dict.fromkeys((*best.endpoints, *rest.endpoints))
    places = sorted(both, key=lambda place: place.is_ipv6)
    one = _absorb(machine, other)
    return replace(
        one,
        endpoints=tuple(places)[:MOST],
        identity=best.identity if best.identity.machine_id else rest.identity,
        user=best.user or rest.user,
        key=best.key,
        key_since=min(machine.key_since, other.key_since),
        alive=max(machine.alive, other.alive),
        contact=best.contact,
        contact_since=best.contact_since,
        watched=machine.watched or other.watched,
    )


def _absorb(machine: Machine, other: Machine) -> Machine:
    """Two that proved to be one: what was known of the other goes over."""
    macs = machine.macs + tuple(mac for mac in other.macs if mac not in machine.macs)
    trusted = machine.trusted or other.trusted
    return replace(
        machine,
        macs=macs[-4:],
        announced=other.announced or machine.announced,
        claimed=other.claimed or machine.claimed,
        whole=machine.whole or other.whole,
        added=machine.added or other.added,
        # What the user said of one host key he did not say of another.
        approved=machine.approved or (other.approved and other.trusted == trusted),
        trusted=trusted,
        first_seen=min(machine.first_seen, other.first_seen),
        user=machine.user or other.user,
        heard=max(machine.heard, other.heard),
    )


def _displace(holder: Machine, evidence: Evidence) -> Machine:
    """Its address is another's now: where it is itself, nobody knows."""
    left = tuple(place for place in holder.endpoints if place != evidence.endpoint)
    if holder.endpoint != evidence.endpoint or holder.contact is Contact.NONE:
        return replace(holder, endpoints=left)
    silent = _contact(holder, Contact.SILENT, evidence.at)
    return replace(silent, endpoints=left)


def _room(machines: dict[str, Machine]) -> bool:
    """Make room for one more; False when every machine kept has answered or was asked for."""
    if len(machines) < LARGEST:
        return True
    idle = [
        machine
        for machine in machines.values()
        if machine.contact is Contact.NONE and not machine.added
    ]
    if not idle:
        return False
    del machines[min(idle, key=lambda machine: machine.heard).id]
    return True


def _new(taken: Collection[str], evidence: Evidence) -> Machine:
    """A new machine; its id comes from what is known of it first, so that runs mostly agree."""
    seed = evidence.mac or evidence.claimed or str(evidence.endpoint)
    attempt = 0
    while True:
        text = f"{seed} {attempt}" if attempt else seed
        pi = hashlib.sha256(text.encode()).hexdigest()[:8]
        if pi not in taken:
            return Machine(id=pi, first_seen=evidence.at, endpoints=())
        attempt += 1


def _learn(machine: Machine, evidence: Evidence) -> Machine:
    machine = replace(
        machine,
        endpoints=with_place(machine, evidence),
        announced=evidence.name or machine.announced,
        macs=machine.macs
        + ((evidence.mac,) if evidence.mac and evidence.mac not in machine.macs else ()),
        claimed=evidence.claimed or machine.claimed,
        whole=machine.whole or evidence.whole,
        heard=evidence.at,
        added=machine.added or evidence.added,
        user=evidence.user or machine.user,
        watched=machine.watched or evidence.added,
    )
    if evidence.key is not None and evidence.key != machine.key:
        if machine.key is None:
            machine = replace(machine, endpoints=shown_at(machine.endpoints, evidence.endpoint))
        machine = replace(machine, key=evidence.key, key_since=evidence.at)
    if evidence.answered and machine.endpoint == evidence.endpoint:
        machine = replace(machine, alive=evidence.at)
        if machine.contact is not Contact.LOGGED_IN or machine.key_changed:
            machine = _contact(machine, Contact.ANSWERS, evidence.at)
    if evidence.identity is not None:
        machine = _log_in(machine, evidence.identity, evidence.at)
    return machine


def _log_in(machine: Machine, said: Identity, at: float) -> Machine:
    """A login succeeded: who it is, and whether it is a new system on a known board."""
    before = machine.identity
    new_system = bool(before.machine_id and said.machine_id != before.machine_id)
    new_card = new_system and (not before.serial or before.serial == said.serial)
    logged_in = _contact(machine, Contact.LOGGED_IN, at)
    return replace(
        logged_in,
        # Docker's state is on the card.
        identity=said if new_system else replace(said, node=before.node),
        alive=at,
        watched=True,
        reflashed=at if new_card else machine.reflashed,
    )


def _contact(machine: Machine, contact: Contact, at: float) -> Machine:
    return (
        machine
        if machine.contact is contact
        else replace(machine, contact=contact, contact_since=at)
    )
