"""Which handler does which action, and what a handler may do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeVar

from rich.console import Console
from textual.screen import Screen

from tui.console.card_session import CardSession
from tui.console.changes import Changes
from tui.console.context import Context
from tui.console.logins import Logins
from tui.console.pis import Pis
from tui.console.screens.main import MainScreen
from tui.console.screens.pane_screen import PaneScreen
from tui.console.sessions.engine import EngineSession
from tui.console.sessions.images import ImageSession
from tui.console.sessions.provisioning import ProvisioningSession
from tui.console.sessions.slack import SlackSession

T = TypeVar("T")


class HandlerContext(Context, Protocol):
    """What `ConsoleApp` is to a handler."""

    @property
    def front(self) -> PaneScreen:
        """The screen in front, dialogs aside."""
        ...

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        ...

    @property
    def changes(self) -> Changes:
        """What makes changes."""
        ...

    @property
    def job(self) -> Mapping[str, str]:
        """What the user's own settings say of new jobs."""
        ...

    @property
    def session(self) -> EngineSession:
        """Where jobs run, and the results file."""
        ...

    @property
    def pis(self) -> Pis:
        """What watches machines."""
        ...

    @property
    def logins(self) -> Logins:
        """How machines are logged in to."""
        ...

    @property
    def provisioning(self) -> ProvisioningSession:
        """The plan, the runs, and how nodes are reached."""
        ...

    @property
    def cards(self) -> CardSession:
        """The Pis that are to come from cards written here."""
        ...

    @property
    def images(self) -> ImageSession:
        """What is known of the image that jobs run from."""
        ...

    @property
    def slack(self) -> SlackSession:
        """The session with Slack."""
        ...

    def open(
        self,
        screen: Screen[T],
        answered: Callable[[T | None], None] | Callable[[T | None], Awaitable[None]] | None = None,
    ) -> None:
        """Put a screen in front."""
        ...

    def open_over(
        self,
        origin: PaneScreen,
        screen: Screen[T],
        answered: Callable[[T | None], None] | None = None,
    ) -> bool:
        """Put a screen in front of another; False where that is not in front, or is typed into."""
        ...

    def open_when_made(
        self,
        doing: str,
        make: Callable[[], Awaitable[Screen[T] | None]],
        answered: Callable[[T | None], None] | None = None,
    ) -> None:
        """Open a screen that takes a while to make, unless the user has gone on by then."""
        ...

    def close(self, screen: PaneScreen) -> bool:
        """Away with a screen: at once where it is in front, else when it would be; True at once."""
        ...

    def go_main(self, pane: str) -> None:
        """Back to the main screen, to one of its panes."""
        ...

    def give_terminal(self, command: Sequence[str], name: str) -> None:
        """A program in place of the screen until it ends; `name`: the machine it is on."""
        ...

    def find_swarm(self) -> None:
        """A swarm may have been made: run jobs there from now on, unless one runs here."""
        ...

    def copy_to_clipboard(self, text: str) -> None:
        """Copy, by the terminal."""
        ...

    def suspend_process(self) -> None:
        """Give the terminal back to the shell until it says `fg`."""
        ...

    def toggle_mouse(self) -> bool:
        """Leave the mouse to the terminal, or take it back; whether it is the console's now."""
        ...

    def record(self) -> Console:
        """What the screen shows now, to be drawn as SVG elsewhere."""
        ...

    def redraw(self) -> None:
        """Write all of the screen anew."""
        ...

    def leave(self) -> None:
        """Leave, and say what goes on without the console."""
        ...

    def stop_and_leave(self) -> None:
        """Stop the jobs that run on this machine, then leave."""
        ...


Handler: TypeAlias = Callable[[HandlerContext, str], None]
HANDLERS: dict[str, Handler] = {}


def handles(*actions: str) -> Callable[[Handler], Handler]:
    """Register a handler for these actions."""

    def register(handler: Handler) -> Handler:
        for action in actions:
            HANDLERS[action] = handler
        return handler

    return register
