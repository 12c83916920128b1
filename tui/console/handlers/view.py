"""Actions that show something, or a part of it."""

import asyncio

from results.result import Result
from results.triples import board as leaderboard
from tui.console.handlers.chosen import by_name
from tui.console.handlers.jobs import job_at_hand, open_job
from tui.console.handlers.machines import open_node
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.model import Model
from tui.console.panes.jobs import JobsPane
from tui.console.panes.log import LogPane
from tui.console.panes.map import MapPane
from tui.console.panes.nodes import NodesPane
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.panes.table import TablePane
from tui.console.panes.triples import TriplesPane
from tui.console.panes.units import UnitsPane
from tui.console.render import log_lines, squares
from tui.console.render.help_page import help_page
from tui.console.render.job_page import job_page
from tui.console.render.spans import Line
from tui.console.screens.page import PageScreen, TriplesScreen
from tui.console.screens.pane_screen import PaneScreen
from tui.console.screens.square import SquareScreen

_BOARD = 50
"""Triples on the leaderboard."""


@handles("redraw")
def redraw(context: HandlerContext, _argument: str) -> None:
    """All of the screen anew."""
    context.redraw()


@handles("mouse")
def toggle_mouse(context: HandlerContext, _argument: str) -> None:
    """The mouse to the terminal, or back."""
    if context.toggle_mouse():
        context.say("The mouse is squarm's again.")
    else:
        context.say("The mouse is the terminal's: it selects there. :mouse takes it back.")


@handles("open")
def open_item(context: HandlerContext, argument: str) -> None:
    """What the cursor is on, or what has this name."""
    if argument:
        _open_by_name(context, argument, described=False)
        return
    match context.front.chosen:
        case JobsPane(chosen=row) if row is not None:
            open_job(context, row.job.id)
        case NodesPane(chosen=node_row) | MapPane(chosen=node_row) if node_row is not None:
            open_node(context, node_row)
        case UnitsPane(chosen=unit_row) if unit_row is not None:
            pane = context.front.pane("log")
            context.front.choose(pane)
            pane.set_filter(f"u{unit_row.view.unit}")
        case SquaresPane() as gallery if gallery.chosen is not None:
            context.open(SquareScreen(gallery.chosen, gallery))
        case TriplesPane(chosen=triple) if triple is not None:
            if triple.result:
                context.open(SquareScreen(triple.result))
            else:
                context.say(f"Published by {triple.finder}: its squares are not kept here.")
        case LogPane(chosen=line) if line is not None:
            lines = log_lines.log_page(line)
            context.open(PageScreen("Line", lambda _: lines))
        case _:
            context.say("Nothing is chosen.", "warning")


@handles("describe")
def describe_item(context: HandlerContext, argument: str) -> None:
    """Everything known about what the cursor is on, or what has this name."""
    front = context.front
    if argument:
        _open_by_name(context, argument, described=True)
        return
    match front.chosen:
        case NodesPane(chosen=node_row) | MapPane(chosen=node_row) if node_row is not None:
            open_node(context, node_row)
        case SquaresPane(chosen=result) if result is not None:
            context.open(_square_page(result))
        case NodesPane() | MapPane() | SquaresPane() | TriplesPane():
            open_item(context, "")
        case _ if isinstance(front, SquareScreen):
            context.open(_square_page(front.result))
        case _:
            row = job_at_hand(context, "")
            if row is not None:
                _describe_job(context, row.job.id)


def _open_by_name(context: HandlerContext, name: str, *, described: bool) -> None:
    machines = context.model.named(name)
    result = next((r for r in context.model.squares if f"#{r.id}" == f"#{name.lstrip('#')}"), None)
    if context.model.job(name) is not None:
        _describe_job(context, name) if described else open_job(context, name)
    elif machines:
        if (row := by_name(context, name)) is not None:
            open_node(context, row)
    elif result is not None and described:
        context.open(_square_page(result))
    elif result is not None:
        context.open(SquareScreen(result))
    elif name.lstrip("#").isdecimal():
        _open_kept(context, int(name.lstrip("#")), described=described)
    else:
        context.say(f"There is no job, node or square {name!r}.", "warning")


def _open_kept(context: HandlerContext, number: int, *, described: bool) -> None:
    """A square that is only in the store."""

    async def make() -> PaneScreen | None:
        result = await asyncio.to_thread(context.session.store.result, number)
        if result is None:
            context.say(f"There is no square #{number}.", "warning")
            return None
        return _square_page(result) if described else SquareScreen(result)

    context.open_when_made(f"square #{number}", make)


def _describe_job(context: HandlerContext, job: str) -> None:
    def text(model: Model) -> list[Line] | None:
        row = model.job(job)
        return job_page(row) if row else None

    context.open(PageScreen(f"Job {job}", text))


def _square_page(result: Result) -> PageScreen:
    lines = squares.square_page(result)
    return PageScreen(f"Square #{result.id}", lambda _: lines)


@handles("copy")
def copy_item(context: HandlerContext, _argument: str) -> None:
    """The square, the line or the name under the cursor."""
    front = context.front
    result: Result | None = None
    if isinstance(front, SquareScreen):
        result = front.result
    elif isinstance(front.chosen, SquaresPane):
        result = front.chosen.chosen
    text = squares.square_text(result) if result else front.chosen.copy_text()
    if text:
        context.copy_to_clipboard(text)
        what = f"square #{result.id}" if result else "1 line" if "\n" not in text else "the text"
        context.say(f"Copied {what}.")
    else:
        context.say("There is nothing to copy here.", "warning")


@handles("filter")
def filter_pane(context: HandlerContext, argument: str) -> None:
    """Ask for the words, or take them from the command."""
    front = context.front
    if argument:
        front.chosen.set_filter(argument)
    else:
        front.open_prompt("filter", front.chosen.needle)


@handles("sort")
def sort_table(context: HandlerContext, _argument: str) -> None:
    """By the next column."""
    if isinstance(pane := context.front.chosen, TablePane):
        pane.sort_next()


@handles("reverse")
def turn_around(context: HandlerContext, _argument: str) -> None:
    """The other way round."""
    if isinstance(pane := context.front.chosen, TablePane):
        pane.turn_around()


@handles("triples")
def show_triples(context: HandlerContext, _argument: str) -> None:
    """The leaderboard of triples."""

    async def make() -> TriplesScreen:
        rows = leaderboard(await asyncio.to_thread(context.session.store.triples, _BOARD))
        if not any(row.result for row in rows):
            context.say("None of ours yet: :new triple hunts for some.")
        return TriplesScreen(rows)

    context.open_when_made("the triples", make)


@handles("help")
def show_help(context: HandlerContext, _argument: str) -> None:
    """What keys do here, then every action there is."""
    front = context.front
    lines = help_page(front.where, met=front.needs_met(), read_only=context.read_only)
    context.open(PageScreen("Help", lambda _: lines))
