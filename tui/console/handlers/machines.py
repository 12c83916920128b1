"""Actions on machines of the network."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fleet.discovery.interface import NOWHERE, NoInterface
from tui.console.handlers.chosen import on_one, on_several
from tui.console.handlers.registry import Handler, HandlerContext, handles
from tui.console.node_row import NodeRow
from tui.console.panes.nodes import NodesPane
from tui.console.pulse import MINUTES
from tui.console.screens.dialogs.login_form import LoginAnswer, LoginForm
from tui.console.screens.node import NodeScreen
from tui.console.screens.nodes import NodesScreen, PulseScreen

if TYPE_CHECKING:
    from fleet.snapshot import PiView

_NO_PI = "This takes a Pi that was found on the network."


def on_pi(context: HandlerContext, name: str, act: Callable[["PiView"], None]) -> None:
    """Act on the Pi that is meant; says so where it is none."""

    def with_pi(row: NodeRow) -> None:
        if row.pi is None:
            context.say(_NO_PI, "warning")
        else:
            act(row.pi)

    on_one(context, name, with_pi)


def on_pis(context: HandlerContext, name: str, act: Callable[[Sequence[NodeRow]], None]) -> None:
    """Act on the Pis among those that are meant; says so where there is none."""

    def with_pis(rows: Sequence[NodeRow]) -> None:
        if pis := [row for row in rows if row.pi is not None]:
            act(pis)
        else:
            context.say(_NO_PI, "warning")

    on_several(context, name, with_pis)


def open_node(context: HandlerContext, row: NodeRow) -> None:
    """A machine's own screen, in front."""
    if not isinstance(context.front, NodeScreen) or context.front.row.key != row.key:
        context.open(NodeScreen(row))


@handles("nodes")
def show_nodes(context: HandlerContext, _argument: str) -> None:
    """The nodes screen, once."""
    if not isinstance(context.front, NodesScreen):
        row = context.front.node_at_hand()
        context.open(NodesScreen(context.model.choice, row.key if row else ""))


@handles("pulse")
def show_pulse(context: HandlerContext, _argument: str) -> None:
    """The last hour, once; the first time with what the results file has of it."""
    pulse, session = context.model.pulse, context.session
    if isinstance(context.front, PulseScreen):
        return
    context.open(PulseScreen(pulse))

    async def fill() -> None:
        since, found = await asyncio.to_thread(
            session.store.found_by_minute, pulse.minute - MINUTES + 1
        )
        pulse.fill(context.model.node_rows, found, since)
        context.front.show_snapshot()

    if session.is_open:
        context.start(fill)


def _on_table(act: Callable[[NodesPane], None]) -> Handler:
    def handler(context: HandlerContext, _argument: str) -> None:
        pane = context.front.chosen
        if isinstance(pane, NodesPane):
            act(pane)

    return handler


handles("mark")(_on_table(NodesPane.toggle))
handles("mark_all")(_on_table(NodesPane.toggle_all))
handles("mark_range")(_on_table(NodesPane.mark_range))


@handles("login")
def log_in(context: HandlerContext, argument: str) -> None:
    """Have a form filled in once for the Pis picked, then log in."""
    on_pis(context, argument, lambda rows: _ask_for_login(context, rows))


def _ask_for_login(context: HandlerContext, rows: Sequence[NodeRow]) -> None:
    changed = next((row for row in rows if row.pi and row.pi.key_changed), None)
    if changed is not None:
        context.say(
            f"The host key of {changed.name} has changed: a shows it, and trusts it.", "warning"
        )
        return

    def filled_in(answer: LoginAnswer | None) -> None:
        if answer is not None:
            context.logins.user = answer.user or context.logins.user
            context.start(lambda: _log_in(context, rows, answer), "log in")

    users = {row.pi.user for row in rows if row.pi}
    # Of several each is logged in to as the one whom it let in before, unless another is given.
    several = len(users) > 1 and all(users)
    user = users.pop() if len(users) == 1 else ""
    offered = "" if several else user or context.logins.user
    context.open(LoginForm(rows, offered), filled_in)


async def _log_in(context: HandlerContext, rows: Sequence[NodeRow], answer: LoginAnswer) -> str:
    from fleet.ssh.connection import Login
    from operations.machines import trust_and_log_in

    keys = (answer.key,) if answer.key else None
    login = Login(answer.user, answer.password, keys, passphrase=answer.passphrase)
    done = await trust_and_log_in(
        context.changes.door,
        context.pis.fleet,
        # As they were when the form showed them: who shows another key by now is not trusted.
        [row.pi for row in rows if row.pi],
        login,
        lambda pi: context.logins.remember(pi, login, answer.sudo),
    )
    return done.sentence if done else ""


@handles("accept")
def accept_key(context: HandlerContext, argument: str) -> None:
    """Show both fingerprints, ask, then trust the key a Pi shows now."""
    from operations import machines

    def act(pi: "PiView") -> None:
        context.changes.make(lambda: machines.accept(context.pis.fleet, pi))

    on_pi(context, argument, act)


@handles("forget")
def forget_pi(context: HandlerContext, argument: str) -> None:
    """Ask, then forget Pis and their host keys."""
    from operations import machines

    fleet = context.model.fleet
    if fleet is not None and argument in fleet.missing:
        context.changes.make(lambda: machines.drop_name(context.pis.fleet, argument))
        return

    def act(rows: Sequence[NodeRow]) -> None:
        pis = [row.pi for row in rows if row.pi]
        drop, runs = context.logins.forget, context.provisioning.runs
        context.changes.make(lambda: machines.forget(context.pis.fleet, pis, drop, runs))

    on_pis(context, argument, act)


@handles("add")
def add_pi(context: HandlerContext, argument: str) -> None:
    """Watch a machine by its address or name."""
    from operations import machines

    if argument:
        context.changes.make(lambda: machines.add(context.pis.fleet, argument))
    else:
        context.front.open_prompt("command", "add ")


@handles("sweep")
def sweep_network(context: HandlerContext, argument: str) -> None:
    """Ask, then knock at every address of a range."""
    from operations import machines

    fleet = context.model.fleet
    cidr = argument or (fleet.network if fleet else "")
    context.changes.make(lambda: machines.sweep(context.pis.fleet, cidr))


@handles("interface")
def choose_network(context: HandlerContext, argument: str) -> None:
    """Watch another network."""
    if not argument:
        context.front.open_prompt("command", "interface ")
        return
    try:
        context.pis.change_interface(argument)
    except NoInterface as error:
        context.say(str(error), "error")
    else:
        where = "no network" if argument == NOWHERE else argument
        context.say(f"Looking for Pis on {where}.")


@handles("shell")
def shell(context: HandlerContext, argument: str) -> None:
    """A shell on a Pi, by SSH, in place of the screen until it ends."""
    from operations import machines

    def act(pi: "PiView") -> None:
        context.changes.make(
            lambda: machines.open_shell(context.pis.fleet, pi),
            lambda command: context.give_terminal(command, pi.name),
        )

    on_pi(context, argument, act)
