"""What every question above a screen is: answered once."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Modal(ModalScreen[Answer]):
    """A screen above another; an answer behind the first one is for nobody.

    Textual's own closes whatever is in front by then.
    """

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer, and go."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
