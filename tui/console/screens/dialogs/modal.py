"""What every question above a screen is: answered once."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.visual import VisualType

from tui.console.screens.console_screen import ConsoleScreen
from tui.console.screens.dialogs.backdrop import Backdrop

Answer = TypeVar("Answer")


class Modal(ModalScreen[Answer], ConsoleScreen[Answer]):
    """A screen above another; an answer behind the first one is for nobody.

    Textual's own closes whatever is in front by then.
    """

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer, and go."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def render(self) -> VisualType:  # type: ignore[override]  # any widget may give a Visual
        """What is behind it."""
        behind = super().render()
        if isinstance(behind, BackgroundScreen):
            return Backdrop(behind.screen, behind.color)
        return behind
