"""Every job, newest first, one a row, with sentences below it where something needs saying."""

from collections.abc import Hashable, Mapping, Sequence

from results.reports import JobRow
from tui.console.panes.table import Sort, TablePane
from tui.console.render.columns import Column
from tui.console.render.jobs import job_notes, job_state, through_text, units_bar
from tui.console.render.spans import Span, rate_text, short
from tui.console.render.theme import DIM, GOOD, KEY, PLAIN, VALUE


def _found(row: JobRow, width: int) -> list[Span]:
    spec = row.job.spec
    wanted = f"/{short(spec.count)}"
    if spec.question.count_mates:
        wanted = f" {int(100 * row.share)}%" if row.share < 1 else ""
    found = short(row.found)
    # Cut at its end, 19.6k/100k would be another number; rounded up, 19,996 of 20,000 all of them.
    if len(found + wanted) > width or (f"/{found}" == wanted and row.found < spec.count):
        found = short(row.found, whole=True)
    return [(found, VALUE), (wanted, DIM)]


def _rate(row: JobRow, _width: int) -> list[Span]:
    return [(rate_text(row.rate).removesuffix("/min") if row.job.state.live else "", PLAIN)]


class JobsPane(TablePane[JobRow]):
    """Every job the engine knows."""

    columns: Sequence[Column[JobRow]] = (
        Column("JOB", 13, 9, lambda row, _: [(row.job.id, VALUE)]),
        Column("ORDER", 5, 3, lambda row, _: [(str(row.job.spec.order), PLAIN)], right=True),
        Column("STATE", 13, 8, lambda row, _: job_state(row), plain=lambda row: row.job.state),
        Column("FOUND", 9, 7, _found, right=True, plain=lambda row: row.found),
        Column("/MIN", 5, 5, _rate, right=True, plain=lambda row: row.rate, sort="rate"),
        Column(
            "UNITS",
            9,
            6,
            units_bar,
            grow=1,
            plain=lambda row: row.job.units_done,
            sort="units done",
        ),
    )
    sorts: Sequence[Sort[JobRow]] = (
        ("order", lambda row: row.job.spec.order, False),
        ("state", lambda row: row.job.state, False),
        ("found", lambda row: row.found, True),
        ("rate", lambda row: row.rate, True),
        ("units done", lambda row: row.job.units_done / max(1, row.job.spec.units), True),
    )
    connecting = True

    def __init__(self, name: str, title: str, digit: str = "") -> None:
        super().__init__(name, title, digit)
        self._progress: Mapping[str, str] = {}

    def show_progress(self, progress: Mapping[str, str]) -> None:
        """How far what is being done to jobs is, by their ids."""
        if progress != self._progress:
            self._progress = progress
            self.lay_out_anew()

    def key_of(self, row: JobRow) -> Hashable:
        """A job is known by its id."""
        return row.job.id

    def text_of(self, row: JobRow) -> str:
        """Id, state, and what it says."""
        return f"{row.job.id} order {row.job.spec.order} {row.job.state} {row.job.why}"

    def notes_of(self, row: JobRow) -> Sequence[Span]:
        """What is being done to it, and the sentences that explain its state."""
        progress = self._progress.get(row.job.id)
        counts = row.job.spec.question.count_mates and row.job.state.live and row.share
        return [
            *([(f"● {progress}", GOOD)] if progress else []),
            *([(f"{through_text(row)}.", PLAIN)] if counts else []),
            *job_notes(row),
        ]

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
