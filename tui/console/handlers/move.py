"""Actions that move about: cursors, panes, screens."""

from collections.abc import Callable

from tui.console.actions import ACTIONS, Action
from tui.console.handlers.registry import Handler, HandlerContext, handles
from tui.console.screens.dialogs.palette import PaletteDialog
from tui.console.screens.pane_screen import PaneScreen
from tui.console.screens.square import SquareScreen


@handles("back")
def go_back(context: HandlerContext, _argument: str) -> None:
    """Clear the filter, or close the screen."""
    front = context.front
    if front.chosen.narrowed:
        front.chosen.widen()
    elif front is not context.main:
        context.close(front)


@handles("palette")
def palette(context: HandlerContext, _argument: str) -> None:
    """Search all actions that apply by words, and run one."""
    offered = [
        action
        for action in ACTIONS
        if action.applies(context.where) and action.group != "Move" and action.id != "palette"
    ]

    async def chosen(action: Action | None) -> None:
        # What is below may have closed meanwhile.
        if action is not None and action.applies(context.where):
            await context.perform(action.id)

    context.open(PaletteDialog(offered), chosen)


@handles("suspend")
def suspend(context: HandlerContext, _argument: str) -> None:
    """Back to the shell, until it says `fg`."""
    context.suspend_process()


@handles("command")
def command_line(context: HandlerContext, _argument: str) -> None:
    """Type a command."""
    context.front.open_prompt("command")


def _on_front(act: Callable[[PaneScreen], None]) -> Handler:
    def handler(context: HandlerContext, _argument: str) -> None:
        act(context.front)

    return handler


def _to_pane(number: int) -> Callable[[PaneScreen], None]:
    def go(screen: PaneScreen) -> None:
        if number < len(screen.panes):
            screen.choose(screen.panes[number])

    return go


def _to_main(name: str) -> Handler:
    def handler(context: HandlerContext, _argument: str) -> None:
        context.go_main(name)

    return handler


def _side(screen: PaneScreen, step: int) -> None:
    if isinstance(screen, SquareScreen):
        screen.walk(step)
    else:
        screen.chosen.move_side(step)


for _number in range(4):
    handles(f"pane_{_number + 1}")(_on_front(_to_pane(_number)))
handles("jobs")(_to_main("jobs"))
handles("zoom")(_on_front(PaneScreen.zoom))
handles("next_pane")(_on_front(lambda screen: screen.choose_next(1)))
handles("previous_pane")(_on_front(lambda screen: screen.choose_next(-1)))
handles("down")(_on_front(lambda screen: screen.chosen.move_rows(1)))
handles("up")(_on_front(lambda screen: screen.chosen.move_rows(-1)))
handles("left")(_on_front(lambda screen: _side(screen, -1)))
handles("right")(_on_front(lambda screen: _side(screen, 1)))
handles("page_down")(_on_front(lambda screen: screen.chosen.move_page(1)))
handles("page_up")(_on_front(lambda screen: screen.chosen.move_page(-1)))
handles("first")(_on_front(lambda screen: screen.chosen.go_start()))
handles("last")(_on_front(lambda screen: screen.chosen.go_end()))
