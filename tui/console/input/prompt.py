"""The line at the bottom where filters and commands are typed."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from tui.console.history import PromptHistory, PromptKind
from tui.console.input.field import TextField
from tui.console.input.keys import settled
from tui.console.render.spans import safe
from tui.console.render.theme import BAD, DIM, VALUE


class PromptField(TextField):
    """A field whose Tab completes and whose arrows recall."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
    ]

    def __init__(self, complete: Callable[[int], None], recall: Callable[[int], None]) -> None:
        super().__init__("", "prompt-field")
        self.select_on_focus = False
        self._complete = complete
        self._recall = recall

    def action_complete(self, step: int) -> None:
        """The next candidate, or the one before."""
        self._complete(step)

    def action_recall(self, step: int) -> None:
        """What was typed before, or after."""
        self._recall(step)


class Prompt(Vertical):
    """Hidden until opened. Holds what is typed; the screen decides what it means, and when."""

    class Changed(Message):
        """A filter's text changed."""

    def __init__(self, complete: Callable[[str], list[str]], history: PromptHistory) -> None:
        super().__init__(id="prompt")
        self.display = False
        self.kind: PromptKind = "filter"
        self._complete = complete
        self._history = history
        self._recalled = 0
        self._offer: list[str] = []
        self._offered = -1

    def compose(self) -> ComposeResult:
        """A line of candidates, and the input behind its sign."""
        yield Static(id="candidates", markup=False)
        with Horizontal(id="prompt-line"):
            yield Static(id="sign", markup=False)
            yield PromptField(self._complete_with, self._recall)

    def open(self, kind: PromptKind, text: str) -> None:
        """Show the prompt with a text to begin with."""
        self.kind = kind
        self.display = True
        self._recalled = len(self._history.of(kind))
        self.query_one("#sign", Static).update("/" if kind == "filter" else ":")
        self.query_one("#candidates").display = kind == "command"
        field = self.query_one(PromptField)
        with self.prevent(TextField.Changed):
            field.value = text
        field.cursor_position = len(text)
        # At once: the next key may already be waiting.
        self.screen.set_focus(field)
        self._suggest()

    def refuse(self, sentence: str) -> None:
        """Say why a command is not understood; the prompt stays."""
        self.display = True
        self._note(Text(f"✗ {safe(sentence)}", style=BAD), refused=True)
        self.screen.set_focus(self.query_one(PromptField))

    def on_show(self) -> None:
        """Notes stand above it."""
        self._lift_notes(self.outer_size.height)

    def on_resize(self) -> None:
        """And above all lines of a refusal."""
        if self.display:
            self._lift_notes(self.outer_size.height)

    def on_hide(self) -> None:
        """Notes stand above the footer again."""
        self._lift_notes(1)

    def _lift_notes(self, lines: int) -> None:
        self.screen.query("#textual-toastrack").set_styles(margin=(0, 0, lines, 0))

    @on(TextField.Changed)
    def _typed(self, event: TextField.Changed) -> None:
        event.stop()
        if event.value != self.text:
            return  # Overtaken by another key, whose own news comes.
        if self.kind == "filter":
            self.post_message(self.Changed())
        else:
            self._suggest()

    @property
    def text(self) -> str:
        """What is typed by now."""
        return self.query_one(PromptField).value

    async def settle(self) -> None:
        """Wait until every key on its way to the input is in it, and has been answered here."""
        field = self.query_one(PromptField)
        # Twice the input: its news of a key stands in its own queue first, then goes up.
        await settled(field, field, self.query_one("#prompt-line"), self)

    def remember(self) -> None:
        """The arrow keys shall give this text again."""
        self._history.add(self.kind, self.text)

    def _suggest(self) -> None:
        if self.kind == "command":
            self._offer = self._complete(self.text)
            self._offered = -1
            self._show_offer()

    def _complete_with(self, step: int) -> None:
        if self._offered < 0:
            self._suggest()  # The news of the last letter may still be on its way.
        if self.kind != "command" or not self._offer:
            return
        first = self._offered < 0 and step < 0
        self._offered = (self._offered + step + first) % len(self._offer)
        text = self._offer[self._offered]
        if len(self._offer) == 1 and not text.endswith("="):
            text += " "
        self._set(text)
        if len(self._offer) == 1:
            self._suggest()
        else:
            self._show_offer()

    def _recall(self, step: int) -> None:
        typed = self._history.of(self.kind)
        self._recalled = min(max(0, self._recalled + step), len(typed))
        self._set(typed[self._recalled] if self._recalled < len(typed) else "")
        if self.kind == "filter":
            self.post_message(self.Changed())
        self._suggest()

    def _set(self, text: str) -> None:
        field = self.query_one(PromptField)
        with self.prevent(TextField.Changed):
            field.value = text
        field.cursor_position = len(text)

    def _show_offer(self) -> None:
        self._note(_candidates(self._offer, self._offered))

    def _note(self, text: Text, *, refused: bool = False) -> None:
        line = self.query_one("#candidates", Static)
        line.set_class(refused, "-refused")
        line.update(text)


def _candidates(offer: Sequence[str], chosen: int) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    for index, text in enumerate(offer):
        line.append(f" {safe(text.rpartition(' ')[2])} ", VALUE if index == chosen else DIM)
    return line
