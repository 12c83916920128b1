"""Actions on machines."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from fleet.discovery.interface import NoInterface
from tui.console.handlers.registry import handles
from tui.console.node_row import NodeRow
from tui.console.panes.nodes import NodesPane
from tui.console.pis import NOWHERE
from tui.console.screens.dialogs import Confirm
from tui.console.screens.login import AskLogin, LoginAnswer
from tui.console.screens.node import NodeBoard
from tui.console.screens.nodes import NodesBoard

if TYPE_CHECKING:
    from tui.console.app import ConsoleApp

_NO_PI = "This takes a Pi that was found on the network."


def picked(app: "ConsoleApp", name: str) -> list[NodeRow]:
    """The Pis that are named, marked, or under the cursor; says so where there is none."""
    if name or not isinstance(app.board.chosen, NodesPane):
        row = at_hand(app, name)
        return [row] if row else []
    found = [row for row in app.board.chosen.picked() if row.pi is not None]
    if not found:
        app.say(_NO_PI, "warning")
    return found


def at_hand(app: "ConsoleApp", name: str) -> NodeRow | None:
    """The one Pi that is named, or under the cursor, marks or none; says so where there is none."""
    row = app.model.node(name) if name else app.board.node_at_hand()
    if row is None or row.pi is None:
        app.say(f"There is no Pi {name!r} here." if name and row is None else _NO_PI, "warning")
        return None
    return row


def open_node(app: "ConsoleApp", row: NodeRow) -> None:
    """A machine's own screen, in front."""
    if not isinstance(app.board, NodeBoard) or app.board.row.key != row.key:
        app.open(NodeBoard(row))


@handles("nodes")
def show_nodes(app: "ConsoleApp", _argument: str) -> None:
    """The nodes screen, once."""
    if isinstance(app.board, NodesBoard):
        return
    row = app.board.node_at_hand()
    app.open(NodesBoard(app.model.choice, row.key if row else ""))


def _on_table(deed: Callable[[NodesPane], None]) -> Callable[["ConsoleApp", str], None]:
    def handler(app: "ConsoleApp", _argument: str) -> None:
        pane = app.board.chosen
        if isinstance(pane, NodesPane):
            deed(pane)

    return handler


handles("mark")(_on_table(NodesPane.toggle))
handles("mark_all")(_on_table(NodesPane.toggle_all))
handles("sort")(_on_table(NodesPane.sort_next))
handles("reverse")(_on_table(NodesPane.turn_around))


@handles("login")
def log_in(app: "ConsoleApp", argument: str) -> None:
    """Ask once how to log in to the Pis picked, then do."""
    rows = picked(app, argument)
    if not rows:
        return
    changed = next((row for row in rows if row.pi and row.pi.key_changed), None)
    if changed is not None:
        app.say(f"The host key of {changed.name} has changed: look at it first, with a.", "warning")
        return

    def answered(answer: LoginAnswer | None) -> None:
        if answer is not None:
            app.user = answer.user
            app.ask(lambda: _log_in(app, rows, answer))

    app.open(AskLogin(rows, app.user), answered)


def _log_in(app: "ConsoleApp", rows: Sequence[NodeRow], answer: LoginAnswer) -> str:
    from fleet.ssh.connection import Login

    keys = (answer.key,) if answer.key else None
    login = Login(answer.user, answer.password, keys, passphrase=answer.passphrase)
    fleet = app.pis.fleet
    for row in rows:
        if row.pi and row.pi.fingerprint and not row.pi.trusted:
            fleet.accept_key(row.key, row.pi.fingerprint)
        fleet.set_login(login, row.key)
        app.desk.remember(row.key, login, answer.sudo)
    one = len(rows) == 1
    return f"Logging in to {rows[0].name if one else f'{len(rows)} Pis'} as {answer.user}."


