"""At which of its addresses a machine is talked to, and which may be its own. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from fleet.endpoint import Endpoint
from fleet.machine import Contact, Evidence, Machine

MOST = 4
"""Addresses kept of one machine."""
_SWITCH_SECONDS = 3.0


def namesake(machines: Iterable[Machine], evidence: Evidence) -> Machine | None:
    """Of which machine an announcement tells only a further address, one of the two of IPv6.

    A host has one name, and IPv6 gives it several addresses. One that answers needs none of them;
    where one has answered and is silent now, its host key tells whether it is the same.
    """
    if not evidence.name or evidence.mac or evidence.answered:
        return None
    for machine in machines:
        same = machine.announced == evidence.name and machine.endpoint is not None
        new = evidence.endpoint.is_ipv6 and machine.alive_at(evidence.at)
        if same and (new or _may_be_at(machine, evidence.endpoint)):
            return machine
    return None


def also_at(machine: Machine, evidence: Evidence) -> Machine:
    """The machine after such an announcement."""
    if not _may_be_at(machine, evidence.endpoint):
        return machine
    places = sorted((*machine.endpoints, evidence.endpoint), key=lambda place: place.worth)
    return replace(machine, endpoints=tuple(places[:MOST]), heard=evidence.at)


def shown_at(endpoints: tuple[Endpoint, ...], place: Endpoint) -> tuple[Endpoint, ...]:
    """Less what only its name has led to: from now on it is known by a host key."""
    return tuple(
        other for other in endpoints if other == place or not (other.is_ipv6 or place.is_ipv6)
    )


def with_place(machine: Machine, evidence: Evidence) -> tuple[Endpoint, ...]:
    """The machine's endpoints after the evidence.

    Where one of IPv6 answers and is gone on with, those of IPv4 are given up: one that comes back
    is a machine of its own until it shows whose it is.
    """
    places = _in_order(machine, evidence)[:MOST]
    if evidence.answered and evidence.endpoint.is_ipv6 and places[0] == evidence.endpoint:
        return tuple(place for place in places if place.is_ipv6)
    return places


def turned(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """The next in use, and the one that was behind all the others."""
    return endpoints[1:] + endpoints[:1]


def _may_be_at(machine: Machine, place: Endpoint) -> bool:
    """Whether it has shown nothing but its name, which is told of that place, too."""
    of_ipv6 = place.is_ipv6 or any(other.is_ipv6 for other in machine.endpoints)
    return of_ipv6 and machine.contact is Contact.NONE and machine.key is None


def _in_order(machine: Machine, evidence: Evidence) -> tuple[Endpoint, ...]:
    """The endpoint in use changes when the machine is met at another and is silent at this one.

    And where it answers at IPv4 while IPv6 is in use.
    """
    place = evidence.endpoint
    if place in machine.endpoints and _may_be_at(machine, place) and not evidence.answered:
        return machine.endpoints
    others = tuple(other for other in machine.endpoints if other != place)
    if machine.endpoint in (None, place) or evidence.identity is not None:
        return (place, *others)
    quiet = evidence.at - machine.alive
    if not machine.alive_at(evidence.at) or (evidence.answered and quiet > _SWITCH_SECONDS):
        return (place, *others)
    if evidence.answered and others[0].is_ipv6 and not place.is_ipv6:
        return (place, *others)
    return (others[0], place, *others[1:])
