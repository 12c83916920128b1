"""Actions that send something to Slack, or look at what waits for it."""

from typing import TYPE_CHECKING

from rich.color import Color

from tui.console.handlers.registry import handles
from tui.console.panes.log import LogPane
from tui.console.panes.outbox import OutboxPane
from tui.console.panes.squares import SquaresPane
from tui.console.screens.dialogs import Confirm
from tui.console.screens.outbox import OutboxBoard
from tui.console.screens.page import SquareBoard
from tui.console.screens.share import ShareScreen

if TYPE_CHECKING:
    from chat.message import Message
    from chat.sharing import Preview
    from tui.console.app import ConsoleApp


@handles("share")
def share(app: "ConsoleApp", argument: str) -> None:
    """Show exactly what would be sent; Enter there sends it."""
    message = _screen(app) if argument == "screen" else _at_hand(app)
    if message is None:
        app.say("There is nothing to share here: try a square, a job, a node or a line.", "warning")
        return

    async def show() -> str:
        sharing = await app.slack.open()
        preview = await app.slack.preview(message)

        def answered(chosen: "Preview | None") -> None:
            if chosen is not None:
                app.ask(lambda: app.slack.send(chosen))

        async def sketch(channel: str) -> "Preview":
            return await app.slack.preview(message, channel)

        app.open(ShareScreen(preview, sharing.means, sketch), answered)
        return ""

    app.ask(show)


def _at_hand(app: "ConsoleApp") -> "Message | None":
    from chat import render

    board = app.board
    pane = board.chosen
    if isinstance(board, SquareBoard):
        return render.square(board.result)
    if isinstance(pane, SquaresPane) and pane.chosen is not None:
        return render.square(pane.chosen)
    if isinstance(pane, LogPane) and pane.chosen is not None:
        return render.log_lines([pane.chosen])
    node = board.node_at_hand()
    if node is not None and node.node is not None:
        return render.node(node.node)
    row = board.job_at_hand()
    return render.job(row.job, row.found, row.verdict) if row else None


def _screen(app: "ConsoleApp") -> "Message":
    """The screen as it is now."""
    from chat import render
    from chat.message import TextRun

    strips = app.board._compositor.render_strips()  # noqa: SLF001 - no public way to a picture
    rows = [
        [
            TextRun(part.text, _hex(part.style.color), _hex(part.style.bgcolor))
            if part.style
            else TextRun(part.text)
            for part in strip
        ]
        for strip in strips
    ]
    return render.screen(rows, "squarm")


def _hex(colour: Color | None) -> str:
    return colour.triplet.hex if colour and colour.triplet else ""


@handles("outbox")
def show_outbox(app: "ConsoleApp", _argument: str) -> None:
    """What waits for Slack."""
    if not isinstance(app.board, OutboxBoard):
        app.open(OutboxBoard(app.slack))


def _entry(app: "ConsoleApp") -> int | None:
    pane = app.board.chosen
    return pane.chosen.id if isinstance(pane, OutboxPane) and pane.chosen else None


@handles("outbox_retry")
def retry(app: "ConsoleApp", _argument: str) -> None:
    """Send a message again."""
    number = _entry(app)
    if number is not None:
        app.ask(lambda: app.slack.retry(number))


@handles("outbox_drop")
def drop(app: "ConsoleApp", _argument: str) -> None:
    """Ask, then give a message up."""
    number = _entry(app)
    if number is not None:
        question = Confirm(
            f"Drop message {number}?",
            "It is not sent. The square or job it tells of stays.",
            safe_answer="Keep it",
            answer="Drop it",
        )
        app.confirm(question, lambda: app.slack.drop(number))
