"""Actions on provisioning: the plan, and the runs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.console.handlers.machines import on_pis
from tui.console.handlers.registry import Handler, HandlerContext, handles
from tui.console.model import Model
from tui.console.node_row import NodeRow
from tui.console.screens.dialogs.confirm import PasswordDialog
from tui.console.screens.page import PageScreen
from tui.console.screens.plan import PlanScreen
from tui.console.screens.run import RunScreen

if TYPE_CHECKING:
    from provision.runs.view import RunView


@handles("provision")
def provision(context: HandlerContext, argument: str) -> None:
    """Look at the Pis picked, and show what would be done."""
    from provision.prepare import Choice

    def act(rows: Sequence[NodeRow]) -> None:
        pis = tuple(row.pi.id for row in rows if row.pi)
        # Where there is no inventory yet; else the master is who it was.
        elsewhere = _master_elsewhere(context.model)
        choice = Choice(pis, here=not elsewhere, master_pi=elsewhere)
        context.open(PlanScreen(choice, context.provisioning.foresee))

    on_pis(context, argument, act)


def _master_elsewhere(model: Model) -> str:
    """The Pi, by id, that leads the swarm at hand; '' where that is this machine, or nobody's."""
    if any(node.here for node in model.nodes):
        return ""
    return next((row.key for row in model.node_rows if row.role == "leader" and row.pi), "")


def _on_plan(act: Callable[[PlanScreen], None]) -> Handler:
    def handler(context: HandlerContext, _argument: str) -> None:
        if isinstance(context.front, PlanScreen):
            act(context.front)

    return handler


handles("plan_master")(_on_plan(PlanScreen.change_master))
handles("plan_managers")(_on_plan(PlanScreen.change_managers))
handles("plan_passwords")(_on_plan(PlanScreen.change_passwords))
handles("plan_packages")(_on_plan(PlanScreen.change_packages))


@handles("plan_sudo")
def give_sudo(context: HandlerContext, _argument: str) -> None:
    """Have sudo's password on this machine typed, and foresee again."""
    screen = context.front
    if not isinstance(screen, PlanScreen):
        return

    def typed(password: str | None) -> None:
        if password:
            context.logins.remember_sudo_here(password)
            screen.foresee_again()

    context.open(PasswordDialog("sudo", "Your password for sudo on this machine"), typed)


@handles("begin")
def begin_run(context: HandlerContext, _argument: str) -> None:
    """Begin what the plan shows."""
    _start(context, check=False)


@handles("rehearse")
def rehearse(context: HandlerContext, _argument: str) -> None:
    """Have Ansible say what it would change."""
    _start(context, check=True)


def _start(context: HandlerContext, *, check: bool) -> None:
    from operations import provisioning

    screen = context.front
    if not isinstance(screen, PlanScreen) or (foreseen := screen.foreseen) is None:
        return
    choice, credentials = screen.choice, context.logins.credentials()

    def started(run: str) -> None:
        if check:
            context.open_over(screen, run_screen(context, run, screen.rehearsed))
        elif context.close(screen):
            context.open_over(context.front, run_screen(context, run))

    context.changes.make(
        lambda: provisioning.begin(
            context.provisioning.runs, foreseen, choice, credentials, check=check
        ),
        started,
        # The plan says all that the question would.
        agreed=True,
    )


def run_screen(
    context: HandlerContext, run: str, ended: "Callable[[RunView], None] | None" = None
) -> RunScreen:
    """A run's screen; `ended` is told how it ended."""

    def over(view: "RunView") -> None:
        if ended is not None:
            ended(view)
        if view.playbook == "site" and not view.check:
            context.find_swarm()

    return RunScreen(run, context.provisioning.runs.follow, over, context.provisioning.way_to_swarm)


@handles("runs")
def show_run(context: HandlerContext, _argument: str) -> None:
    """The run under way, else the last one."""

    async def make() -> RunScreen:
        view = await context.provisioning.newest()
        return run_screen(context, view.id)

    if not isinstance(context.front, RunScreen):
        context.open_when_made("the run", make)


@handles("run_log")
def run_log(context: HandlerContext, _argument: str) -> None:
    """All that Ansible wrote in this run."""
    screen = context.front
    if not isinstance(screen, RunScreen):
        return

    async def make() -> PageScreen:
        lines = await screen.log_lines()
        return PageScreen(f"Log of {screen.run_id}", lambda _: lines)

    context.open_when_made("the run's log", make)


@handles("run_cancel")
def cancel_run(context: HandlerContext, _argument: str) -> None:
    """Ask, then end a run."""
    from operations import provisioning

    screen = context.front
    if isinstance(screen, RunScreen) and (view := screen.view) is not None:
        context.changes.make(lambda: provisioning.cancel_run(context.provisioning.runs, view))


@handles("run_retry")
def retry_run(context: HandlerContext, _argument: str) -> None:
    """Run once more for those that are not done."""
    from operations import provisioning
    from provision.inventory import places

    screen = context.front
    if isinstance(screen, RunScreen) and (view := screen.view) is not None and view.over:
        today = places(context.model.pis)
        runs, credentials = context.provisioning.runs, context.logins.credentials()
        context.changes.make(
            lambda: provisioning.retry_run(runs, view, credentials, today),
            screen.follow_another,
        )
