"""A job on a screen of its own: its facts in a few lines, and everything known about it."""

import time

from base.text import clean_text
from results.reports import JobRow
from solver.question import AUTO
from swarm.engine import JobState, TaskView
from swarm.job import JobSpec
from tui.console.render.jobs import job_notes, job_state, through_text, units_bar
from tui.console.render.labels import LABEL, labelled, moment
from tui.console.render.spans import Line, Span, amount, bytes_text, rate_text, spans_width
from tui.console.render.theme import BAD, DIM, DONE, PLAIN, STRONG, TASK_GLYPHS, VALUE

_STOPPED = "It was stopped before its end, and nothing that it found is lost: r goes on with it."


def job_facts(row: JobRow, width: int) -> list[Line]:
    """A job in a few lines: where it stands, what was asked for, what needs saying."""
    spec = row.job.spec
    state: list[Span] = [
        (f"{row.job.id}  ", STRONG),
        *job_state(row),
        (f"   {amount(row.found)}", VALUE),
        (f" {_wanted(spec)}", DIM),
    ]
    if 0 < row.distinct < row.found:
        state.append(
            (f", {amount(row.distinct)} {'class' if row.distinct == 1 else 'classes'}", DIM)
        )
    if row.job.state.live and row.share:
        state.append((f"   {through_text(row)}", VALUE))
    if row.job.state.live:
        state += [("   ", DIM), (rate_text(row.rate), VALUE)]
    state.append(("   units ", DIM))
    state += units_bar(row, min(40, max(12, width - spans_width(state) - 2)))
    began = time.strftime("%H:%M:%S", time.localtime(row.job.created))
    asked = [
        ("order", str(spec.order)),
        *([("squares in a set", str(spec.question.mols))] if spec.question.mols != 2 else []),
        *([("source", spec.question.source)] if spec.question.source != AUTO else []),
        *([("filters", filters)] if (filters := filters_text(spec)) else []),
        ("seed", str(spec.seed)),
        ("replicas", f"{spec.replicas}, each {spec.cpus:g} cpu and {bytes_text(spec.memory)}"),
        ("limit", duration_text(spec.seconds)),
        ("begun", began),
    ]
    words: list[Span] = []
    for label, value in asked:
        more: list[Span] = [(f"{label} ", DIM), (f"{value}   ", PLAIN)]
        if spans_width([*words, *more]) < width:
            words += more
    return [state, words, *([note] for note in job_notes(row))]


def job_page(row: JobRow) -> list[Line]:
    """A job: state, specification, tasks."""
    spec = row.job.spec
    lines: list[Line] = [
        labelled("job", row.job.id, STRONG),
        [("state".ljust(LABEL), DIM), *job_state(row)],
        *[labelled("", text, style) for text, style in job_notes(row)],
        *([labelled("", _STOPPED)] if row.job.state is JobState.INTERRUPTED else []),
        labelled("begun", moment(row.job.created) or "—"),
        labelled("found", row.standing),
        *([labelled("through", through_text(row))] if row.job.state.live and row.share else []),
        *([labelled("", row.proved, DONE)] if row.proved else []),
        labelled("rate", rate_text(row.rate)),
        [],
        labelled("order", str(spec.order)),
        labelled("seed", str(spec.seed)),
        labelled("replicas", f"{spec.replicas} units at a time"),
        labelled("cpus", f"{spec.cpus:g} for each"),
        labelled("memory", f"{bytes_text(spec.memory)} for each"),
        *([labelled("where", clean_text(spec.where, 200))] if spec.where else []),
        labelled("time limit", f"{duration_text(spec.seconds)} for each unit"),
        labelled("units", f"{row.job.units_done} of {spec.units} done"),
        [],
        [("tasks", STRONG)],
    ]
    return lines + [_task_line(task) for task in row.job.tasks] if row.job.tasks else lines[:-2]


def _task_line(task: TaskView) -> Line:
    glyph, style = TASK_GLYPHS[task.state]
    where = f"unit {task.unit:<4} {task.node or '—':<14} {task.id}"
    return [(f"  {glyph} {task.state:<9} ", style), (f"{where}  ", PLAIN), (task.error, BAD)]


def _wanted(spec: JobSpec) -> str:
    if spec.question.count_mates:
        return "mates"
    return f"of {amount(spec.count)} {'triples' if spec.question.triple else 'squares'}"


def filters_text(spec: JobSpec) -> str:
    """A job's filters as a user would type them; '' where it has none."""
    asked = spec.question
    words = [
        *(["diagonal"] if asked.diagonal else []),
        *(["odls"] if asked.odls else []),
        *(["dsodls"] if asked.dsodls else []),
        *(["esodls"] if asked.esodls else []),
        *(["self-orthogonal"] if asked.self_orthogonal else []),
        *([f"subsquare={asked.subsquare}"] if asked.subsquare else []),
        *([f"transversals={asked.transversals}"] if asked.transversals else []),
        *(["triple"] if asked.triple else []),
    ]
    return ", ".join(words)


def duration_text(seconds: int) -> str:
    """Seconds as a user would type them."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s" if seconds else "none"
