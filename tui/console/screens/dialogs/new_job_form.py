"""The form for a new job: what cannot be run is said beside its field, what it costs below."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from base.text import age_text
from solver.question import HOPELESS
from swarm.job import JobSpec
from tui.console.input.field import FormLine, TextField
from tui.console.input.job_form import (
    FIELDS,
    Place,
    at_once,
    beyond,
    minutes,
    spec_from_texts,
    what_is_counted,
    wrong_fields,
)
from tui.console.render.spans import bytes_text, safe
from tui.console.render.theme import BAD, DIM, KEY, PLAIN, WARN
from tui.console.screens.dialogs.form import Form

_EMPTY = {"seed": "random", "mates": "auto", "where": "all nodes"}


class NewJobForm(Form[JobSpec | None]):
    """Enter starts from any field, Esc cancels."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False, priority=True),
        Binding("pagedown", "offer(1)", show=False, priority=True),
        Binding("pageup", "offer(-1)", show=False, priority=True),
    ]

    def __init__(self, texts: Mapping[str, str], place: Place, like: JobSpec | None = None) -> None:
        super().__init__()
        self._like = like
        self._lines = {
            field.name: FormLine(
                field.label,
                TextField(
                    texts[field.name],
                    f"field-{field.name}",
                    hint=_EMPTY.get(field.name, "none"),
                ),
                field.hint,
            )
            for field in FIELDS
        }
        self._place = place

    def compose(self) -> ComposeResult:
        """One line a field: label, field, hint."""
        with Vertical(classes="dialog", id="new-job") as dialog:
            dialog.border_title = "New job"
            with VerticalScroll(id="fields", can_focus=False):
                yield from self._lines.values()
            yield Static(id="summary", markup=False)
            yield Static(_keys(), id="form-keys", markup=False)

    def on_mount(self) -> None:
        """Show the hints, and begin at the order."""
        self._check()
        self.set_focus(self._lines["order"].field)

    async def action_submit(self) -> None:
        """Start what is filled in."""
        await self.settle()
        spec = self._check()
        if spec is not None:
            self.dismiss(spec)

    @on(TextField.Changed)
    def _changed(self) -> None:
        self._check(go_there=False)

    async def action_offer(self, step: int) -> None:
        """The next of the values that are usual in this field, or the one before."""
        await self.settle()
        focused = self.focused
        field = next((f for f in FIELDS if focused and focused.id == f"field-{f.name}"), None)
        if field is None or not field.usual or not isinstance(focused, TextField):
            return
        usual, now = field.usual, focused.value.strip()
        place = usual.index(now) + step if now in usual else min(0, step)
        focused.value = usual[place % len(usual)]
        focused.cursor_position = len(focused.value)

    def _check(self, *, go_there: bool = True) -> JobSpec | None:
        """The job, with what it costs below; None where something is wrong, said beside it."""
        summary = self.query_one("#summary", Static)
        texts = {name: line.field.value for name, line in self._lines.items()}
        wrong = wrong_fields(texts, self._like)
        self._hint(wrong)
        if wrong:
            summary.update(Text("▲ This makes no job yet.", style=WARN))
            if go_there:
                self.set_focus(self._lines[next(iter(wrong))].field)
            return None
        spec = spec_from_texts(texts, self._like)
        self._lines["count"].say(what_is_counted(spec))
        summary.update(_summary(spec, self._place))
        return spec

    def _hint(self, wrong: Mapping[str, str]) -> None:
        for field in FIELDS:
            line = self._lines[field.name]
            if field.name in wrong:
                line.say(f"✗ {safe(wrong[field.name])}", BAD)
            else:
                line.say(field.hint)
            line.field.set_class(field.name in wrong, "-wrong")


def _summary(spec: JobSpec, place: Place) -> Text:
    if spec.order in HOPELESS:
        sentence = f"Order {spec.order} has no pair: the job proves it by trying every square."
        return Text(sentence, style=PLAIN)
    together = at_once(spec)
    units = "1 unit" if spec.units == 1 else f"{spec.units} units, {together} at a time"
    text = Text(
        f"{_from_squares(spec)}{units} on {safe(place.name)}: "
        f"{together * spec.cpus:g} cpus and {bytes_text(together * spec.memory)} in all.",
        style=PLAIN,
    )
    if likely := minutes(spec, place):
        # A unit takes a moment to begin, however little it has to find.
        whole = age_text(max(1.0, likely * 60))
        text.append(f" About {whole}, as fast as the last job like it here.")
    if sentence := beyond(spec, place):
        text.append(f"\n▲ {sentence}", style=WARN)
    return text


def _from_squares(spec: JobSpec) -> str:
    """What a job goes by that carries squares, as a sentence before the others."""
    if not spec.question.squares:
        return ""
    if spec.question.count_mates:
        return "Counts every mate of the earlier job's square. "
    number = spec.question.squares.count(",") + 1
    return f"From the earlier job's {'square' if number == 1 else f'{number} squares'}. "


def _keys() -> Text:
    keys = (("Enter", "start"), ("Esc", "cancel"), ("Tab", "next field"), ("PgDn", "next value"))
    return Text.assemble(*(part for k, w in keys for part in ((k, KEY), (f" {w}   ", DIM))))
