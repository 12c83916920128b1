"""Actions on a log: how it is shown, and what is looked for in it."""

from collections.abc import Callable
from datetime import datetime

from tui.console.handlers.registry import Handler, HandlerContext, handles
from tui.console.panes.log import LogPane
from tui.console.panes.squares.picture import PicturePane


def _on_log(act: Callable[[LogPane], None]) -> Handler:
    def handler(context: HandlerContext, _argument: str) -> None:
        if log := _log(context):
            act(log)

    return handler


def _log(context: HandlerContext) -> LogPane | None:
    """The log of the screen in front; says so where it has none."""
    log = next((pane for pane in context.front.panes if isinstance(pane, LogPane)), None)
    if log is None:
        context.say("There is no log here: :logs goes to it.", "warning")
    return log


handles("follow")(_on_log(LogPane.toggle_follow))
handles("json")(_on_log(LogPane.toggle_words))
handles("times")(_on_log(LogPane.toggle_times))
handles("wrap")(_on_log(LogPane.toggle_wrapped))
handles("mark_line")(_on_log(LogPane.toggle_mark))
handles("level")(_on_log(LogPane.next_level))
handles("clear")(_on_log(LogPane.clear))


@handles("draw_line")
def draw_line(context: HandlerContext, _argument: str) -> None:
    """With the time of day."""
    if log := _log(context):
        log.draw_line(f"{datetime.fromtimestamp(context.now()).astimezone():%H:%M:%S}")


@handles("find")
def find(context: HandlerContext, argument: str) -> None:
    """Ask for the words, or take them from the command."""
    if (log := _log(context)) is None:
        return
    if not argument:
        context.front.open_prompt("command", f"find {log.sought}")
    elif not log.seek(argument):
        context.say(f"No line has {argument!r}.", "warning")


@handles("next")
def go_next(context: HandlerContext, _argument: str) -> None:
    """The next of what is lit, or found."""
    _step(context, 1)


@handles("previous")
def go_previous(context: HandlerContext, _argument: str) -> None:
    """The one before."""
    _step(context, -1)


def _step(context: HandlerContext, delta: int) -> None:
    match context.front.chosen:
        case PicturePane() as picture if not picture.step(delta):
            context.say("Nothing is lit: t lights pairs, transversals, intercalates.")
        case LogPane() as log if not log.step(delta):
            context.say("Nothing is found: F takes words to look for.")
