"""What forms have in common: each key goes to the field that the keys before it led to."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.console.input.field import TextField
from tui.console.input.keys import settled
from tui.console.screens.dialogs.modal import Answer, Modal


class Form(Modal[Answer]):
    """Tab and the arrows go from field to field, Esc cancels; `settle` before fields are read.

    A key is handed at once to the field that has the focus, however many wait there. So who types
    fast, pastes, or has a slow line must find the focus moved when the next key comes, or the end
    of a password stands in the clear in another field. Nor may Esc take the way up from a field:
    what is typed behind it would go to the field as well, and the end of a word to what is below.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False, priority=True),
        Binding("down,tab", "app.focus_next", show=False, priority=True),
        Binding("up,shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    async def settle(self) -> None:
        """Wait until every key on its way to a field is in it."""
        await settled(*self.query(TextField))
