"""A job in words and bars: its state, its units, the sentences below its row."""

from base.text import age_text
from results.reports import JobRow, UnitState
from swarm.engine import JobState
from tui.console.render.spans import Span, bar
from tui.console.render.theme import BAD, DONE, GOOD, JOB_GLYPHS, PLAIN, WARN


def job_state(row: JobRow) -> list[Span]:
    """Glyph and word; a job that is complete and found too little is not as it should be."""
    glyph, style = JOB_GLYPHS[row.job.state]
    style = WARN if row.short else style
    return [(f"{glyph} {row.job.state}", style)]


def units_bar(row: JobRow, width: int) -> list[Span]:
    """How many units are complete, running, incomplete."""
    total = max(1, row.job.spec.units)
    done = max(row.job.units_done, sum(unit.state is UnitState.COMPLETE for unit in row.units))
    running = sum(unit.state is UnitState.RUNNING for unit in row.units)
    parts = [
        (min(done, total) / total, "━", DONE),
        (row.gaps / total, "▲", WARN),
        (min(running, total - done) / total, "╍", GOOD),
    ]
    label = f" {min(done, total)}/{total}"
    return [*bar(parts, max(3, width - len(label))), (label, PLAIN)]


def through_text(row: JobRow) -> str:
    """How much of what there is to try is tried or counted, and how long the rest may take."""
    done = "counted" if row.job.spec.question.count_mates else "tried"
    return f"{row.share:.1%} {done}" + (f", {age_text(row.left)} left" if row.left else "")


def job_notes(row: JobRow) -> list[Span]:
    """The sentences that explain a job's state."""
    notes: list[Span] = []
    if row.job.why:
        failed = row.job.state is JobState.FAILED
        notes.append((row.job.why, BAD if failed else WARN))
    if row.gaps:
        one = row.gaps == 1
        whose = "unit's log is" if one else "units' logs are"
        notes.append((f"▲ {row.gaps} {whose} incomplete: reading again.", WARN))
    if row.rejected:
        what = "record was" if row.rejected == 1 else "records were"
        notes.append((f"▲ {row.rejected} {what} refused.", BAD))
    if row.verdict:
        notes.append((row.verdict, DONE))
    if row.ending:
        notes.append((f"▲ {row.ending}", WARN) if row.short else (row.ending, DONE))
    return notes
