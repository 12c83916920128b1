"""The form for a fresh card: where it is, and what its Pi will be."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from base.errors import SquarmError
from tui.console.input.field import FormLine, TextField
from tui.console.render.spans import safe
from tui.console.render.theme import BAD, DIM, KEY, PLAIN
from tui.console.screens.dialogs.form import Form
from tui.console.terminal.workers import begin

if TYPE_CHECKING:
    from operations.operation import Operation

_ROOM = 28
_INTRODUCTION = (
    "A card with a fresh Raspberry Pi OS or Ubuntu on it, from Raspberry Pi Imager without its own "
    "settings, is filled so that its Pi lets squarm in by itself."
)
_NO_CARD = (
    "No card is mounted here: put one in and press PgDn, or name a folder, a device, an image."
)
_FIELDS: tuple[tuple[str, str, str, str], ...] = (
    ("place", "card", "", "folder, device or image"),
    ("name", "name", "one of its own", "what the Pi is called"),
    ("user", "user", "", "whom squarm logs in as"),
    ("wifi", "Wi-Fi", "none: it is on a cable", "its name"),
    ("wifi_password", "password", "", "of the Wi-Fi; never shown"),
    ("country", "country", "", "two letters; for Wi-Fi"),
    ("time_zone", "time zone", "this machine's", "such as Europe/Berlin"),
)
"""Name, label, what an empty field means, hint."""


@dataclass(frozen=True, slots=True)
class PreparedCard:
    """A card that was looked at, ready to be written; `user` and `key`: who lets squarm in."""

    operation: "Operation[str]"
    user: str
    key: Path


class CardForm(Form[PreparedCard | None]):
    """Enter has the card looked at, from any field; Esc cancels.

    `prepare` may block and raise SquarmError; so may `mounted`, which finds cards.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False, priority=True),
        Binding("pagedown", "offer", show=False, priority=True),
    ]

    def __init__(
        self,
        texts: Mapping[str, str],
        prepare: Callable[[Mapping[str, str]], PreparedCard],
        mounted: Callable[[], Sequence[Path]],
    ) -> None:
        super().__init__()
        self._prepare = prepare
        self._mounted = mounted
        self._lines = {
            name: FormLine(
                label,
                TextField(
                    texts.get(name, ""), f"field-{name}", secret="password" in name, hint=empty
                ),
                hint,
                _ROOM,
            )
            for name, label, empty, hint in _FIELDS
        }

    def compose(self) -> ComposeResult:
        """What it is for, then one line a field."""
        with Vertical(classes="dialog", id="card") as dialog:
            dialog.border_title = "Write a card"
            yield Static(_INTRODUCTION, classes="consequence", markup=False)
            yield from self._lines.values()
            yield Static(id="summary", markup=False)
            yield Static(_keys(), id="form-keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the card; where one is mounted it is offered."""
        place = self._lines["place"].field
        self.set_focus(place)
        if not place.value:
            begin(self, self._offer, "card", exclusive=True)

    async def action_offer(self) -> None:
        """The next card that is mounted."""
        await self.settle()
        begin(self, self._offer, "card", exclusive=True)

    async def _offer(self) -> None:
        place = self._lines["place"].field
        before = place.value
        mounted = [str(place) for place in await asyncio.to_thread(self._mounted)]
        if place.value != before:
            # Typed meanwhile, and meant.
            return
        if not mounted:
            self._say("" if place.value else _NO_CARD)
            return
        now = mounted.index(place.value) + 1 if place.value in mounted else 0
        place.value = mounted[now % len(mounted)]
        place.cursor_position = len(place.value)
        self._say("")

    async def action_submit(self) -> None:
        """Look at the card, and at what is typed; what cannot be is said below."""
        await self.settle()
        self._say("Looking at the card …")
        # Not awaited: a card that is broken is read for long, and Esc is answered meanwhile.
        begin(self, self._look, "card", exclusive=True)

    async def _look(self) -> None:
        texts = {
            name: line.field.value if name == "wifi_password" else line.field.value.strip()
            for name, line in self._lines.items()
        }
        try:
            prepared = await asyncio.to_thread(self._prepare, texts)
        except SquarmError as error:
            from provision.card.settings import CardError

            self._refuse(error.field if isinstance(error, CardError) else "", str(error))
        except OSError as error:
            # A card may be pulled out while it is looked at.
            self._refuse("place", f"The card cannot be read ({error.strerror or error}).")
        else:
            self.dismiss(prepared)

    def _refuse(self, field: str, sentence: str) -> None:
        self.query_one("#summary", Static).update(Text(f"✗ {safe(sentence)}", style=BAD))
        for name, line in self._lines.items():
            line.field.set_class(name == field, "-wrong")
        if field in self._lines:
            self.set_focus(self._lines[field].field)

    def _say(self, sentence: str) -> None:
        self.query_one("#summary", Static).update(Text(sentence, style=PLAIN))


def _keys() -> Text:
    keys = (("Enter", "look at it"), ("Esc", "cancel"), ("Tab", "next"), ("PgDn", "next card"))
    return Text.assemble(*(part for k, w in keys for part in ((k, KEY), (f" {w}   ", DIM))))
