"""The thin lines around the panes: facts above, keys below."""

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.console.actions import Action
from tui.console.render.bars import Fact, footer_action_at, footer_line, header_line
from tui.console.render.theme import EDGE


class ThinLine(Widget):
    """One line, painted only when it changes."""

    DEFAULT_CSS = "ThinLine { height: 1; }"
    ALLOW_SELECT = False

    def __init__(self, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self._line = Strip([])

    def line(self, width: int) -> list[Segment]:
        """What to show at this width."""
        raise NotImplementedError

    def touch(self) -> None:
        """Something may have changed."""
        line = self._draw()
        if line != self._line:
            self._line = line
            self.refresh()

    def render_line(self, _y: int) -> Strip:
        """The line drawn by the last `touch`; in the first frame there was none."""
        if self._line.cell_length != self.size.width:
            self._line = self._draw()
        return self._line

    def _draw(self) -> Strip:
        width = self.size.width
        return Strip(self.line(width)).adjust_cell_length(width).apply_style(EDGE)

    def on_resize(self) -> None:
        """The line depends on the width."""
        self.touch()


class Header(ThinLine):
    """The facts, in one line."""

    def __init__(self) -> None:
        super().__init__("header")
        self._facts: Sequence[Fact] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these facts from now on."""
        self._facts = facts
        self.touch()

    def line(self, width: int) -> list[Segment]:
        """As many as fit."""
        return header_line(self._facts, width)


class Footer(ThinLine):
    """The keys that do something here."""

    class Pressed(Message):
        """An action was clicked."""

        def __init__(self, action_id: str) -> None:
            super().__init__()
            self.action_id = action_id

    def __init__(self) -> None:
        super().__init__("footer")
        self._actions: Sequence[Action] = ()
        self._under_way = ""

    def show(self, actions: Sequence[Action], under_way: str = "") -> None:
        """Offer these, most important first; `under_way`: what is being done."""
        self._actions = actions
        self._under_way = under_way
        self.touch()

    def line(self, width: int) -> list[Segment]:
        """As many as fit."""
        return footer_line(self._actions, width, self._under_way)

    def on_click(self, event: events.Click) -> None:
        """A click on a key is the key."""
        action = footer_action_at(self._actions, self.size.width, event.x, self._under_way)
        if action is not None:
            self.post_message(self.Pressed(action.id))
