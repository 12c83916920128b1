"""What comes after a card is written: its Pi is waited for, and provisioned by a key."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from base.text import age_text
from tui.console.context import Context
from tui.console.model import AwaitedPi, lets_in
from tui.console.render.spans import safe
from tui.console.render.theme import DIM, GOOD, KEY, PLAIN, WARN
from tui.console.screens.dialogs.modal import Modal

if TYPE_CHECKING:
    from fleet.snapshot import PiView

_SECONDS = 0.5


class AwaitedPiDialog(Modal[str | None]):
    """Says whether the Pi has come; `p`, once it lets squarm in, gives its id, Esc nothing.

    `problem` says why it would not be seen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False, priority=True),
        Binding("p", "provision", show=False, priority=True),
    ]

    def __init__(self, awaited: AwaitedPi, problem: Callable[[], str]) -> None:
        super().__init__()
        self._awaited = awaited
        self._problem = problem

    def compose(self) -> ComposeResult:
        """What to do with the card, how it stands, the keys."""
        name = self._awaited.name
        with Vertical(classes="dialog", id="awaited") as dialog:
            dialog.border_title = f"Waiting for {name}"
            yield Static(
                "The card is ready. Take it out safely, put it into the Pi, and switch that on: "
                f"it shows itself as {name} in one to five minutes.",
                markup=False,
            )
            yield Static(id="summary", markup=False)
            yield Static(id="form-keys", markup=False)

    def on_mount(self) -> None:
        """Look again and again."""
        self._show()
        self.set_interval(_SECONDS, self._show)

    def action_provision(self) -> None:
        """Go on with the Pi, once it is there."""
        pi = self._found()
        if pi is not None and lets_in(pi):
            self.dismiss(pi.id)

    def _found(self) -> "PiView | None":
        return self._awaited.found_in(cast("Context", self.app).model.pis)

    def _show(self) -> None:
        pi = self._found()
        waited = age_text(cast("Context", self.app).now() - self._awaited.since)
        sentence, style = _state(self._awaited, pi, self._problem(), waited)
        self.query_one("#summary", Static).update(Text(sentence, style=style))
        come = pi is not None and lets_in(pi)
        self.query_one("#form-keys", Static).update(_keys(come=come))


def _state(awaited: AwaitedPi, pi: "PiView | None", problem: str, waited: str) -> tuple[str, Style]:
    """How it stands, in one sentence."""
    if pi is None and problem:
        return f"▲ {safe(problem)}", WARN
    if pi is None:
        return f"◌ Nothing of that name is there yet, after {waited}.", PLAIN
    where = f"{awaited.name} is at {safe(pi.address)}"
    if lets_in(pi):
        return f"◉ {where}, and lets squarm in as {awaited.user}.", GOOD
    if pi.key_changed:
        return f"▲ {where} with a new host key: Esc, then a on its row, to accept that.", WARN
    return f"○ {where}; it does not let squarm in yet, its first boot goes on.", PLAIN


def _keys(*, come: bool) -> Text:
    keys = (
        (("p", "provision it"), ("Esc", "later")) if come else (("Esc", "wait beside other work"),)
    )
    return Text.assemble(*(part for k, w in keys for part in ((k, KEY), (f" {w}   ", DIM))))
