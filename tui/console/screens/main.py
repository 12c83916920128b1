"""The main screen: nodes and jobs, squares and log."""

from collections.abc import Mapping

from results.reports import JobRow
from tui.console.log_ring import LogRing
from tui.console.node_row import NodeChoice, NodeRow
from tui.console.panes.jobs import JobsPane
from tui.console.panes.log import LogPane
from tui.console.panes.nodes import NodesPane
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.screens.pane_screen import PaneScreen


class MainScreen(PaneScreen):
    """Everything at a glance."""

    kind = "main"
    companions: Mapping[str, tuple[str, int]] = {
        "nodes": ("squares", 13),
        "jobs": ("squares", 13),
        "squares": ("log", 6),
        "log": ("jobs", 6),
    }

    def __init__(self, ring: LogRing, choice: NodeChoice) -> None:
        self.nodes = NodesPane(choice)
        self.jobs = JobsPane("jobs", "Jobs", "2")
        self.squares = SquaresPane("3")
        self.log_pane = LogPane(ring, "4")
        super().__init__([self.jobs], [self.squares, self.log_pane], [self.nodes])
        self.chosen = self.jobs
        self._wanted_job = ""
        self._wanted_from: JobRow | None = None

    def show_snapshot(self) -> None:
        """Nodes and jobs."""
        model = self.context.model
        self.nodes.show(model.node_rows)
        self.fit_panes()
        snapshot = model.snapshot
        if snapshot is None:
            return
        self.jobs.connecting = False
        self.jobs.show(snapshot.jobs)
        self.squares.count_kept(snapshot.kept)
        self.jobs.show_progress(model.progress)
        self.choose_job(self._wanted_job)
        self.show_footer()

    def choose_job(self, job: str) -> None:
        """Put the cursor on a job, as soon as it shows up."""
        before = self.jobs.chosen
        if job != self._wanted_job:
            self._wanted_job, self._wanted_from = job, before
        # Not where the user has chosen another one meanwhile.
        moved = before is not None and before.job.id != _job_id(self._wanted_from)
        if not job or moved or self.jobs.choose(job):
            self._wanted_job = ""

    def job_at_hand(self) -> JobRow | None:
        """The one under the cursor."""
        return self.jobs.chosen if self.chosen is self.jobs else None

    def node_at_hand(self) -> NodeRow | None:
        """The one under the cursor."""
        return self.nodes.chosen if self.chosen is self.nodes else None

    def fixed_heights(self) -> Mapping[str, int]:
        """Few nodes need few lines; two rows of squares of order 10 stand above the log."""
        tallest = max(6, self.size.height * 2 // 5)
        squares = 25 if self.size.height >= 44 else 14
        return {"nodes": min(max(1, self.nodes.line_count()) + 3, tallest), "squares": squares}


def _job_id(row: JobRow | None) -> str:
    return row.job.id if row else ""
