"""What the fleet reports to whoever shows it: immutable snapshots."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fleet.copies import CardCopy, copies
from fleet.machine import Contact, Identity, Machine
from fleet.metrics.history import MetricsHistory
from fleet.metrics.samples import MachineFacts, Sample
from fleet.metrics.stream import STALE_SECONDS
from fleet.pi_state import PiState
from fleet.ssh.connection import changed_sentence
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
    copy of the same card. `addresses`: the one in use, then others. `sample` is None, and `sampled`
    0, where nothing was measured yet.
    `role`, `availability` and `node` (its id) are the swarm's, '' outside of one. `refused`: it
    lets nobody in with the `password`, or the `key`, that it was offered last. `approved`: the user
    has said to log in to it: until then few keys are offered. `user`: whom it let in last, '' for
    nobody. `silent`: it lets us in, and has
    said nothing for a moment: it may be busy, or gone. `problem`: one sentence about what is wrong,
    '' when well.
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
    facts: MachineFacts
    fingerprint: str
    trusted: str
    key_changed: bool
    reflash: str
    reflashed: float
    twins: tuple[str, ...]
    sample: Sample | None
    sampled: float
    stale: bool
    history: MetricsHistory
    node: str = ""
    role: str = ""
    availability: str = ""
    added: bool = False
    watched: bool = False
    approved: bool = False
    silent: bool = False
    refused: str = ""
    problem: str = ""
    addresses: tuple[str, ...] = ()
    user: str = ""


@dataclass(frozen=True, slots=True)
class FleetSnapshot:
    """Every machine at one moment; `missing`: names asked for that nobody answers to.

    `problem`: one sentence about discovery itself, '' when well.
    """

    interface: str
    network: str
    pis: tuple[PiView, ...]
    missing: tuple[str, ...]
    taken: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one connection yielded; `problem`: why there is none.

    `refused`: it lets nobody in with the `password`, or the `key`, that it was offered last.
    `tried`: false until the first attempt of this run has ended.
    """

    facts: MachineFacts = field(default_factory=MachineFacts)
    sample: Sample | None = None
    history: MetricsHistory = field(default_factory=MetricsHistory)
    problem: str = ""
    refused: str = ""
    tried: bool = False


def views(
    machines: Mapping[str, Machine],
    measured: Mapping[str, Measured],
    nodes: Iterable[NodeView],
    at: float,
) -> tuple[PiView, ...]:
    """Every machine, the longest known first."""
    twins = copies(machines)
    members = _members(machines, tuple(nodes))
    ordered = sorted(machines.values(), key=lambda machine: (machine.first_seen, machine.id))
    none = Measured()
    return tuple(
        _view(
            machine,
            measured.get(machine.id, none),
            members.get(machine.id),
            twins.get(machine.id),
            at,
        )
        for machine in ordered
    )


def _view(
    machine: Machine, seen: Measured, node: NodeView | None, twins: CardCopy | None, at: float
) -> PiView:
    sample = seen.sample
    state = machine.state(at, in_swarm=node is not None and node.state == "ready")
    stale = sample is not None and at - sample.at > STALE_SECONDS
    silent = stale and machine.contact is Contact.LOGGED_IN
    return PiView(
        id=machine.id,
        name=machine.name or (str(machine.endpoint) if machine.endpoint else machine.id),
        hostname=machine.identity.hostname,
        address=str(machine.endpoint or ""),
        addresses=tuple(map(str, machine.endpoints)),
        mac=machine.macs[0] if machine.macs else machine.claimed,
        state=state,
        since=machine.state_since(at),
        heard=max(machine.heard, machine.alive),
        recognised=machine.recognised,
        identity=machine.identity,
        facts=seen.facts,
        fingerprint=machine.key.fingerprint if machine.key else "",
        trusted=machine.trusted.fingerprint if machine.trusted else "",
        key_changed=machine.key_changed,
        reflash=_reflash(machine),
        reflashed=machine.reflashed,
        twins=twins.others if twins else (),
        sample=sample,
        sampled=sample.at if sample else 0.0,
        stale=stale,
        history=seen.history,
        node=node.id if node else "",
        role=node.role if node else "",
        availability=node.availability if node else "",
        added=machine.added,
        watched=machine.watched,
        approved=machine.approved,
        user=machine.user,
        silent=silent,
        refused=seen.refused,
        problem=_problem(machine, seen, twins, machines_state=state, quiet=silent),
    )


