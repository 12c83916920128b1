"""Small questions above the screen: yes or no, and a password."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from tui.console.input.field import TextField
from tui.console.render.spans import safe
from tui.console.screens.dialogs.form import Form
from tui.console.screens.dialogs.modal import Modal

if TYPE_CHECKING:
    from operations.operation import Caution


_AROUND = 6
"""Columns of a button beside its text."""
_FRAME = 6
"""Columns of a dialog beside what stands in it."""


class Confirm(Modal[bool]):
    """Names what is about to happen; the safe answer has the keys."""

    # All with priority: answered in the order they were typed, however fast. Otherwise Esc right
    # behind Enter would be heard before it, since a button's press takes a longer way to here.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", show=False, priority=True),
        Binding("enter", "answer_chosen", show=False, priority=True),
        Binding("left,h,up", "app.focus_previous", show=False, priority=True),
        Binding("right,down", "app.focus_next", show=False, priority=True),
    ]

    def __init__(self, caution: "Caution") -> None:
        super().__init__()
        self.caution = caution

    def compose(self) -> ComposeResult:
        """Question, consequence, two answers."""
        with Vertical(classes="dialog"):
            yield Static(Text(safe(self.caution.question)), classes="question")
            yield Static(Text(_lines(self.caution.consequence)), classes="consequence")
            with Horizontal(classes="answers"):
                yield Button(Text(self.caution.decline), id="no", compact=True)
                yield Button(Text(self.caution.agree), id="yes", compact=True)

    def on_mount(self) -> None:
        """The safe answer has the keys."""
        self.set_focus(self.query_one("#no"))

    def on_resize(self, event: events.Resize) -> None:
        """Answers that have no room beside each other stand below each other: none is cut."""
        super().on_resize(event)
        needed = sum(len(text) + _AROUND for text in (self.caution.decline, self.caution.agree))
        self.query_one(".dialog").set_class(needed > event.size.width * 0.9 - _FRAME, "-narrow")

    def action_answer(self, yes: bool) -> None:
        """Answer by key."""
        self.dismiss(yes)

    def action_answer_chosen(self) -> None:
        """Answer with the button that has the keys."""
        self.dismiss(self.focused is not None and self.focused.id == "yes")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


def _lines(text: str) -> str:
    return "\n".join(safe(line) for line in text.split("\n"))


class PasswordDialog(Form[str | None]):
    """One line that is not shown; Enter gives it, Esc gives nothing. It stays in memory only."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False, priority=True),
    ]

    def __init__(self, title: str, question: str) -> None:
        super().__init__()
        self._name = title
        self._question = question

    def compose(self) -> ComposeResult:
        """The question, and the field."""
        with Vertical(classes="dialog", id="secret") as dialog:
            dialog.border_title = self._name
            yield Static(Text(safe(self._question)), classes="question")
            yield TextField("", "field-secret", secret=True)

    async def action_submit(self) -> None:
        """Give what is typed."""
        await self.settle()
        self.dismiss(self.query_one("#field-secret", TextField).value)
