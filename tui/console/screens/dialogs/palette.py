"""The command palette: all actions that apply, by words."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.console.actions import BY_ID, Action, key_name
from tui.console.input.field import TextField
from tui.console.screens.dialogs.form import Form

_PAGE = 5


class PaletteDialog(Form[Action | None]):
    """Enter chooses from what the text finds, however fast it was typed; Esc chooses nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", show=False, priority=True),
        Binding("down,tab", "step(1)", show=False, priority=True),
        Binding("up,shift+tab", "step(-1)", show=False, priority=True),
        Binding("pagedown", f"step({_PAGE})", show=False, priority=True),
        Binding("pageup", f"step(-{_PAGE})", show=False, priority=True),
    ]

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions
        self._sought: str | None = None
        """What the list answers."""
        self._found: Sequence[Action] = ()

    def compose(self) -> ComposeResult:
        """What is typed, and what it finds."""
        with Vertical(id="palette"):
            with Horizontal(id="sought"):
                yield TextField("", "field-sought", hint="Search for commands…")
            found = OptionList(id="found", markup=False)
            # The keys stay with the text.
            found.can_focus = False
            yield found
            yield Static("No action here has these words.", id="no-matches")

    def on_mount(self) -> None:
        """All of them, before anything is typed."""
        self.set_focus(self.query_one(TextField))
        self._search()

    async def action_choose(self) -> None:
        """The one that is marked, of what is typed by now; nothing where that finds none."""
        await self.settle()
        self._search()
        if self._found:
            self.dismiss(self._found[self._marked])

    async def action_step(self, step: int) -> None:
        """Mark another."""
        await self.settle()
        self._search()
        if self._found:
            marked = min(max(0, self._marked + step), len(self._found) - 1)
            self.query_one(OptionList).highlighted = marked

    @property
    def _marked(self) -> int:
        return self.query_one(OptionList).highlighted or 0

    @on(TextField.Changed)
    def _search(self) -> None:
        text = self.query_one(TextField).value
        if text == self._sought:
            return
        self._sought = text
        self._found = search(self._actions, text)
        shown = self.query_one(OptionList)
        shown.set_options(Option(_line(action), id=action.id) for action in self._found)
        shown.highlighted = 0 if self._found else None
        shown.display = bool(self._found)
        self.query_one("#no-matches").display = not self._found

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(BY_ID[str(event.option_id)])

    def on_click(self, event: events.Click) -> None:
        """Beside it: nothing is chosen."""
        if event.widget is self:
            self.dismiss(None)


def search(actions: Sequence[Action], text: str) -> list[Action]:
    """The actions that each of the words stands in, those first whose name it is."""
    text = text.lower().strip()
    words = text.split()

    def place(action: Action) -> tuple[bool, bool, bool]:
        title = action.title.lower()
        named = f"{title} {action.command}"
        return (
            not title.startswith(text),
            not all(word in title for word in words),
            not all(word in named for word in words),
        )

    texts = [
        (action, f"{action.title} {action.command} {action.help}".lower()) for action in actions
    ]
    return sorted((a for a, said in texts if all(word in said for word in words)), key=place)


def _line(action: Action) -> Text:
    keys = f"  ({key_name(action.keys[0])})" if action.keys else ""
    return Text.assemble(f"{action.title}{keys}\n", (action.help, "dim not bold"))
