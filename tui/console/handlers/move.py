"""Actions that move about: cursors, panes, screens."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.console.handlers.registry import Handler, handles
from tui.console.screens.board import Board
from tui.console.screens.page import SquareBoard

if TYPE_CHECKING:
    from tui.console.app import ConsoleApp


@handles("back")
def go_back(app: "ConsoleApp", _argument: str) -> None:
    """Clear the filter, or close the screen."""
    board = app.board
    if board.chosen.needle:
        board.chosen.set_filter("")
    elif board is not app.main:
        app.pop_screen()


@handles("palette")
def palette(app: "ConsoleApp", _argument: str) -> None:
    """Textual's own palette, on our actions."""
    app.action_command_palette()


@handles("command")
def command_line(app: "ConsoleApp", _argument: str) -> None:
    """Type a command."""
    app.board.ask("command")


def _on_board(deed: Callable[[Board], None]) -> Handler:
    def handler(app: "ConsoleApp", _argument: str) -> None:
        deed(app.board)

    return handler


def _to_pane(number: int) -> Callable[[Board], None]:
    def go(board: Board) -> None:
        if number < len(board.panes):
            board.choose(board.panes[number])

    return go


def _to_main(name: str) -> Handler:
    def handler(app: "ConsoleApp", _argument: str) -> None:
        app.go_main(name)

    return handler


def _side(board: Board, step: int) -> None:
    if isinstance(board, SquareBoard):
        board.walk(step)
    else:
        board.chosen.move_side(step)


for _number in range(4):
    handles(f"pane_{_number + 1}")(_on_board(_to_pane(_number)))
for _name in ("jobs", "squares"):
    handles(_name)(_to_main(_name))
handles("next_pane")(_on_board(lambda board: board.choose_next(1)))
handles("previous_pane")(_on_board(lambda board: board.choose_next(-1)))
handles("down")(_on_board(lambda board: board.chosen.move_rows(1)))
handles("up")(_on_board(lambda board: board.chosen.move_rows(-1)))
handles("left")(_on_board(lambda board: _side(board, -1)))
handles("right")(_on_board(lambda board: _side(board, 1)))
handles("page_down")(_on_board(lambda board: board.chosen.move_page(1)))
handles("page_up")(_on_board(lambda board: board.chosen.move_page(-1)))
handles("first")(_on_board(lambda board: board.chosen.go(0)))
handles("last")(_on_board(lambda board: board.chosen.go_end()))
