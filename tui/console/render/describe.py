"""Everything known about a job, a node, a square or the keys, as lines of text."""

import time
from collections.abc import Sequence

from rich.style import Style

from results.reports import JobRow, Result
from results.triples import Standing
from solver.formats.notation import grid, letters
from swarm.engine import JobState, LogLine, TaskView
from tui.console.actions import ACTIONS, by_group, key_name
from tui.console.input.job_form import duration_text
from tui.console.model import Model
from tui.console.panes.jobs import job_notes, job_state
from tui.console.panes.log import clock_text, log_spans
from tui.console.panes.page import Line
from tui.console.panes.picture import result_facts
from tui.console.render.grid import tile_lines
from tui.console.render.spans import bytes_text, rate_text
from tui.console.render.theme import BAD, DIM, KEY, PLAIN, STRONG, TASK_LOOK, VALUE

LABEL = 16


def _pair(label: str, value: str, style: Style = PLAIN) -> Line:
    return [(label.ljust(LABEL), DIM), (value, style)]


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else "—"


def job_lines(row: JobRow) -> list[Line]:
    """A job: state, specification, tasks."""
    spec = row.job.spec
    lines: list[Line] = [
        _pair("job", row.job.id, STRONG),
        [("state".ljust(LABEL), DIM), *job_state(row)],
        *[_pair("", text, style) for text, style in job_notes(row)],
        _pair("begun", _moment(row.job.created)),
        _pair("found", f"{row.found:,} of {spec.count:,} squares"),
        _pair("rate", rate_text(row.rate)),
        [],
        _pair("order", str(spec.order)),
        _pair("seed", str(spec.seed)),
        _pair("replicas", f"{spec.replicas} units at a time"),
        _pair("cpus", f"{spec.cpus:g} for each"),
        _pair("memory", f"{bytes_text(spec.memory)} for each"),
        _pair("time limit", f"{duration_text(spec.seconds)} for each unit"),
        _pair("units", f"{row.job.units_done} of {spec.units} done"),
        [],
        [("tasks", STRONG)],
    ]
    return lines + [_task_line(task) for task in row.job.tasks] if row.job.tasks else lines[:-2]


def _task_line(task: TaskView) -> Line:
    glyph, style = TASK_LOOK[task.state]
    where = f"unit {task.unit:<4} {task.node or '—':<14} {task.id}"
    return [(f"  {glyph} {task.state:<9} ", style), (f"{where}  ", PLAIN), (task.error, BAD)]


def square_lines(result: Result) -> list[Line]:
    """A pair of squares: what is known, the pair, and each square alone."""
    lines: list[Line] = [_pair("square", f"#{result.id}, order {result.order}", STRONG)]
    lines += [_pair(label, value) for label, value in result_facts(result)]
    lines += [[], [("together", STRONG)]]
    lines += [
        [("  ", PLAIN), *((s.text, s.style or PLAIN) for s in line if isinstance(s.style, Style))]
        for line in tile_lines(result.squares)
    ]
    for number, square in enumerate(result.squares):
        lines += [[], [(f"square {number + 1}", STRONG)]]
        width = len(letters(result.order - 1)) if number == 0 else len(str(result.order - 1))
        for row in square:
            names = [letters(symbol) if number == 0 else str(symbol) for symbol in row]
            lines.append([("  " + " ".join(name.rjust(width) for name in names), PLAIN)])
    return lines


def board_lines(rows: Sequence[Standing]) -> list[Line]:
    """The leaderboard of triples of order 10, best first."""
    lines: list[Line] = [
        [("Three squares of order 10, every two as nearly orthogonal as was found.", DIM)],
        [("Pairs of symbols that occur, of 100 for each two squares.", DIM)],
        [],
    ]
    for place, row in enumerate(rows, 1):
        ours = f"#{row.result.id}  {row.result.node}" if row.result else "published"
        style = VALUE if row.result else DIM
        lines.append(
            [
                (f"{place:>4}  ", DIM),
                (row.text.ljust(18), style),
                (f"{ours}  ", style),
                (row.finder, DIM),
            ]
        )
    if all(row.result is None for row in rows):
        lines += [[], [("None of ours yet: ", PLAIN), (":new 10 filters=triple", KEY)]]
    return lines


def square_text(result: Result) -> str:
    """The classical notation, for the clipboard."""
    return grid(result.squares)


def log_lines(line: LogLine) -> list[Line]:
    """One line of a log, whole."""
    return [
        _pair("job", line.job, STRONG),
        _pair("unit", str(line.unit)),
        _pair("node", line.node),
        _pair("task", line.task),
        _pair("time", line.time or clock_text(line)),
        _pair("written to", "standard error" if line.stderr else "standard output"),
        [],
        [(line.text, log_spans(line)[-1][1] if line.stderr else PLAIN)],
    ]


def help_lines() -> list[Line]:
    """Every action: its keys, its command, what it does."""
    lines: list[Line] = []
    for group, actions in by_group():
        lines.append([(group, STRONG)])
        for action in actions:
            keys = " ".join(key_name(key) for key in action.keys) or f":{action.command}"
            title = f"{action.title:<14} "
            lines.append([(f"  {keys:<15} ", KEY), (title, VALUE), (action.help, DIM)])
        lines.append([])
    lines.append([("Commands, typed after : and completed by Tab", STRONG)])
    for action in ACTIONS:
        if action.command:
            usage = f":{action.command} {action.argument}"
            lines.append([(f"  {usage:<32}", KEY), (action.title, DIM)])
    return lines


def running_here(model: Model) -> list[JobRow]:
    """The jobs that would stop with this console."""
    if model.snapshot is None or model.snapshot.engine != "local":
        return []
    return [row for row in model.jobs if row.job.state in (JobState.RUNNING, JobState.PENDING)]
