"""Which nodes a job's units may run on: rules such as `arch=aarch64, memory>=4G` on node labels.

Swarm compares labels with = and != only. Where a number is to be at least, or at most, something,
the nodes that do not comply when the job starts are kept out by their ids.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from swarm.job import SpecError
from swarm.job_values import parse_memory

_OURS = ("arch", "memory", "model", "score")
"""What playbooks label nodes with (role solver_image); any other name is a label of the user's."""
_RULE = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9._-]{0,62})\s*(!=|>=|<=|=)\s*([A-Za-z0-9][A-Za-z0-9 ._:/-]{0,62}?)\s*"
)
_MOST = 300
"""Characters of all rules."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a label must be; `sign` is =, !=, >= or <=, the latter two between numbers or sizes."""

    name: str
    sign: str
    value: str

    @property
    def label(self) -> str:
        """The node label that is meant."""
        return f"squarm.{self.name}" if self.name in _OURS else self.name

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Whether a node with these labels complies."""
        given = labels.get(self.label, "")
        if self.sign in ("=", "!="):
            # As Swarm compares them.
            return (given.lower() == self.value.lower()) is (self.sign == "=")
        try:
            number, bound = _number(given), _number(self.value)
        except SpecError:
            return False
        return number >= bound if self.sign == ">=" else number <= bound


def as_rules(labels: Mapping[str, str]) -> str:
    """What a node's labels are, as rules that it meets; squarm's own that choose nothing aside."""
    named = {label.removeprefix("squarm."): label for label in sorted(labels)}
    return ", ".join(
        f"{name}={labels[label]}" for name, label in named.items() if name == label or name in _OURS
    )


def parse_rules(text: str) -> tuple[Rule, ...]:
    """The rules in a text, none where it is blank; raises SpecError."""
    if not text.strip():
        return ()
    rules = [_RULE.fullmatch(part) for part in text.split(",")]
    found = tuple(Rule(*rule.groups()) for rule in rules if rule)
    if len(found) < len(rules) or len(text) > _MOST:
        raise SpecError(
            "where",
            "Where must be rules such as arch=aarch64, memory>=4G, model!=pi-zero-2-w: "
            f"{text.strip()[:60]!r} is not.",
        )
    for rule in found:
        if rule.sign in (">=", "<="):
            (parse_memory if rule.name == "memory" else _number)(rule.value)
    return found


def constraints(where: str, nodes: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Rules as Docker's placement constraints; `nodes`: the labels of each, by id.

    Raises SpecError where no node complies.
    """
    rules = parse_rules(where)
    if rules and not any(all(rule.admits(labels) for rule in rules) for labels in nodes.values()):
        raise SpecError(
            "where",
            f"No node is labelled so ({where}): squarm provision labels nodes with "
            f"{', '.join(_OURS)}; "
            "docker node update --label-add with what you like.",
        )
    exact = [rule for rule in rules if rule.sign in ("=", "!=")]
    bounds = [rule for rule in rules if rule not in exact]
    signs = {"=": "==", "!=": "!="}
    return (
        *(f"node.labels.{rule.label}{signs[rule.sign]}{rule.value}" for rule in exact),
        *(
            f"node.id!={node}"
            for node, labels in sorted(nodes.items())
            if not all(rule.admits(labels) for rule in bounds)
        ),
    )


def _number(text: str) -> float:
    """A number, or a size in bytes; raises SpecError."""
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text) else parse_memory(text)
