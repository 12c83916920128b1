"""Which machine a piece of evidence belongs to. Pure: a register and evidence give a register."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from provision.box import Box, Contact, Evidence, Identity
from provision.endpoint import Endpoint
from provision.host_keys import HostKey

LARGEST = 1024
"""Machines kept; a flood of announcements pushes out only machines that never answered."""
_SPARE_ENDPOINTS = 3
_SWITCH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Register:
    """Every machine known, by id; `merged` leads from an id that proved to be another's.

    Such an id is given to no other machine: who still holds it means the one that was trusted.
    """

    boxes: Mapping[str, Box] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)

    def find(self, pi: str) -> Box | None:
        """The machine of this id, also when it was merged since."""
        while pi in self.merged:
            pi = self.merged[pi]
        return self.boxes.get(pi)

    def at(self, endpoint: Endpoint) -> Box | None:
        """The machine that is thought to be there."""
        for box in self.boxes.values():
            if box.endpoint == endpoint:
                return box
        spare = (box for box in self.boxes.values() if endpoint in box.endpoints)
        return next(spare, None)


def observe(register: Register, evidence: Evidence) -> Register:
    """Take in evidence: it may make a machine, move one, or show two to be one."""
    holder = register.at(evidence.endpoint)
    box = _identify(register, evidence, holder)
    boxes = dict(register.boxes)
    merged = register.merged
    if holder is not None and (box is None or box.id != holder.id):
        if box is not None and _compatible(holder, evidence):
            box = _absorb(box, holder)
            del boxes[holder.id]
            merged = dict([*merged.items(), (holder.id, box.id)][-LARGEST:])
        else:
            boxes[holder.id] = _displace(holder, evidence)
    if box is None:
        if not _room(boxes):
            return register
        box = _new({*boxes, *merged}, evidence)
    boxes[box.id] = _learn(box, evidence)
    return Register(boxes, merged)


def lose(register: Register, pi: str, at: float) -> Register:
    """Nobody answers there any more: the machine is silent, and its next address gets a try."""

    def change(box: Box) -> Box:
        since = box.contact_since if box.contact is Contact.SILENT else at
        turned = box.endpoints[1:] + box.endpoints[:1]
        return replace(box, contact=Contact.SILENT, contact_since=since, endpoints=turned)

    return _change(register, pi, change)


def try_next(register: Register, pi: str) -> Register:
    """One attempt failed: the machine's next address gets a try, whatever its state."""
    return _change(register, pi, lambda box: replace(box, endpoints=_turned(box.endpoints)))


def log_out(register: Register, pi: str, at: float) -> Register:
    """It answers but lets nobody in."""

    def change(box: Box) -> Box:
        return replace(_contact(box, Contact.ANSWERS, at), alive=at)

    return _change(register, pi, change)


def hear(register: Register, pi: str, at: float, hostname: str = "") -> Register:
    """A sample came in: it is alive, and this is its name now."""

    def change(box: Box) -> Box:
        identity = box.identity
        if hostname and hostname != identity.hostname:
            identity = replace(identity, hostname=hostname)
        alive = _contact(box, Contact.LOGGED_IN, at)
        return replace(alive, alive=at, heard=at, identity=identity)

    return _change(register, pi, change)


def trust(register: Register, pi: str, key: HostKey) -> Register:
    """From now on it must show this key."""

    def change(box: Box) -> Box:
        old = box.trusted if box.trusted not in (None, key) else box.old_key
        return replace(box, trusted=key, old_key=old, watched=True)

    return _change(register, pi, change)


def forget(register: Register, pi: str) -> Register:
    """Forget a machine; it comes back as a new one if it is still there."""
    box = register.find(pi)
    if box is None:
        return register
    rest = {name: other for name, other in register.boxes.items() if name != box.id}
    merged = {old: new for old, new in register.merged.items() if new != box.id}
    return Register(rest, merged)


def restore(register: Register, boxes: Iterable[Box]) -> Register:
    """Machines saved by an earlier run: silent until they show themselves."""
    return Register({**register.boxes, **{box.id: box for box in boxes}}, register.merged)


def _change(register: Register, pi: str, change: Callable[[Box], Box]) -> Register:
    # Not `find`: what ends under an id that was merged says nothing about the other machine.
    box = register.boxes.get(pi)
    if box is None:
        return register
    return Register({**register.boxes, pi: change(box)}, register.merged)


def _identify(register: Register, evidence: Evidence, holder: Box | None) -> Box | None:
    """Whose evidence this is: the run's, the board's, the address's, or the card's."""
    said = evidence.identity
    boxes = register.boxes.values()
    if runs := [box for box in boxes if _same_run(box, evidence)]:
        return min(runs, key=lambda box: box.first_seen)
    if said and said.serial:
        same = [box for box in boxes if box.identity.serial == said.serial]
        if board := _not_elsewhere(same, evidence):
            return board
    if evidence.mac:
        for box in boxes:
            if evidence.mac in box.macs and not _other_board(box, said):
                return box
    if holder is not None and _compatible(holder, evidence):
        return holder
    if not evidence.mac and (evidence.key or said):
        same = [box for box in boxes if _same_card(box, evidence) and not _other_board(box, said)]
        if card := _not_elsewhere(same, evidence):
            return card
    if holder is not None and not evidence.mac and not _other_board(holder, said):
        # Nothing tells whose new key this is. As another machine's it would be trusted at first
        # sight; as the holder's it stops everything and is shown.
        return holder
    return None


