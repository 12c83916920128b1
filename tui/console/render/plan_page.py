"""What provisioning will do, as lines of text."""

from typing import TYPE_CHECKING

from tui.console.render.spans import Line
from tui.console.render.theme import BAD, DIM, GOOD, KEY, PLAIN, STRONG, WARN

if TYPE_CHECKING:
    from provision.plan import Plan, PlannedHost
    from provision.prepare import Choice

_STEP = 16


def choice_lines(choice: "Choice", *, first: bool) -> list[Line]:
    """What was chosen, and the keys that choose otherwise."""
    a_pi = "the first Pi" if choice.master_pi in choice.pis else "the swarm's leader"
    master = "this machine" if choice.here else a_pi if choice.master_pi else "as it is"
    managers = str(choice.managers) if choice.managers else "as they are"
    passwords = "stay on" if choice.keep_passwords else "off, once the key is proved"
    packages = "brought up to date" if choice.update_packages else "as they are"
    rows = [
        *([("m", "master", master)] if first else []),
        ("M", "managers", managers),
        ("w", "SSH passwords", passwords),
        ("u", "packages", packages),
    ]
    return [
        [(f"{key} ", KEY), (f"{label} ".ljust(_STEP), DIM), (value, PLAIN)]
        for key, label, value in rows
    ]


def plan_page(plan: "Plan") -> list[Line]:
    """Each machine and what will be done to it; then those that the user must help first."""
    lines: list[Line] = []
    for planned in plan.hosts:
        lines += [[], *_host_lines(plan, planned)]
    for check in plan.refused:
        lines += [[], [("✗ ", BAD), (check.called, STRONG), ("  is left out", BAD)]]
        said = [f.sentence for f in check.findings if f.severity == "you must"]
        for sentence in said or ["the master cannot be provisioned: its reason comes first."]:
            lines.append([("    ", PLAIN), (sentence, BAD)])
    return lines


def _host_lines(plan: "Plan", planned: "PlannedHost") -> list[Line]:
    host = planned.host
    role = "master" if host.id == plan.inventory.master.id else host.role
    now = f", now {planned.now_called}" if planned.now_called not in ("", host.name) else ""
    lines: list[Line] = [
        [("● ", GOOD), (host.name, STRONG), (f"  {role} at {host.address}{now}", DIM)]
    ]
    quiet = []
    for step in planned.steps:
        for number, change in enumerate(step.changes):
            label = step.step if number == 0 else ""
            lines.append([("    ", PLAIN), (label.ljust(_STEP), DIM), (change, PLAIN)])
        if not step.changes:
            quiet.append(step.step)
    if quiet:
        said = "in order" if all(step.rehearsed for step in planned.steps) else "looked at, too"
        lines.append([("    ", PLAIN), (f"{', '.join(quiet)}: {said}", DIM)])
    lines += [[("  ▲ ", WARN), (sentence, WARN)] for sentence in planned.warnings]
    return lines