def _reflash(machine: Machine) -> str:
    """The board is the same and the key is new: that is what a re-flash looks like."""
    if machine.key_changed:
        return "suspected" if machine.macs or machine.identity.serial else ""
    return "confirmed" if machine.reflashed else ""


def _problem(
    machine: Machine,
    seen: Measured,
    twins: CardCopy | None,
    *,
    machines_state: PiState,
    quiet: bool,
) -> str:
    """The gravest thing that is wrong, in one sentence."""
    if machine.key_changed and machine.trusted and machine.key:
        return changed_sentence(machine.trusted, machine.key)
    if twins:
        others = ", ".join(twins.others[:3])
        return (
            f"its {twins.what} is also that of {others}: a cloned card (or, before a login, one Pi "
            "with two addresses); write each card anew, or give each its own machine-id and keys."
        )
    if machines_state is PiState.LOST:
        silent = "it does not answer: is it on, and is its cable in?" if seen.tried else ""
        return seen.problem or silent
    if seen.problem:
        return seen.problem
    if quiet:
        return f"it has said nothing for {STALE_SECONDS:.0f} seconds: it may be busy, or gone."
    if machine.key and not machine.trusted and machine.recognised:
        return f"its host key {machine.key.fingerprint} is new: {_ACCEPT} to log in."
    sample = seen.sample
    if sample and sample.throttle and (limits := sample.throttle.now):
        return f"{' and '.join(limits)} now: check its power supply and its cooling."
    if sample and sample.skew is not None and abs(sample.skew) > _SKEW_SECONDS:
        ahead = "ahead" if sample.skew > 0 else "behind"
        return f"its clock is {abs(sample.skew):,.0f} s {ahead}: let it reach a time server."
    return ""


def _members(machines: Mapping[str, Machine], nodes: tuple[NodeView, ...]) -> dict[str, NodeView]:
    """The swarm's node for each machine: by the id that it says it has, else as `_likely` says."""
    by_id = {node.id: node for node in nodes}
    said = Counter(machine.identity.node for machine in machines.values())
    found = {
        machine.id: by_id[machine.identity.node]
        for machine in machines.values()
        # Copies of one card say the same.
        if machine.identity.node in by_id and said[machine.identity.node] == 1
    }
    taken = {node.id for node in found.values()}
    rest = {pi: machine for pi, machine in machines.items() if pi not in found}
    return found | _likely(rest, [node for node in nodes if node.id not in taken])


def _likely(machines: Mapping[str, Machine], nodes: Iterable[NodeView]) -> dict[str, NodeView]:
    """The node for each machine by address, else by a name that only one has.

    A node that is down says nothing of who has its address by now, and where jobs run in local
    processes there is no node but this machine, which is none of the network's.
    """
    nodes = tuple(node for node in nodes if node.role != "local")
    ready_last = sorted(nodes, key=lambda node: node.state == "ready")
    by_address = {node.address: node for node in ready_last if node.address}
    names = Counter(node.name for node in nodes)
    hosts = Counter(machine.identity.hostname for machine in machines.values())
    by_name = {node.name: node for node in nodes if names[node.name] == 1}
    found = {}
    for machine in machines.values():
        host = machine.identity.hostname
        node = by_address.get(machine.endpoint.address) if machine.endpoint else None
        if node is not None and node.state != "ready" and host != node.name.partition(" ")[0]:
            node = None
        if node is None and host and hosts[host] == 1:
            node = by_name.get(host)
        if node is not None:
            found[machine.id] = node
    return found
