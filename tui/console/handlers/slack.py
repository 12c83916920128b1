"""Actions that send something to Slack, or show what waits for it."""

from typing import TYPE_CHECKING

from rich.color import Color

from operations import messages
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.panes.log import LogPane
from tui.console.panes.outbox import OutboxPane
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.screens.dialogs.share import ShareScreen
from tui.console.screens.outbox import OutboxScreen
from tui.console.screens.square import SquareScreen

if TYPE_CHECKING:
    from chat.message import Message
    from chat.sharing import Preview, Sharing


@handles("share")
def share(context: HandlerContext, argument: str) -> None:
    """Show exactly what would be sent; Enter there sends it."""
    message = _screen(context) if argument == "screen" else _at_hand(context)
    if message is None:
        context.say(
            "There is nothing to share here: try a square, a job, a node or a line.", "warning"
        )
        return

    async def make() -> ShareScreen:
        sharing = await context.slack.open()
        preview = await context.slack.preview(message)

        async def preview_for(channel: str) -> "Preview":
            return await context.slack.preview(message, channel)

        return ShareScreen(preview, sharing.means, preview_for)

    def answered(chosen: "Preview | None") -> None:
        if chosen is not None:
            _send(context, context.slack.sharing, chosen)

    context.open_when_made("what would be shared", make, answered)


def _send(context: HandlerContext, sharing: "Sharing", preview: "Preview") -> None:
    context.changes.make(
        lambda: messages.share(
            sharing, preview.sealed.subject, preview.channel, lambda: sharing.send(preview)
        )
    )


def _at_hand(context: HandlerContext) -> "Message | None":
    from chat import render

    front = context.front
    pane = front.chosen
    if isinstance(front, SquareScreen):
        return render.square(front.result)
    if isinstance(pane, SquaresPane) and pane.chosen is not None:
        return render.square(pane.chosen)
    if isinstance(pane, LogPane) and pane.at_hand:
        return render.log_lines(pane.at_hand)
    node = front.node_at_hand()
    if node is not None and node.node is not None:
        return render.node(node.node)
    row = front.job_at_hand()
    return render.job(row.job, row.found, row.verdict) if row else None


def _screen(context: HandlerContext) -> "Message":
    """The screen as it is now."""
    from chat import render
    from chat.message import TextRun

    strips = context.front._compositor.render_strips()  # noqa: SLF001 - no public way to a picture
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
def show_outbox(context: HandlerContext, _argument: str) -> None:
    """What waits for Slack."""
    if not isinstance(context.front, OutboxScreen):
        context.open(OutboxScreen(context.slack.outbox, context.slack.problem))


def _message_at_hand(context: HandlerContext) -> int | None:
    pane = context.front.chosen
    return pane.chosen.id if isinstance(pane, OutboxPane) and pane.chosen else None


@handles("outbox_retry")
def retry(context: HandlerContext, _argument: str) -> None:
    """Send a message again."""
    if (number := _message_at_hand(context)) is not None:
        context.changes.make(lambda: messages.retry(context.slack.sharing, number))


@handles("outbox_drop")
def drop(context: HandlerContext, _argument: str) -> None:
    """Ask, then give a message up."""
    if (number := _message_at_hand(context)) is not None:
        context.changes.make(lambda: messages.drop(context.slack.sharing, number))