def _not_elsewhere(boxes: list[Box], evidence: Evidence) -> Box | None:
    """The first of these that is not at this moment talking from another address."""
    for box in boxes:
        if box.endpoint == evidence.endpoint or not box.alive_at(evidence.at):
            return box
    return None


def _same_run(box: Box, evidence: Evidence) -> bool:
    """Whether this is the very same running system, met at another of its addresses."""
    said = evidence.identity
    if said is None or not said.boot_id or said.boot_id != box.identity.boot_id:
        return False
    # Containers share the boot id of the machine below them, but hardly its host key.
    return evidence.key is not None and evidence.key == box.key


def _same_card(box: Box, evidence: Evidence) -> bool:
    if evidence.key is not None and evidence.key in (box.key, box.trusted):
        return True
    said = evidence.identity
    return bool(said and said.machine_id and said.machine_id == box.identity.machine_id)


def _other_board(box: Box, said: Identity | None) -> bool:
    serial = box.identity.serial
    return bool(said and said.serial and serial and said.serial != serial)


def _compatible(box: Box, evidence: Evidence) -> bool:
    """Whether nothing in the evidence says that it is another machine than this."""
    if evidence.mac and box.macs and evidence.mac not in box.macs:
        said = evidence.identity
        return bool(said and said.serial and said.serial == box.identity.serial)
    if _other_board(box, evidence.identity):
        return False
    known = box.trusted or box.key
    on_the_board = bool(evidence.mac and evidence.mac in box.macs)
    return on_the_board or evidence.key is None or known is None or evidence.key == known


def _absorb(box: Box, other: Box) -> Box:
    """Two that proved to be one: what was known of the other goes over."""
    macs = box.macs + tuple(mac for mac in other.macs if mac not in box.macs)
    return replace(
        box,
        macs=macs[-4:],
        announced=other.announced or box.announced,
        claimed=other.claimed or box.claimed,
        added=box.added or other.added,
        trusted=box.trusted or other.trusted,
        first_seen=min(box.first_seen, other.first_seen),
        heard=max(box.heard, other.heard),
    )


def _displace(holder: Box, evidence: Evidence) -> Box:
    """Its address is another's now: where it is itself, nobody knows."""
    left = tuple(place for place in holder.endpoints if place != evidence.endpoint)
    if holder.endpoint != evidence.endpoint or holder.contact is Contact.NONE:
        return replace(holder, endpoints=left)
    silent = _contact(holder, Contact.SILENT, evidence.at)
    return replace(silent, endpoints=left)


def _room(boxes: dict[str, Box]) -> bool:
    """Make room for one more; False when every machine kept has answered or was asked for."""
    if len(boxes) < LARGEST:
        return True
    idle = [box for box in boxes.values() if box.contact is Contact.NONE and not box.added]
    if not idle:
        return False
    del boxes[min(idle, key=lambda box: box.heard).id]
    return True


def _new(taken: Collection[str], evidence: Evidence) -> Box:
    """A new machine; its id comes from what is known of it first, so that runs mostly agree."""
    seed = evidence.mac or evidence.claimed or str(evidence.endpoint)
    attempt = 0
    while True:
        text = f"{seed} {attempt}" if attempt else seed
        pi = hashlib.sha256(text.encode()).hexdigest()[:8]
        if pi not in taken:
            return Box(id=pi, first_seen=evidence.at, endpoints=())
        attempt += 1


def _learn(box: Box, evidence: Evidence) -> Box:
    box = replace(
        box,
        endpoints=_endpoints(box, evidence),
        announced=evidence.name or box.announced,
        macs=box.macs + ((evidence.mac,) if evidence.mac and evidence.mac not in box.macs else ()),
        claimed=evidence.claimed or box.claimed,
        heard=evidence.at,
        added=box.added or evidence.added,
        watched=box.watched or evidence.added,
    )
    if evidence.key is not None and evidence.key != box.key:
        box = replace(box, key=evidence.key, key_since=evidence.at)
    if evidence.answered and box.endpoint == evidence.endpoint:
        box = replace(box, alive=evidence.at)
        if box.contact is not Contact.LOGGED_IN or box.key_changed:
            box = _contact(box, Contact.ANSWERS, evidence.at)
    if evidence.identity is not None:
        box = _log_in(box, evidence.identity, evidence.at)
    return box


def _log_in(box: Box, said: Identity, at: float) -> Box:
    """A login succeeded: who it is, and whether it is a new system on a known board."""
    before = box.identity
    new_system = bool(before.machine_id and said.machine_id != before.machine_id)
    new_card = new_system and (not before.serial or before.serial == said.serial)
    logged_in = _contact(box, Contact.LOGGED_IN, at)
    return replace(
        logged_in,
        identity=said,
        alive=at,
        watched=True,
        reflashed=at if new_card else box.reflashed,
    )


def _endpoints(box: Box, evidence: Evidence) -> tuple[Endpoint, ...]:
    """The endpoint in use changes when the machine is met at another and is silent at this one."""
    place = evidence.endpoint
    others = tuple(other for other in box.endpoints if other != place)
    if box.endpoint in (None, place) or evidence.identity is not None:
        return (place, *others)[: _SPARE_ENDPOINTS + 1]
    quiet = evidence.at - box.alive
    if not box.alive_at(evidence.at) or (evidence.answered and quiet > _SWITCH_SECONDS):
        return (place, *others)[: _SPARE_ENDPOINTS + 1]
    return (others[0], place, *others[1:])[: _SPARE_ENDPOINTS + 1]


def _contact(box: Box, contact: Contact, at: float) -> Box:
    return box if box.contact is contact else replace(box, contact=contact, contact_since=at)


def _turned(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    return endpoints[1:] + endpoints[:1]
