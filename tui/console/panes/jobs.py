"""Every job, newest first, one a row, with sentences below it where something needs saying."""

from collections.abc import Hashable, Sequence

from results.reports import JobRow, UnitState
from swarm.engine import JobState
from tui.console.panes.table import TablePane
from tui.console.render.columns import Column
from tui.console.render.spans import Span, bar, rate_text, short
from tui.console.render.theme import BAD, DIM, DONE, GOOD, JOB_LOOK, KEY, PLAIN, VALUE, WARN


def job_state(row: JobRow) -> list[Span]:
    """Glyph and word."""
    glyph, style = JOB_LOOK[row.job.state]
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
        notes.append((f"▲ {row.rejected} {what} refused by the verifier.", BAD))
    if row.verdict:
        notes.append((row.verdict, DONE))
    return notes


def _found(row: JobRow, _width: int) -> list[Span]:
    return [(short(row.found), VALUE), (f"/{short(row.job.spec.count)}", DIM)]


def _rate(row: JobRow, _width: int) -> list[Span]:
    return [(rate_text(row.rate).removesuffix("/min") if row.job.state.live else "", PLAIN)]


class JobsPane(TablePane[JobRow]):
    """Every job the engine knows."""

    columns: Sequence[Column[JobRow]] = (
        Column("JOB", 13, 9, lambda row, _: [(row.job.id, VALUE)]),
        Column("ORDER", 5, 3, lambda row, _: [(str(row.job.spec.order), PLAIN)], right=True),
        Column("STATE", 13, 8, lambda row, _: job_state(row)),
        Column("FOUND", 9, 7, _found, right=True),
        Column("/MIN", 5, 5, _rate, right=True),
        Column("UNITS", 9, 6, units_bar, grow=1),
    )
    connecting = True

    def key_of(self, row: JobRow) -> Hashable:
        """A job is known by its id."""
        return row.job.id

    def text_of(self, row: JobRow) -> str:
        """Id, state, and what it says."""
        return f"{row.job.id} order {row.job.spec.order} {row.job.state} {row.job.why}"

    def notes_of(self, row: JobRow) -> Sequence[Span]:
        """The sentences that explain its state."""
        return job_notes(row)

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty list: how to start."""
        if self.connecting:
            return [[("Connecting…", DIM)]]
        if self.needle:
            return [[("No job matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return [
            [
                ("No jobs yet: press ", PLAIN),
                ("n", KEY),
                (" to search for squares of order 10.", PLAIN),
            ],
            [("? shows all keys, : takes commands.", DIM)],
        ]
