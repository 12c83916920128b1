"""What provisioning will do, before it is done: from preflight and check mode. Pure."""

from dataclasses import dataclass

from provision.inventory import MANAGER, Host, Inventory
from provision.preflight import Check, Preflight, Severity
from provision.runs.view import STEPS, CellState, RunView

_STEP_OF = {"name": "common", "clock": "common", "memory cgroup": "memory_cgroup"}
"""The step that deals with what preflight found."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of one machine and what it will change, in sentences or the names of tasks.

    `rehearsed`: Ansible's check mode said so; else it follows from what preflight found.
    """

    step: str
    changes: tuple[str, ...]
    rehearsed: bool = False


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """A machine, what it is called now, and its steps."""

    host: Host
    now_called: str
    steps: tuple[PlannedStep, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done to which machines, and which are `refused`, with the reasons in them."""

    inventory: Inventory
    hosts: tuple[PlannedHost, ...]
    refused: tuple[Check, ...]


def plan(flight: Preflight, rehearsal: RunView | None = None) -> Plan:
    """The plan for those that preflight lets through; sharper after a run in check mode."""
    ready = {host.id for host in flight.ready}
    checks = [check for check in flight.checks if check.host.id in ready]
    refused = tuple(check for check in flight.checks if check.host.id not in ready)
    return Plan(flight.inventory, tuple(_planned(check, flight, rehearsal) for check in checks),
                refused)  # fmt: skip


def _planned(check: Check, flight: Preflight, rehearsal: RunView | None) -> PlannedHost:
    foreseen = _foreseen(check, flight)
    steps = []
    row = None
    if rehearsal is not None:
        row = next((row for row in rehearsal.rows if row.host == check.host.alias), None)
    for place, step in enumerate(STEPS["site"]):
        cell = row.cells[place] if row else None
        if cell is not None and cell.state in (CellState.CHANGED, CellState.OK):
            steps.append(PlannedStep(step, cell.changes, rehearsed=True))
        elif cell is None or cell.state is not CellState.SKIPPED or step in foreseen:
            steps.append(PlannedStep(step, foreseen.get(step, ())))
    warnings = tuple(
        finding.sentence for finding in check.findings if finding.severity is Severity.WARNING
    )
    return PlannedHost(check.host, check.probe.hostname, tuple(steps), warnings)


def _foreseen(check: Check, flight: Preflight) -> dict[str, tuple[str, ...]]:
    """What is clear without asking Ansible."""
    found: dict[str, list[str]] = {}
    master = check.host.id == flight.inventory.master.id
    joining = "swarm_master" if master else "swarm_host"
    for finding in check.findings:
        if finding.severity is not Severity.WILL:
            continue
        if finding.topic == "swarm":
            as_what = "a manager" if check.host.role == MANAGER else "a worker"
            said = "The swarm will be formed." if master else f"It will join as {as_what}."
            found.setdefault(joining, []).append(said)
        elif step := _STEP_OF.get(finding.topic):
            found.setdefault(step, []).append(finding.sentence)
    if not check.probe.docker:
        found["docker"] = ["Docker will be installed."]
    return {step: tuple(said) for step, said in found.items()}
