"""Which machines a key or a command means; one that the user does not see is asked about first.

A command means the machine that it names, by name, address or id; a name that several have is
refused. A key means the machines that are marked and shown, and without any the one under the
cursor; a key that takes a single machine says so where others are marked.
"""

from collections.abc import Callable, Sequence

from operations.operation import Caution
from tui.console.handlers.registry import HandlerContext
from tui.console.node_row import NodeRow
from tui.console.panes.nodes import NodesPane
from tui.console.panes.rows import RowsPane
from tui.console.screens.dialogs.confirm import Confirm

_TOLD = 5


def on_one(context: HandlerContext, name: str, act: Callable[[NodeRow], None]) -> None:
    """Act on the machine meant; says why where there is none."""
    if name:
        if (row := by_name(context, name)) is not None:
            act(row)
        return
    row = context.front.node_at_hand()
    pane = context.front.chosen
    marked = pane.marked_here() if isinstance(pane, NodesPane) else []
    if marked and (row is None or [row.key] != [each.key for each in marked]):
        context.say(_single(marked), "warning")
        return
    if row is None:
        _say_none(context)
    else:
        _if_seen(context, row, lambda: act(row))


def on_several(
    context: HandlerContext, name: str, act: Callable[[Sequence[NodeRow]], None]
) -> None:
    """Act on the machines meant, those marked among them; says why where there are none."""
    pane = context.front.chosen
    if name or not isinstance(pane, NodesPane):
        on_one(context, name, lambda row: act([row]))
        return
    if marked := pane.marked_here():
        act(marked)
    elif pane.chosen is None:
        _say_none(context)
    else:
        row = pane.chosen
        _if_seen(context, row, lambda: act([row]))


def by_name(context: HandlerContext, name: str) -> NodeRow | None:
    """The one machine of this name, address or id; says so where there is none, or not one."""
    rows = context.model.named(name)
    if len(rows) == 1:
        return rows[0]
    if rows:
        choices = "; ".join(called(row) for row in rows[:_TOLD])
        context.say(
            f"{len(rows)} machines are {name!r}: name its address or id: {choices}.", "warning"
        )
    else:
        context.say(f"There is no machine {name!r} here.", "warning")
    return None


def called(row: NodeRow) -> str:
    """A machine so that nobody takes it for another."""
    place = f", {row.address}" if row.address else ""
    return f"{row.name} ({row.key}{place})"


def _single(marked: Sequence[NodeRow]) -> str:
    names = ", ".join(row.name for row in marked[:3])
    more = f" and {len(marked) - 3} more" if len(marked) > 3 else ""
    return (
        f"This takes one machine, and marked is {names}{more}: Space takes a mark away, "
        "and a command may name the machine."
    )


def _say_none(context: HandlerContext) -> None:
    front = context.front
    lost = isinstance(front.chosen, RowsPane) and front.chosen.lost
    what = "The machine is not listed now: choose another." if lost else "No machine is chosen."
    context.say(what, "warning")


def _if_seen(context: HandlerContext, row: NodeRow, act: Callable[[], None]) -> None:
    """Act at once where the user sees this machine, and by a name that only it has."""
    pane = context.front.chosen
    if isinstance(pane, RowsPane) and not pane.in_view(row.key):
        why = "is not on the screen"
    elif len(context.model.named(row.name)) > 1:
        why = "is not the only one of its name"
    else:
        act()
        return
    caution = Caution(f"{row.name} {why}: is it meant?", called(row), agree="Yes", decline="No")

    def answered(yes: bool | None) -> None:
        if yes:
            act()

    context.open(Confirm(caution), answered)
