"""The `:` command line: what a line means, and how it could go on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from base.errors import UsageError
from base.text import nearest
from fleet.discovery.interface import NOWHERE, likely_interfaces
from results.reports import Snapshot
from swarm.engine import JobState
from tui.console.actions import ACTIONS, Action
from tui.console.input.job_form import FIELDS, FILTERS, defaults, spec_from_command
from tui.console.node_row import NodeRow

_ON_PIS = frozenset({"login", "accept", "shell", "forget", "provision"})
_ON_NODES = frozenset({"drain", "role", "upgrade", "reboot", "leave"})
COMMANDS: dict[str, Action] = {action.command: action for action in ACTIONS if action.command}


class CommandError(UsageError):
    """A line that means nothing; the text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Call:
    """An action and the rest of the line."""

    action: Action
    argument: str


def parse(line: str) -> Call | None:
    """What a line asks for; None for an empty one. A name may be shortened while it is unique.

    Raises CommandError, and SpecError for a job that cannot be run.
    """
    name, _, argument = line.strip().partition(" ")
    if not name:
        return None
    matches = [command for command in COMMANDS if command.startswith(name.lower())]
    if name.lower() in COMMANDS:
        matches = [name.lower()]
    if not matches:
        way_out = nearest(name.lower(), COMMANDS, ": ? shows all there are.")
        raise CommandError(f"There is no command {name[:40]!r}{way_out}")
    if len(matches) > 1:
        raise CommandError(f"{name!r} could be {' or '.join(matches)}.")
    action = COMMANDS[matches[0]]
    argument = argument.strip()
    if argument and not action.argument:
        raise CommandError(f"{action.command} takes nothing after it.")
    if not argument and action.argument and not action.argument.startswith("["):
        raise CommandError(f"{action.command} needs {action.argument}. {action.help}")
    if argument and action.id == "new":
        spec_from_command(argument, defaults(()))
    return Call(action, argument)


def completions(
    line: str,
    snapshot: Snapshot | None,
    nodes: Sequence[NodeRow] = (),
    endings: Sequence[str] = (),
) -> list[str]:
    """The lines that this beginning could become; `endings` are those of files to export to."""
    name, space, rest = line.lstrip().partition(" ")
    if not space:
        return [command for command in sorted(COMMANDS) if command.startswith(name.lower())]
    if name == "export":
        stem, dot, ending = line.rpartition(".")
        other = endings.index(ending) + 1 if ending in endings else 0
        stem = stem if dot and "/" not in ending else f"{line}{ending}"
        return [f"{stem}.{each}" for each in (*endings[other:], *endings[:other])] if rest else []
    head, _, last = rest.rpartition(" ")
    start = f"{name} {head} " if head else f"{name} "
    words = _job_words(last) if name == "new" else _words(name, snapshot, nodes)
    return [start + word for word in words if word.startswith(last)]


def _job_words(last: str) -> list[str]:
    """What a job is told in; behind `=` the values that are usual."""
    name, equals, _ = last.partition("=")
    if equals:
        return [
            f"{name}={value}" for field in FIELDS if field.name == name for value in field.usual
        ]
    return [*(f"{field.name}=" for field in FIELDS if field.name != "filters"), *FILTERS]


def _words(name: str, snapshot: Snapshot | None, nodes: Sequence[NodeRow]) -> list[str]:
    if name == "interface":
        return [*likely_interfaces(), NOWHERE]
    if name in _ON_PIS:
        return _names([row for row in nodes if row.pi])
    if name in _ON_NODES:
        return _names([row for row in nodes if row.node])
    if snapshot is None:
        return []
    jobs = [row.job for row in snapshot.jobs]
    match name:
        case "cancel":
            return [job.id for job in jobs if job.state.live]
        case "resume":
            return [job.id for job in jobs if job.state is JobState.INTERRUPTED]
        case "remove":
            return [job.id for job in jobs if not job.state.live]
        case "logs" | "again" | "squares":
            return [job.id for job in jobs]
        case "open" | "describe":
            return [job.id for job in jobs] + _names(nodes)
    return []


def _names(rows: Sequence[NodeRow]) -> list[str]:
    """What a command takes for each machine: where several have its name, its address or id."""
    names = Counter(row.name for row in rows)
    return [row.name if names[row.name] == 1 else row.address or row.key for row in rows]
