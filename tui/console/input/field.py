"""The field that text is typed into, in forms and in the prompt."""

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from tui.console.render.spans import wrap
from tui.console.render.theme import DIM

_LABEL = 12
_ROOM = 13


class TextField(Input):
    """An input that answers every key in its turn, however fast they come.

    Textual's own runs its bindings (Backspace, Ctrl-U, Enter) once the key has gone up to the
    application, behind the letters that were already waiting here.
    """

    def __init__(self, text: str, name: str, *, secret: bool = False, hint: str = "") -> None:
        # No validators: what is typed is judged by the form, as a whole.
        super().__init__(text, id=name, password=secret, placeholder=hint, validate_on=())
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return

    def _on_paste(self, event: events.Paste) -> None:
        """A field has one line: the first that says something. Textual's takes an empty one."""
        lines = (line for line in event.text.splitlines() if line.strip())
        super()._on_paste(events.Paste(next(lines, "")))
        event.stop()
        event.prevent_default()


class FormLine(Widget):
    """A line of a form: label, field, and a hint, which may take more lines.

    `room`: columns for what is typed.
    Label and hint are no widgets of their own: a form of many takes long to lay out.
    """

    def __init__(self, label: str, field: TextField, hint: str, room: int = _ROOM) -> None:
        super().__init__()
        field.styles.margin = (0, 0, 0, _LABEL)
        field.styles.width = room
        self.field = field
        self._label = label
        self._hint = (hint, DIM)
        self._column = _LABEL + room + 2

    def compose(self) -> ComposeResult:
        """What is typed into; the rest is drawn."""
        yield self.field

    def say(self, hint: str, style: Style = DIM) -> None:
        """Another hint."""
        if (hint, style) != self._hint:
            self._hint = (hint, style)
            self._fit()

    def on_resize(self, _event: events.Resize) -> None:
        """The hint is wrapped anew."""
        self._fit()

    def _fit(self) -> None:
        self.styles.height = len(self._lines())
        self.refresh()

    def _lines(self) -> list[str]:
        return wrap(self._hint[0], max(1, self.size.width - self._column))

    def render(self) -> Text:
        """Label and hint."""
        text = Text(f"{self._label:<{self._column}}", DIM, no_wrap=True)
        return text.append(f"\n{'':{self._column}}".join(self._lines()), self._hint[1])
