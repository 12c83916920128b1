"""Actions on jobs, leaving included."""

from collections.abc import Collection, Mapping, Sequence

from operations import jobs
from operations.operation import Caution
from results.reports import JobRow
from swarm.job import JobSpec, SpecError
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.input.job_form import defaults, place_of, spec_from_command, texts_of
from tui.console.panes.jobs import JobsPane
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.dialogs.new_job_form import NewJobForm
from tui.console.screens.job import JobScreen


def job_at_hand(context: HandlerContext, name: str) -> JobRow | None:
    """The job a command names, or the one that the keys mean; says so where there is none."""
    row = context.model.job(name) if name else context.front.job_at_hand()
    if row is None:
        gone = context.front.job if isinstance(context.front, JobScreen) else ""
        name = name or gone
        context.say(f"There is no job {name!r}." if name else "No job is chosen.", "warning")
    return row


@handles("new")
def new_job(context: HandlerContext, argument: str) -> None:
    """Have a form filled in, or take all from the command."""
    texts = {**defaults(context.model.nodes), **{k: v for k, v in context.job.items() if v}}
    if argument:
        try:
            _start(context, spec_from_command(argument, texts))
        except SpecError as error:
            context.say(str(error), "error")
        return

    _fill_in(context, texts)


@handles("again")
def new_job_like(context: HandlerContext, argument: str) -> None:
    """Have a form filled in that begins with what an earlier job was."""
    if (row := job_at_hand(context, argument)) is not None:
        _fill_in(context, texts_of(row.job.spec), row.job.spec)


def _fill_in(
    context: HandlerContext, texts: Mapping[str, str], like: JobSpec | None = None
) -> None:
    def filled_in(spec: JobSpec | None) -> None:
        if spec is not None:
            _start(context, spec)

    context.open(NewJobForm(texts, place_of(context.model.snapshot), like), filled_in)


def _start(context: HandlerContext, spec: JobSpec) -> None:
    """Start a job, and put the cursor on it when it shows up."""

    async def start() -> None:
        # The form may have been filled in before there was an engine.
        with context.changes.expected(f"a job of order {spec.order} that is to start"):
            engine = await context.session.connected()
            context.changes.make(lambda: jobs.start(engine, spec), context.main.choose_job)

    context.start(start)


@handles("cancel")
def cancel_job(context: HandlerContext, argument: str) -> None:
    """Ask, then stop a job."""
    if (row := job_at_hand(context, argument)) is not None:
        context.changes.make(
            lambda: jobs.cancel(context.session.engine, context.session.store, row.job)
        )


@handles("resume")
def resume_job(context: HandlerContext, argument: str) -> None:
    """Run what a stopped job has left."""
    if (row := job_at_hand(context, argument)) is not None:
        context.changes.make(lambda: jobs.resume(context.session.engine, row.job))


@handles("remove")
def remove_job(context: HandlerContext, argument: str) -> None:
    """Ask, then forget an ended job."""
    row = job_at_hand(context, argument)
    if row is None:
        return
    job = row.job
    screen = context.front

    def removed(_: None) -> None:
        if isinstance(screen, JobScreen):
            context.close(screen)

    context.changes.make(
        lambda: jobs.remove(context.session.engine, context.session.store, job), removed
    )


@handles("logs")
def job_logs(context: HandlerContext, argument: str) -> None:
    """A job's screen, with its log in front; without a job, the log of all."""
    front = context.front
    anywhere = not isinstance(front, JobScreen) and not isinstance(front.chosen, JobsPane)
    if not argument and anywhere:
        context.go_main("log")
        return
    row = job_at_hand(context, argument)
    if row is not None:
        screen = open_job(context, row.job.id)
        screen.chosen = screen.log_pane
        if screen.is_mounted:
            screen.choose(screen.log_pane)


def open_job(context: HandlerContext, job: str) -> JobScreen:
    """A job's own screen, in front."""
    if isinstance(context.front, JobScreen) and context.front.job == job:
        return context.front
    screen = JobScreen(context.model.ring, job)
    context.open(screen)
    return screen


@handles("quit")
def leave(context: HandlerContext, _argument: str) -> None:
    """Leave; where that would stop jobs, or cut changes off, ask first."""
    _leave(context, frozenset())


def _leave(context: HandlerContext, agreed: Collection[str]) -> None:
    """Leave, unless something would end by it that was not `agreed` to."""
    stopping, changes = context.session.stopping_jobs, context.changes.under_way
    if not {*stopping, *changes}.difference(agreed):
        if stopping:
            context.stop_and_leave()
        else:
            context.leave()
        return

    def answered(yes: bool | None) -> None:
        if yes:
            # While the question stood there, what it called half-way may have become a job.
            _leave(context, {*stopping, *changes})

    context.open(Confirm(_before_leaving(stopping, changes)), answered)


def _before_leaving(stopping: Sequence[str], changes: Sequence[str]) -> Caution:
    """What would be cut off."""
    half_way = f"Under way: {', '.join(changes)}. It would be left half-way." if changes else ""
    if not stopping:
        return Caution("Quit in the middle of it?", half_way, "Quit", "Stay")
    names = ", ".join(stopping[:3])
    more = f" and {len(stopping) - 3} more" if len(stopping) > 3 else ""
    one = len(stopping) == 1
    stops = f"{names}{more}. What was found stays; r resumes {'it' if one else 'them'} later."
    return Caution(
        f"Stop {'the job' if one else f'{len(stopping)} jobs'} running on this machine?",
        f"{stops}\n{half_way}" if half_way else stops,
        agree="Stop and quit",
        decline="Stay",
    )
