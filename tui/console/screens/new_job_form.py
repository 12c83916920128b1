"""The form for a new job; what cannot be run is refused beside its field."""

from collections.abc import Mapping

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from solver.question import HOPELESS
from swarm.job import JobSpec, SpecError
from tui.console.input.field import TextField
from tui.console.input.job_form import FIELDS, spec_from_texts
from tui.console.render.spans import bytes_text, safe
from tui.console.render.theme import BAD, DIM, KEY, PLAIN
from tui.console.screens.form import Form


class NewJobForm(Form[JobSpec | None]):
    """Enter starts from any field, Esc cancels."""

    def __init__(self, texts: Mapping[str, str], place: str) -> None:
        super().__init__()
        self._texts = texts
        self._place = place
        self._refused = ""

    def compose(self) -> ComposeResult:
        """One line a field: label, field, hint."""
        with Vertical(classes="dialog", id="new-job") as dialog:
            dialog.border_title = "New job"
            with VerticalScroll(id="fields", can_focus=False):
                for field in FIELDS:
                    with Horizontal(classes="field"):
                        yield Static(field.label, classes="label", markup=False)
                        yield TextField(
                            self._texts[field.name],
                            f"field-{field.name}",
                            hint="random" if field.name == "seed" else "none",
                        )
                        yield Static(id=f"hint-{field.name}", classes="hint", markup=False)
            yield Static(id="summary", markup=False)
            yield Static(_keys(), id="form-keys", markup=False)

    def on_mount(self) -> None:
        """Show the hints, and begin at the order."""
        self._hint("", "")
        self._summarise()
        self.set_focus(self.query_one("#field-order"))

    def _read(self) -> JobSpec:
        texts = {f.name: self.query_one(f"#field-{f.name}", TextField).value for f in FIELDS}
        return spec_from_texts(texts)

    @on(TextField.Submitted)
    async def _submit(self) -> None:
        await self.settle()
        try:
            spec = self._read()
        except SpecError as error:
            self._refused = error.field
            self._hint(error.field, str(error))
            self.set_focus(self.query_one(f"#field-{error.field}"))
        else:
            self.dismiss(spec)

    @on(TextField.Changed)
    def _changed(self) -> None:
        if not self._refused:
            self._summarise()
            return
        try:
            self._read()
        except SpecError as error:
            self._hint(error.field, str(error))
            self._refused = error.field
        else:
            self._refused = ""
            self._hint("", "")
        self._summarise()

    def _hint(self, wrong: str, sentence: str) -> None:
        for field in FIELDS:
            hint = self.query_one(f"#hint-{field.name}", Static)
            if field.name == wrong:
                hint.update(Text(f"✗ {safe(sentence)}", style=BAD))
            else:
                hint.update(Text(field.hint, style=DIM))
            self.query_one(f"#field-{field.name}").set_class(field.name == wrong, "-wrong")

    def _summarise(self) -> None:
        try:
            text = _summary(self._read(), self._place)
        except SpecError:
            text = ""
        self.query_one("#summary", Static).update(Text(text, style=PLAIN))


def _summary(spec: JobSpec, place: str) -> str:
    if spec.order in HOPELESS:
        return f"Order {spec.order} has no pair: the job proves it by trying every square."
    at_once = min(spec.replicas, spec.units)
    units = "1 unit" if spec.units == 1 else f"{spec.units} units, {at_once} at a time"
    return (
        f"{units} on {safe(place)}: "
        f"{at_once * spec.cpus:g} cpus and {bytes_text(at_once * spec.memory)} in all."
    )


def _keys() -> Text:
    keys = (("Enter", "start"), ("Esc", "cancel"), ("Tab", "next field"))
    return Text.assemble(*(part for k, w in keys for part in ((k, KEY), (f" {w}   ", DIM))))
