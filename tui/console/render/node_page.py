"""Everything known about one machine, as lines of text."""

from typing import TYPE_CHECKING

from rich.style import Style

from base.text import age_text
from tui.console.node_row import NodeRow, TaskOn
from tui.console.render.badges import job_style, state_badge
from tui.console.render.labels import labelled, moment
from tui.console.render.spans import Line, bytes_text, rate_text
from tui.console.render.theme import BAD, PLAIN, STRONG, WARN

if TYPE_CHECKING:
    from fleet.metrics.samples import Sample
    from fleet.snapshot import PiView

_LABEL = 14


def _pair(label: str, value: str, style: Style = PLAIN) -> Line:
    return labelled(label, value, style, _LABEL)


def _known(*pairs: tuple[str, str]) -> list[Line]:
    """The pairs whose value is known."""
    return [_pair(label, value) for label, value in pairs if value]


def node_page(row: NodeRow) -> list[Line]:
    """A machine: how it is, who it is, what it has, what runs on it."""
    glyph, word, style = state_badge(row)
    lines: list[Line] = [_pair("name", row.name, STRONG), _pair("state", f"{glyph} {word}", style)]
    if row.pi and row.pi.problem:
        grave = row.pi.key_changed or bool(row.pi.twins)
        lines.append(_pair("", row.pi.problem, BAD if grave else WARN))
    if row.node and row.node.problem:
        lines.append(_pair("", row.node.problem, BAD))
    lines += _alerts(row)
    lines += _known(("address", row.address), ("also at", _spare(row)))
    lines += _known(("role", row.role + _here(row)))
    if row.pi:
        lines += _who(row.pi)
        if row.sample:
            lines += [[], *_how(row.sample)]
    if row.node:
        lines += [[], *_member(row)]
    return [*lines, *_tasks(row.tasks)]


def _spare(row: NodeRow) -> str:
    """Its other addresses."""
    return ", ".join(row.pi.addresses[1:]) if row.pi else ""


def _alerts(row: NodeRow) -> list[Line]:
    """What is wrong since when, then what was, the newest first."""
    holding = [
        (f"{alert.kind} since {moment(alert.began)}: {alert.sentence}", BAD)
        for alert in row.alerts.holding
    ]
    ended = [
        (f"was {alert.kind} from {moment(alert.began)} to {moment(at)}", PLAIN)
        for alert, at in row.alerts.ended[::-1]
    ]
    both = [*holding, *ended]
    return [_pair("" if at else "alerts", *told) for at, told in enumerate(both)]


def _here(row: NodeRow) -> str:
    return ", this machine" if row.node and row.node.here else ""


def _who(pi: "PiView") -> list[Line]:
    system = " ".join(filter(None, (pi.facts.os, f"{pi.facts.bits} bit" if pi.facts.bits else "")))
    known = f"by its {pi.recognised}" if pi.recognised else "not taken for a Pi"
    lines = _known(
        ("recognised", known),
        ("host name", pi.hostname),
        ("MAC address", pi.mac),
        ("model", pi.identity.model),
        ("serial", pi.identity.serial),
        ("machine-id", pi.identity.machine_id),
        ("system", system),
        ("kernel", " ".join(filter(None, (pi.facts.kernel, pi.facts.arch)))),
        ("last heard", moment(pi.heard)),
        ("state since", moment(pi.since)),
        ("written anew", moment(pi.reflashed)),
    )
    if pi.fingerprint:
        style = BAD if pi.key_changed else PLAIN
        trusted = "" if pi.fingerprint == pi.trusted else "  not trusted"
        lines.append(_pair("host key", pi.fingerprint + trusted, style))
    if pi.key_changed:
        lines.append(_pair("trusted key", pi.trusted))
    return lines


def _how(sample: "Sample") -> list[Line]:
    load = " ".join(f"{value:.2f}" for value in sample.load) if sample.load else ""
    lines = _known(
        ("load", load),
        ("memory", _part(sample.memory_used, sample.memory)),
        ("swap", _part(sample.swap_used, sample.swap)),
        ("disk", _part(sample.disk_used, sample.disk)),
        ("temperature", _figure(sample.temperature, "{:.1f} °C")),
        ("clock", _figure(sample.clock and sample.clock / 1e6, "{:.0f} MHz")),
        ("up for", age_text(sample.uptime) if sample.uptime is not None else ""),
        ("its clock", _skew(sample.skew)),
    )
    if sample.throttle is not None:
        now, before = sample.throttle.now, sample.throttle.since_boot
        lines.append(_pair("limited now", ", ".join(now) or "no", BAD if now else PLAIN))
        lines.append(_pair("since boot", ", ".join(before) or "no", WARN if before else PLAIN))
    return lines


def _member(row: NodeRow) -> list[Line]:
    node = row.node
    if node is None:
        return []
    # Imported late: not for the first paint.
    from swarm.placement import as_rules

    return _known(
        ("node", node.id),
        ("answers", node.state),
        ("takes tasks", {"active": "yes", "pause": "no new ones"}.get(node.availability, "no")),
        ("platform", node.platform),
        ("resources", f"{node.cpus} cores, {bytes_text(node.memory)}"),
        ("labels", as_rules(node.labels)),
        ("squares", rate_text(row.rate) if row.rate else ""),
    )


def _tasks(tasks: tuple[TaskOn, ...]) -> list[Line]:
    if not tasks:
        return []
    jobs = sorted({task.job for task in tasks})
    lines: list[Line] = [[], [("tasks", STRONG)]]
    for job in jobs:
        line = [(f"  {job:<16} ", PLAIN)]
        for task in tasks:
            if task.job == job:
                line += [(f" {task.unit} ", job_style(task)), (" ", PLAIN)]
        lines.append(line)
    return lines


def _part(used: int | None, total: int | None) -> str:
    if not total:
        return ""
    return bytes_text(total) if used is None else f"{bytes_text(used)} of {bytes_text(total)}"


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _skew(skew: float | None) -> str:
    if skew is None:
        return ""
    return "right" if abs(skew) < 2 else f"{abs(skew):,.0f} s {'ahead' if skew > 0 else 'behind'}"
