"""What stands in a terminal that is too small."""

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.console.screens.dialogs.modal import Modal

SMALLEST = (40, 12)


class TooSmall(Modal[None]):
    """One clear sentence until the terminal is large enough."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c,ctrl+q", "leave", show=False, priority=True)
    ]

    def __init__(self) -> None:
        super().__init__()
        self._stays = False

    def compose(self) -> ComposeResult:
        """The sentence."""
        yield Static(id="too-small", markup=False)

    def on_mount(self) -> None:
        """Say how small it is."""
        self._say()

    def on_resize(self, _event: events.Resize) -> None:
        """Say how small it is now."""
        self._say()

    async def action_leave(self) -> None:
        """Leave, or say why not."""
        await self.run_action("app.leave_at_once")
        self._stays = True
        self._say()

    def _say(self) -> None:
        width, height = SMALLEST
        now = f"{self.size.width}x{self.size.height}"
        sentence = f"squarm needs at least {width}x{height}; this terminal is {now}."
        if self._stays:
            sentence += " q would stop what is under way: it asks once there is room."
        self.query_one(Static).update(Text(sentence))
