"""What the fleet reports to whoever shows it: immutable snapshots."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provision.box import Box, Identity, PiState
from provision.history import History
from provision.likeness import Likeness, copies
from provision.link import STALE_SECONDS
from provision.metrics import Facts, Sample
from provision.ssh import changed_sentence
from swarm.engine import NodeView

_SKEW_SECONDS = 5.0
_ACCEPT = "compare the fingerprint and accept it"


@dataclass(frozen=True, slots=True)
class PiView:
    """One machine at one moment.

    Times are seconds since the epoch; `since`: of `state`. `recognised`: by what it is taken for
    a Pi, '' for not at all. `fingerprint`: of the host key it shows; `trusted`: of the one it must
    show, '' for none; where they differ `key_changed` is True and nothing is sent to it.
    `reflash`: '', `suspected`, or `confirmed` (at `reflashed`). `twins`: ids of machines with a
    copy of the same card. `sample` is None, and `sampled` 0, where nothing was measured yet.
    `role`, `availability` and `node` (its id) are the swarm's, '' outside of one. `refused`: it
    lets nobody in with the `password`, or the `key`, that it was offered last. `trouble`: one
    sentence about what is wrong, '' when well.
    """

    id: str
    name: str
    hostname: str
    address: str
    mac: str
    state: PiState
    since: float
    heard: float
    recognised: str
    identity: Identity
    facts: Facts
    fingerprint: str
    trusted: str
    key_changed: bool
    reflash: str
    reflashed: float
    twins: tuple[str, ...]
    sample: Sample | None
    sampled: float
    stale: bool
    history: History
    node: str = ""
    role: str = ""
    availability: str = ""
    added: bool = False
    watched: bool = False
    refused: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class FleetSnapshot:
    """Every machine at one moment; `missing`: names asked for that nobody answers to.

    `trouble`: one sentence about discovery itself, '' when well.
    """

    interface: str
    network: str
    pis: tuple[PiView, ...]
    missing: tuple[str, ...]
    taken: float
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one connection yielded; `trouble`: why there is none.

    `refused`: it lets nobody in with the `password`, or the `key`, that it was offered last.
    `tried`: false until the first attempt of this run has ended.
    """

    facts: Facts = field(default_factory=Facts)
    sample: Sample | None = None
    history: History = field(default_factory=History)
    trouble: str = ""
    refused: str = ""
    tried: bool = False


def views(
    boxes: Mapping[str, Box],
    measured: Mapping[str, Measured],
    nodes: Iterable[NodeView],
    at: float,
) -> tuple[PiView, ...]:
    """Every machine, the longest known first."""
    twins = copies(boxes)
    members = _members(boxes, tuple(nodes))
    ordered = sorted(boxes.values(), key=lambda box: (box.first_seen, box.id))
    none = Measured()
    return tuple(
        _view(box, measured.get(box.id, none), members.get(box.id), twins.get(box.id), at)
        for box in ordered
    )


def _view(
    box: Box, seen: Measured, node: NodeView | None, twins: Likeness | None, at: float
) -> PiView:
    sample = seen.sample
    state = box.state(at, in_swarm=node is not None and node.state == "ready")
    age = at - sample.at if sample else 0.0
    return PiView(
        id=box.id,
        name=box.name or (str(box.endpoint) if box.endpoint else box.id),
        hostname=box.identity.hostname,
        address=str(box.endpoint or ""),
        mac=box.macs[0] if box.macs else box.claimed,
        state=state,
        since=box.state_since(at),
        heard=max(box.heard, box.alive),
        recognised=box.recognised,
        identity=box.identity,
        facts=seen.facts,
        fingerprint=box.key.fingerprint if box.key else "",
        trusted=box.trusted.fingerprint if box.trusted else "",
        key_changed=box.key_changed,
        reflash=_reflash(box),
        reflashed=box.reflashed,
        twins=twins.others if twins else (),
        sample=sample,
        sampled=sample.at if sample else 0.0,
        stale=sample is not None and age > STALE_SECONDS,
        history=seen.history,
        node=node.id if node else "",
        role=node.role if node else "",
        availability=node.availability if node else "",
        added=box.added,
        watched=box.watched,
        refused=seen.refused,
        trouble=_trouble(box, seen, twins, boxes_state=state),
    )


def _reflash(box: Box) -> str:
    """The board is the same and the key is new: that is what a re-flash looks like."""
    if box.key_changed:
        return "suspected" if box.macs or box.identity.serial else ""
    return "confirmed" if box.reflashed else ""


def _trouble(box: Box, seen: Measured, twins: Likeness | None, *, boxes_state: PiState) -> str:
    """The gravest thing that is wrong, in one sentence."""
    if box.key_changed and box.trusted and box.key:
        return changed_sentence(box.trusted, box.key)
    if twins:
        others = ", ".join(twins.others[:3])
        return (
            f"its {twins.what} is also that of {others}: a cloned card (or, before a login, one Pi "
            "with two addresses); write each card anew, or give each its own machine-id and keys."
        )
    if boxes_state is PiState.LOST:
        silent = "it does not answer: is it on, and is its cable in?" if seen.tried else ""
        return seen.trouble or silent
    if seen.trouble:
        return seen.trouble
    if box.key and not box.trusted and box.recognised:
        return f"its host key {box.key.fingerprint} is new: {_ACCEPT} to log in."
    sample = seen.sample
    if sample and sample.throttle and (limits := sample.throttle.now):
        return f"{' and '.join(limits)} now: check its power supply and its cooling."
    if sample and sample.skew is not None and abs(sample.skew) > _SKEW_SECONDS:
        ahead = "ahead" if sample.skew > 0 else "behind"
        return f"its clock is {abs(sample.skew):,.0f} s {ahead}: let it reach a time server."
    return ""


def _members(boxes: Mapping[str, Box], nodes: tuple[NodeView, ...]) -> dict[str, NodeView]:
    """The swarm's node for each machine: by address, else by a name that only one has."""
    by_address = {node.address: node for node in nodes if node.address}
    names = [node.name for node in nodes]
    hosts = [box.identity.hostname for box in boxes.values()]
    by_name = {node.name: node for node in nodes if names.count(node.name) == 1}
    found = {}
    for box in boxes.values():
        host = box.identity.hostname
        node = by_address.get(box.endpoint.address) if box.endpoint else None
        if node is None and host and hosts.count(host) == 1:
            node = by_name.get(host)
        if node is not None:
            found[box.id] = node
    return found
