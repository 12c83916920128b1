"""Actions on jobs, leaving included."""

from typing import TYPE_CHECKING

from results.reports import JobRow
from swarm.engine import JobState
from swarm.job import JobSpec, SpecError
from tui.console.handlers.registry import handles
from tui.console.input.job_form import defaults, spec_from_command
from tui.console.panes.jobs import JobsPane
from tui.console.render.describe import running_here
from tui.console.screens.dialogs import Confirm
from tui.console.screens.job import JobBoard
from tui.console.screens.new_job import NewJob

if TYPE_CHECKING:
    from tui.console.app import ConsoleApp


def job_at_hand(app: "ConsoleApp", name: str) -> JobRow | None:
    """The job a command names, or the one that the keys mean; says so where there is none."""
    row = app.model.job(name) if name else app.board.job_at_hand()
    if row is None:
        app.say(f"There is no job {name!r}." if name else "No job is chosen.", "warning")
    return row


@handles("new")
def new_job(app: "ConsoleApp", argument: str) -> None:
    """Ask for what is needed, or take it from the command."""
    texts = defaults(app.model.nodes)
    if argument:
        try:
            submit(app, spec_from_command(argument, texts))
        except SpecError as error:
            app.say(str(error), "error")
        return

    def entered(spec: JobSpec | None) -> None:
        if spec is not None:
            submit(app, spec)

    app.open(NewJob(texts, app.engine.place if app.engine else "the engine"), entered)


def submit(app: "ConsoleApp", spec: JobSpec) -> None:
    """Hand a job to the engine and put the cursor on it when it shows up."""

    async def start() -> str:
        engine = await app.connected()
        app.job_to_choose = await engine.submit(spec)
        return f"Started {app.job_to_choose}."

    app.ask(start)


@handles("cancel")
def cancel_job(app: "ConsoleApp", argument: str) -> None:
    """Ask, then stop a job."""
    row = job_at_hand(app, argument)
    engine = app.engine
    if row is None or engine is None:
        return
    job = row.job.id
    if not row.job.state.live:
        app.say(f"{job} is {row.job.state}: there is nothing to cancel.", "warning")
        return

    async def cancel() -> str:
        await engine.cancel(job)
        return f"Cancelled {job}."

    app.confirm(
        Confirm(
            f"Cancel {job}?",
            f"Its tasks stop. The {row.found:,} squares found so far stay.",
            safe_answer="Keep running",
            answer="Cancel the job",
        ),
        cancel,
    )


@handles("resume")
def resume_job(app: "ConsoleApp", argument: str) -> None:
    """Run what an interrupted job has left."""
    row = job_at_hand(app, argument)
    engine = app.engine
    if row is None or engine is None:
        return
    job = row.job.id
    if row.job.state is not JobState.INTERRUPTED:
        app.say(f"{job} is {row.job.state}: only an interrupted job can be resumed.", "warning")
        return

    async def resume() -> str:
        await engine.resume(job)
        return f"Resumed {job}."

    app.ask(resume)


@handles("remove")
def remove_job(app: "ConsoleApp", argument: str) -> None:
    """Ask, then forget an ended job."""
    row = job_at_hand(app, argument)
    engine = app.engine
    if row is None or engine is None:
        return
    job = row.job.id
    if row.job.state.live:
        app.say(f"{job} is {row.job.state}: cancel it first, with x.", "warning")
        return

    async def remove() -> str:
        await engine.remove(job)
        if isinstance(app.board, JobBoard) and app.board.job == job:
            app.go_main("jobs")
        return f"Removed {job}."

    app.confirm(
        Confirm(
            f"Remove {job}?",
            f"Its record and log are forgotten. Its {row.found:,} squares stay.",
            safe_answer="Keep it",
            answer="Remove the job",
        ),
        remove,
    )


@handles("logs")
def job_logs(app: "ConsoleApp", argument: str) -> None:
    """A job's screen, with its log in front; without a job, the log of all."""
    board = app.board
    if not argument and not isinstance(board, JobBoard) and not isinstance(board.chosen, JobsPane):
        app.go_main("log")
        return
    row = job_at_hand(app, argument)
    if row is not None:
        job_board = open_job(app, row.job.id)
        job_board.chosen = job_board.log_pane
        if job_board.is_mounted:
            job_board.choose(job_board.log_pane)


def open_job(app: "ConsoleApp", job: str) -> JobBoard:
    """A job's own screen, in front."""
    if isinstance(app.board, JobBoard) and app.board.job == job:
        return app.board
    board = JobBoard(app.model.ring, job)
    app.open(board)
    return board


@handles("quit")
def leave(app: "ConsoleApp", _argument: str) -> None:
    """Leave; jobs that would stop with the console are asked about."""
    stopping = running_here(app.model)
    if not stopping:
        app.leave()
        return
    names = ", ".join(row.job.id for row in stopping[:3])
    more = f" and {len(stopping) - 3} more" if len(stopping) > 3 else ""
    one = len(stopping) == 1
    app.confirm(
        Confirm(
            f"Stop {'the job' if one else f'{len(stopping)} jobs'} running on this machine?",
            f"{names}{more}. What was found stays; r resumes {'it' if one else 'them'} later.",
            safe_answer="Stay",
            answer="Stop and quit",
        ),
        app.stop_and_leave,
    )
