"""Actions that show something, or a part of it."""

import asyncio
from typing import TYPE_CHECKING

from base.errors import StoreError
from results.reports import Result
from results.triples import board
from tui.console.handlers.jobs import job_at_hand, open_job
from tui.console.handlers.nodes import open_node
from tui.console.handlers.registry import handles
from tui.console.model import Model
from tui.console.panes.jobs import JobsPane
from tui.console.panes.log import LogPane
from tui.console.panes.map import MapPane
from tui.console.panes.nodes import NodesPane
from tui.console.panes.page import Line
from tui.console.panes.squares import SquaresPane
from tui.console.panes.units import UnitsPane
from tui.console.render import describe
from tui.console.screens.page import PageBoard, SquareBoard

if TYPE_CHECKING:
    from tui.console.app import ConsoleApp

_BOARD = 50
"""Triples on the leaderboard."""


@handles("redraw")
def redraw(app: "ConsoleApp", _argument: str) -> None:
    """All of the screen anew."""
    app.redraw()


@handles("open")
def open_item(app: "ConsoleApp", argument: str) -> None:
    """What the cursor is on, or what is named."""
    if argument:
        _open_named(app, argument, described=False)
        return
    match app.board.chosen:
        case JobsPane(chosen=row) if row is not None:
            open_job(app, row.job.id)
        case NodesPane(chosen=node_row) | MapPane(chosen=node_row) if node_row is not None:
            open_node(app, node_row)
        case UnitsPane(chosen=unit_row) if unit_row is not None:
            pane = app.board.pane("log")
            app.board.choose(pane)
            pane.set_filter(f"u{unit_row.view.unit}")
        case SquaresPane() as gallery if gallery.chosen is not None:
            app.open(SquareBoard(gallery.chosen, gallery))
        case LogPane(chosen=line) if line is not None:
            lines = describe.log_lines(line)
            app.open(PageBoard("Line", lambda _: lines))


@handles("describe")
def describe_item(app: "ConsoleApp", argument: str) -> None:
    """Everything known about what the cursor is on, or what is named."""
    board = app.board
    if argument:
        _open_named(app, argument, described=True)
        return
    match board.chosen:
        case NodesPane(chosen=node_row) | MapPane(chosen=node_row) if node_row is not None:
            open_node(app, node_row)
        case SquaresPane(chosen=result) if result is not None:
            _describe_square(app, result)
        case _ if isinstance(board, SquareBoard):
            _describe_square(app, board.result)
        case _:
            row = job_at_hand(app, "")
            if row is not None:
                _describe_job(app, row.job.id)


def _open_named(app: "ConsoleApp", name: str, *, described: bool) -> None:
    node = app.model.node(name)
    result = next((r for r in app.model.squares if f"#{r.id}" == f"#{name.lstrip('#')}"), None)
    if app.model.job(name) is not None:
        _describe_job(app, name) if described else open_job(app, name)
    elif node is not None:
        open_node(app, node)
    elif result is not None and described:
        _describe_square(app, result)
    elif result is not None:
        app.open(SquareBoard(result))
    elif name.lstrip("#").isdecimal():
        _open_kept(app, int(name.lstrip("#")), described=described)
    else:
        app.say(f"There is no job, node or square {name!r}.", "warning")


def _open_kept(app: "ConsoleApp", number: int, *, described: bool) -> None:
    """A square that is only in the store."""
    store = app.store
    if store is None:
        return

    async def fetch() -> None:
        try:
            result = await asyncio.to_thread(store.result, number)
        except StoreError as error:
            app.say(str(error), "error")
            return
        if result is None:
            app.say(f"There is no square #{number}.", "warning")
        elif described:
            _describe_square(app, result)
        else:
            app.open(SquareBoard(result))

    app.run_worker(fetch(), group="store")


def _describe_job(app: "ConsoleApp", job: str) -> None:
    def text(model: Model) -> list[Line] | None:
        row = model.job(job)
        return describe.job_lines(row) if row else None

    app.open(PageBoard(f"Job {job}", text))


def _describe_square(app: "ConsoleApp", result: Result) -> None:
    lines = describe.square_lines(result)
    app.open(PageBoard(f"Square #{result.id}", lambda _: lines))


@handles("copy")
def copy_item(app: "ConsoleApp", _argument: str) -> None:
    """The square, the line or the name under the cursor."""
    board = app.board
    result: Result | None = None
    if isinstance(board, SquareBoard):
        result = board.result
    elif isinstance(board.chosen, SquaresPane):
        result = board.chosen.chosen
    text = describe.square_text(result) if result else board.chosen.copy_text()
    if text:
        app.copy_to_clipboard(text)
        what = f"square #{result.id}" if result else "1 line" if "\n" not in text else "the text"
        app.say(f"Copied {what}.")
    else:
        app.say("There is nothing to copy here.", "warning")


@handles("filter")
def filter_pane(app: "ConsoleApp", argument: str) -> None:
    """Ask for the words, or take them from the command."""
    board = app.board
    if argument:
        board.chosen.set_filter(argument)
    else:
        board.ask("filter", board.chosen.needle)


@handles("follow")
def follow_log(app: "ConsoleApp", _argument: str) -> None:
    """Hold the log, or follow it."""
    pane = app.board.pane("log")
    if isinstance(pane, LogPane):
        pane.toggle_follow()


@handles("triples")
def show_triples(app: "ConsoleApp", _argument: str) -> None:
    """The leaderboard of triples."""
    store = app.store
    if store is None:
        return

    async def fetch() -> None:
        try:
            lines = describe.board_lines(board(await asyncio.to_thread(store.triples, _BOARD)))
        except StoreError as error:
            app.say(str(error), "error")
        else:
            app.open(PageBoard("Triples", lambda _: lines))

    app.run_worker(fetch(), group="store")


@handles("help")
def show_help(app: "ConsoleApp", _argument: str) -> None:
    """Every action there is."""
    lines = describe.help_lines()
    app.open(PageBoard("Help", lambda _: lines))
