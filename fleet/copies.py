"""Machines that are too alike: copied cards."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.machine import Machine


@dataclass(frozen=True, slots=True)
class CardCopy:
    """The ids of machines that have the same `what`: `machine-id`, `host key`, `serial number`."""

    others: tuple[str, ...]
    what: str


def copies(machines: Mapping[str, Machine]) -> dict[str, CardCopy]:
    """For each machine that shares its card's identity with another: with which, and what."""
    alike: defaultdict[str, list[Machine]] = defaultdict(list)
    for machine in machines.values():
        for mark in (machine.identity.machine_id, machine.identity.serial, str(machine.key or "")):
            if mark:
                alike[mark].append(machine)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for group in alike.values():
        if len(group) == 1:
            continue
        for machine in group:
            for other in group:
                if what := shares_card(machine, other):
                    found[machine.id][other.id] = what
    return {
        pi: CardCopy(tuple(sorted(others)), min(others.values(), key=_WEIGHT.index))
        for pi, others in found.items()
    }


_WEIGHT = ("machine-id", "host key", "serial number")


def shares_card(one: Machine, other: Machine) -> str:
    """What two machines, both there at one time, have in common that only a copied card explains.

    `machine-id`, `host key` or `serial number`; '' for nothing. A card that moved from one Pi to
    another is no copy: the one was gone before the other showed its key.
    """
    if one.id == other.id:
        return ""
    both_shown = max(one.key_since, other.key_since)
    if min(one.alive, other.alive) < both_shown:
        return ""
    mine, theirs = one.identity, other.identity
    if mine.machine_id and mine.machine_id == theirs.machine_id:
        # Containers of one machine are told apart by what else they show.
        return "machine-id" if mine.boot_id != theirs.boot_id else ""
    if one.key and one.key == other.key:
        return "host key"
    if mine.serial and mine.serial == theirs.serial and mine.boot_id != theirs.boot_id:
        return "serial number"
    return ""
