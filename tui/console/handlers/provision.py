"""Actions that change machines: provisioning, and a node's life in the swarm."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from swarm.engine import NodeView
from tui.console.handlers.nodes import picked
from tui.console.handlers.registry import handles
from tui.console.node_row import NodeRow
from tui.console.panes.nodes import NodesPane
from tui.console.screens.dialogs import AskSecret, Confirm
from tui.console.screens.page import PageBoard
from tui.console.screens.plan import PlanBoard
from tui.console.screens.run import RunBoard

if TYPE_CHECKING:
    from tui.console.app import ConsoleApp

Deed = Callable[[NodeView, Callable[[str], None]], Awaitable[str]]


@handles("provision")
def provision(app: "ConsoleApp", argument: str) -> None:
    """Look at the Pis picked, and show what would be done."""
    from provision.prepare import Choice

    rows = picked(app, argument)
    if not rows:
        return
    pis = tuple(row.key for row in rows)
    # With a manager at hand the swarm is there, and the Pis join it.
    here = app.engine is None or app.engine.name != "swarm"
    app.open(PlanBoard(Choice(pis, here=here), app.desk.foresee))


def _on_plan(deed: Callable[[PlanBoard], None]) -> Callable[["ConsoleApp", str], None]:
    def handler(app: "ConsoleApp", _argument: str) -> None:
        if isinstance(app.board, PlanBoard):
            deed(app.board)

    return handler


handles("plan_master")(_on_plan(PlanBoard.change_master))
handles("plan_managers")(_on_plan(PlanBoard.change_managers))
handles("plan_passwords")(_on_plan(PlanBoard.change_passwords))
handles("plan_packages")(_on_plan(PlanBoard.change_packages))


@handles("plan_sudo")
def give_sudo(app: "ConsoleApp", _argument: str) -> None:
    """Ask for sudo's password on this machine, and look again."""
    board = app.board
    if not isinstance(board, PlanBoard):
        return

    def answered(password: str | None) -> None:
        if password:
            app.desk.sudo_here(password)
            board.look_again()

    app.open(AskSecret("sudo", "Your password for sudo on this machine"), answered)


def _start(app: "ConsoleApp", *, check: bool) -> None:
    board = app.board
    if not isinstance(board, PlanBoard) or board.foreseen is None:
        return
    foreseen = board.foreseen
    if not foreseen.plan.hosts:
        app.say("Nothing can be provisioned yet: the plan says why.", "warning")
        return

    async def begin() -> str:
        run = await app.desk.begin(foreseen, board.choice, check=check)
        if check:
            app.open(RunBoard(app.desk, run, board.rehearsed))
        else:
            app.pop_screen()
            app.open(RunBoard(app.desk, run))
        return ""

    app.ask(begin)


@handles("begin")
def begin_run(app: "ConsoleApp", _argument: str) -> None:
    """Begin what the plan shows."""
    _start(app, check=False)


@handles("rehearse")
def rehearse(app: "ConsoleApp", _argument: str) -> None:
    """Have Ansible say what it would change."""
    _start(app, check=True)


@handles("runs")
def show_run(app: "ConsoleApp", _argument: str) -> None:
    """The run under way, else the last one."""
    if isinstance(app.board, RunBoard):
        return

    async def show() -> str:
        view = await app.desk.newest()
        app.open(RunBoard(app.desk, view.id))
        return ""

    app.ask(show)


@handles("run_log")
def run_log(app: "ConsoleApp", _argument: str) -> None:
    """All that Ansible wrote in this run."""
    board = app.board
    if not isinstance(board, RunBoard):
        return

    async def show() -> str:
        lines = await board.log_lines()
        page = PageBoard(f"Log of {board.run_id}", lambda _: lines)
        app.open(page)
        return ""

    app.ask(show)


@handles("run_cancel")
def cancel_run(app: "ConsoleApp", _argument: str) -> None:
    """Ask, then end a run."""
    board = app.board
    if not isinstance(board, RunBoard) or board.view is None or board.view.over:
        return

    def cancel() -> str:
        return f"The run {app.desk.runs.cancel(board.run_id)} is being ended."

    app.confirm(
        Confirm(
            f"Cancel the run {board.run_id}?",
            "What is done stays; what is half done stays half done until a retry.",
            safe_answer="Let it run",
            answer="Cancel the run",
        ),
        cancel,
    )


