"""The stack of screens: which is in front, and who may put another there."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import events
from textual.screen import Screen

from tui.console.input.field import TextField
from tui.console.input.layout import latin
from tui.console.screens.main import MainScreen
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.app import TerminalApp
from tui.console.terminal.driver import ConsoleDriver

T = TypeVar("T")


class ScreensApp(TerminalApp, inherit_bindings=False):
    """An application with the `main` screen at the bottom, and others above it."""

    def __init__(self, main: MainScreen) -> None:
        super().__init__()
        self.main = main

    def get_default_screen(self) -> MainScreen:
        """The main screen is at the bottom of them all."""
        return self.main

    async def on_event(self, event: events.Event) -> None:
        """Keys mean the same whatever layout they are typed in; text is text."""
        if isinstance(event, events.Key) and not event.is_forwarded and not self.leaving:
            if not await self.settle():
                return
            if not isinstance(self.focused, TextField):
                event = latin(event)
        await super().on_event(event)

    def toggle_mouse(self) -> bool:
        """Leave the mouse to the terminal, or take it back; whether it is ours now."""
        return isinstance(self._driver, ConsoleDriver) and self._driver.toggle_mouse()

    @property
    def front(self) -> PaneScreen:
        """The screen in front, dialogs aside."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, PaneScreen)]
        return screens[-1] if screens else self.main

    @property
    def where(self) -> frozenset[str]:
        """The names of the screen in front and of its chosen pane."""
        return self.front.where

    def open(
        self,
        screen: Screen[T],
        answered: Callable[[T | None], None] | Callable[[T | None], Awaitable[None]] | None = None,
    ) -> None:
        """Put a screen in front."""
        self.push_screen(screen, answered)

    def open_over(
        self,
        origin: PaneScreen,
        screen: Screen[T],
        answered: Callable[[T | None], None] | None = None,
    ) -> bool:
        """Put a screen in front of another; False where that is not in front, or is typed into.

        For what opens when something has taken its time: keys are meant for what is there by then.
        """
        if self.leaving or self.screen is not origin or isinstance(self.focused, TextField):
            return False
        self.push_screen(screen, answered)
        return True

    def close(self, screen: PaneScreen) -> bool:
        """Away with a screen: at once where it is in front, else when it would be; True at once."""
        if self.screen is screen:
            self.pop_screen()
            return True
        screen.closing = True
        return False

    def go_main(self, pane: str) -> None:
        """Back to the main screen, to one of its panes."""
        while len(self.screen_stack) > 1 and self.screen is not self.main:
            self.pop_screen()
        self.main.choose(self.main.pane(pane))

    def on_resize(self, event: events.Resize) -> None:
        """A terminal that is too small says so, on top of everything."""
        from tui.console.screens.dialogs.too_small import SMALLEST, TooSmall

        if self.leaving:
            return
        too_small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        shown = isinstance(self.screen, TooSmall)
        if too_small and not shown:
            self.push_screen(TooSmall())
        elif shown and not too_small:
            self.pop_screen()
