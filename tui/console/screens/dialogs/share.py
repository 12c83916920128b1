"""Before something goes to Slack: exactly what would be sent, and where to."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from base.errors import ChatError
from tui.console.input.field import FormLine, TextField
from tui.console.render.spans import safe
from tui.console.render.theme import BAD, DIM, KEY, PLAIN, WARN
from tui.console.screens.dialogs.form import Form
from tui.console.terminal.workers import begin

if TYPE_CHECKING:
    from chat.sharing import Preview

PreviewFor = Callable[[str], Awaitable["Preview"]]


class ShareScreen(Form["Preview | None"]):
    """Enter sends what is shown, Esc sends nothing. `preview_for` gives that for a channel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False, priority=True),
        Binding("down,pagedown", "scroll(1)", show=False, priority=True),
        Binding("up,pageup", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, preview: "Preview", means: str, preview_for: PreviewFor) -> None:
        super().__init__()
        self._preview = preview
        self._means = means
        self._preview_for = preview_for

    def compose(self) -> ComposeResult:
        """The message, the channel, the keys."""
        with Vertical(classes="dialog", id="share") as dialog:
            dialog.border_title = "Share on Slack"
            with VerticalScroll(id="share-text", can_focus=False):
                yield Static(_shown(self._preview), markup=False)
            field = TextField(self._preview.channel, "field-channel")
            yield FormLine("channel", field, f"by {safe(self._means)}")
            yield Static(id="summary", markup=False)
            yield Static(_keys(), id="form-keys", markup=False)

    def action_scroll(self, step: int) -> None:
        """Read on."""
        self.query_one("#share-text").scroll_relative(y=5 * step, animate=False)

    async def action_submit(self) -> None:
        """Send it, where such a channel can be."""
        await self.settle()
        begin(self, partial(self._send, self.query_one(TextField).value), "share", exclusive=True)

    async def _send(self, channel: str) -> None:
        try:
            self.dismiss(await self._preview_for(channel))
        except ChatError as error:
            self.query_one("#summary", Static).update(Text(f"✗ {safe(str(error))}", style=BAD))


def _shown(preview: "Preview") -> Text:
    text = Text("\n".join(safe(line) for line in preview.sealed.text.splitlines()), style=PLAIN)
    for note in preview.notes:
        text.append(f"\n▲ {safe(note)}", WARN)
    return text


def _keys() -> Text:
    keys = (("Enter", "send"), ("Esc", "send nothing"), ("↑ ↓", "read on"))
    return Text.assemble(*(part for k, w in keys for part in ((k, KEY), (f" {w}   ", DIM))))