@handles("run_retry")
def retry_run(app: "ConsoleApp", _argument: str) -> None:
    """Run once more for those that are not done."""
    board = app.board
    if not isinstance(board, RunBoard) or board.view is None or not board.view.over:
        return

    async def again() -> str:
        board.follow_another(await app.desk.again(board.run_id))
        return "Once more, for those that are not done."

    app.ask(again)


# -- a node's life -------------------------------------------------------------------------------


def _node(app: "ConsoleApp", name: str) -> NodeRow | None:
    """The node of the swarm that is named, or at hand; says so where there is none."""
    row = app.model.node(name) if name else app.board.node_at_hand()
    if row is None or row.node is None or app.engine is None or app.engine.name != "swarm":
        what = f"{row.name} is" if row else "This is"
        app.say(f"{what} no node of a swarm: p makes Pis nodes of one.", "warning")
        return None
    return row


def _do(app: "ConsoleApp", node: NodeView, deed: Deed) -> Callable[[], Awaitable[str]]:
    async def request() -> str:
        try:
            return await deed(node, lambda said: app.tell_deed(node.id, said))
        finally:
            app.tell_deed(node.id, "")

    return request


def _ask_and_do(
    app: "ConsoleApp", row: NodeRow, deed: Deed, question: str, consequence: str, answer: str
) -> None:
    if row.node is None:
        return
    asked = Confirm(question, consequence, safe_answer="Leave it as it is", answer=answer)
    app.confirm(asked, _do(app, row.node, deed))


@handles("drain")
def drain(app: "ConsoleApp", argument: str) -> None:
    """Take a node's tasks away; give it tasks again where they were taken."""
    row = _node(app, argument)
    if row is None or row.node is None:
        return
    if row.node.availability != "active":
        app.ask(_do(app, row.node, app.desk.activate))
        return
    tasks = f"Its {len(row.tasks)} tasks move to other nodes" if row.tasks else "It has no tasks"
    _ask_and_do(
        app, row, app.desk.drain, f"Drain {row.name}?",
        f"{tasks}, and it gets none until the same key gives it some again.", "Drain it",
    )  # fmt: skip


@handles("role")
def change_role(app: "ConsoleApp", argument: str) -> None:
    """Make a worker a manager, a manager a worker."""
    row = _node(app, argument)
    if row is None or row.node is None:
        return
    if row.node.role == "worker":
        _ask_and_do(
            app, row, app.desk.promote, f"Make {row.name} a manager?",
            "It gets the swarm's secrets and a vote; 3 managers stand the loss of one.",
            "Promote it",
        )  # fmt: skip
    else:
        _ask_and_do(
            app, row, app.desk.demote, f"Make {row.name} a worker?",
            "It can manage the swarm no more. Refused where no majority would be left.",
            "Demote it",
        )  # fmt: skip


@handles("leave")
def leave_swarm(app: "ConsoleApp", argument: str) -> None:
    """Take a node out of the swarm, a dead one too."""
    row = _node(app, argument)
    if row is None or row.node is None:
        return
    dead = row.node.state != "ready"
    text = (
        "It does not answer: it is only forgotten."
        if dead
        else "Its tasks move to other nodes, it leaves, and is forgotten. Its squares stay."
    )
    _ask_and_do(app, row, app.desk.leave, f"Take {row.name} out of the swarm?", text, "Take it out")


@handles("reboot")
def reboot(app: "ConsoleApp", argument: str) -> None:
    """Restart a node's machine."""
    row = _node(app, argument)
    if row is None:
        return
    text = "Its tasks stop, and are run again. It is waited for until it is back."
    _ask_and_do(app, row, app.desk.reboot, f"Reboot {row.name}?", text, "Reboot it")


@handles("upgrade")
def upgrade(app: "ConsoleApp", argument: str) -> None:
    """Bring the packages of nodes up to date, one node after the other."""
    pane = app.board.chosen
    rows = pane.picked() if isinstance(pane, NodesPane) and not argument else []
    first = _node(app, argument) if not rows else None
    nodes = [row.node for row in ([first] if first else rows) if row.node]
    if not nodes:
        return
    names = ", ".join(node.name for node in nodes[:3])
    more = f" and {len(nodes) - 3} more" if len(nodes) > 3 else ""

    async def begin() -> str:
        run = await app.desk.upgrade(nodes)
        app.open(RunBoard(app.desk, run))
        return ""

    app.confirm(
        Confirm(
            f"Bring {names}{more} up to date?",
            "One node after the other: drained, its packages upgraded, rebooted where that is "
            "needed, and given tasks again.",
            safe_answer="Not now",
            answer="Upgrade",
        ),
        begin,
    )