@handles("accept")
def accept_key(app: "ConsoleApp", argument: str) -> None:
    """Show both fingerprints, ask, then trust the key a Pi shows now."""
    if (row := at_hand(app, argument)) is not None:
        pi = row.pi
        if pi is None or not pi.fingerprint:
            app.say(f"{row.name} has shown no host key yet: wait until it answers.", "warning")
        elif pi.fingerprint == pi.trusted:
            app.say(f"The host key of {row.name} is trusted already.")
        else:
            app.confirm(_about_key(row), _accepting(app, row, pi.fingerprint))


def _about_key(row: NodeRow) -> Confirm:
    pi = row.pi
    shown, trusted = (pi.fingerprint, pi.trusted) if pi else ("", "")
    if not trusted:
        text = f"It shows {shown}. Compare it with what the Pi's own screen shows, if it has one."
        return Confirm(
            f"Trust the host key of {row.name}?", text, safe_answer="Not yet", answer="Trust it"
        )
    text = (
        f"Trusted was {trusted}.\nIt shows now {shown}.\nThat is right if you wrote its card anew. "
        "If you did not, another machine may be posing as it."
    )
    question = f"Trust the new host key of {row.name}?"
    return Confirm(question, text, safe_answer="Keep away", answer="I wrote its card anew")


def _accepting(
    app: "ConsoleApp", row: NodeRow, fingerprint: str
) -> Callable[[], Awaitable[str] | str]:
    def accept() -> str:
        app.pis.fleet.accept_key(row.key, fingerprint)
        return f"The host key of {row.name} is trusted now."

    return accept


@handles("forget")
def forget_pi(app: "ConsoleApp", argument: str) -> None:
    """Ask, then forget Pis and their host keys."""
    rows = picked(app, argument)
    if not rows:
        return
    one = len(rows) == 1
    what = rows[0].name if one else f"{len(rows)} Pis"
    members = [row.name for row in rows if row.node]
    stays = f" In the swarm {', '.join(members[:3])} stays." if members else ""

    def forget() -> str:
        for row in rows:
            app.pis.fleet.forget(row.key)
        return f"Forgot {what}."

    app.confirm(
        Confirm(
            f"Forget {what}?",
            f"{'Its' if one else 'Their'} host key and login are forgotten; what still shows "
            f"itself on the network comes back as new.{stays}",
            safe_answer="Keep",
            answer="Forget",
        ),
        forget,
    )


@handles("add")
def add_pi(app: "ConsoleApp", argument: str) -> None:
    """Watch a machine by its address or name."""
    if not argument:
        app.board.ask("command", "add ")
        return

    def add() -> str:
        app.pis.fleet.add(argument)
        return f"Looking for {argument}."

    app.ask(add)


@handles("sweep")
def sweep_network(app: "ConsoleApp", argument: str) -> None:
    """Ask, then knock at every address of a range."""
    fleet = app.model.fleet
    cidr = argument or (fleet.network if fleet else "")

    async def sweep() -> str:
        app.say(f"Sweeping {cidr}: some seconds.")
        found = await app.pis.fleet.sweep(cidr)
        return f"{found} of {cidr} answer SSH."

    app.confirm(
        Confirm(
            f"Knock at every address of {cidr or 'this network'}?",
            "Each is asked once whether SSH answers there. Do so only on a network of your own.",
            safe_answer="Don't",
            answer="Sweep",
        ),
        sweep,
    )


@handles("interface")
def choose_network(app: "ConsoleApp", argument: str) -> None:
    """Look on another network."""
    if not argument:
        app.board.ask("command", "interface ")
        return
    try:
        app.pis.look_on(argument)
    except NoInterface as error:
        app.say(str(error), "error")
    else:
        where = "no network" if argument == NOWHERE else argument
        app.say(f"Looking for Pis on {where}.")


@handles("shell")
def shell(app: "ConsoleApp", argument: str) -> None:
    """A shell on a Pi, by SSH, in place of the screen until it ends."""
    if (row := at_hand(app, argument)) is not None:
        app.open_shell(row)
