"""What every full screen is: facts above, panes between, keys or a prompt below."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, cast

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from base.errors import UsageError
from results.reports import JobRow
from swarm.engine import JobState
from tui.console.actions import Need, footer_actions
from tui.console.context import Context
from tui.console.history import PromptKind
from tui.console.input.prompt import Prompt, PromptField
from tui.console.node_row import NodeRow
from tui.console.panes.bars import Footer, Header
from tui.console.panes.log import LogPane
from tui.console.panes.pane import Pane
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.render.bars import header_facts
from tui.console.render.spans import wrap
from tui.console.render.theme import ACCENT, BRIGHT, QUIET, WARN
from tui.console.screens.console_screen import ConsoleScreen

WIDE = (120, 32)
"""From this size on all panes are shown at once; below, one large and one small."""
GALLERY_COLUMNS = {2: 66, 3: 98, 4: 130}
"""Width of a pane that shows so many squares of order 10 side by side."""


class Columns(Horizontal):
    """What the columns stand in; nothing of it shows, and painting that line by line takes long."""

    BLANK = True


class PaneColumn(Vertical):
    """Panes above each other; nothing of it shows between them."""

    BLANK = True


class PaneScreen(ConsoleScreen[None], inherit_bindings=False):
    """Panes in two columns, and across both above them, where there is room.

    Elsewhere the chosen pane and a companion below it: `companions` names, for each pane, the
    small one shown with it, and its height.
    """

    AUTO_FOCUS = ""
    BLANK = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter_prompt", show=False, priority=True),
        Binding("escape", "leave_prompt", show=False, priority=True),
    ]

    kind = ""
    companions: Mapping[str, tuple[str, int]] = {}
    wide_from = WIDE

    def __init__(
        self, left: Sequence[Pane], right: Sequence[Pane] = (), top: Sequence[Pane] = ()
    ) -> None:
        super().__init__()
        self.columns = {"#top": top, "#left": left, "#right": right}
        self.panes = (*top, *left, *right)
        self.chosen = self.panes[0]
        self.zoomed = False
        """Whether the chosen pane has the screen for itself."""
        self.closing = False
        """Whether it is to go as soon as it is in front."""
        self._arranged: object = None
        self._notice: list[str] = []

    @property
    def context(self) -> Context:
        """The application, as far as it is a screen's business."""
        return cast("Context", self.app)

    def compose(self) -> ComposeResult:
        """Lines above and below, panes between."""
        yield Header()
        yield Static(id="notice", markup=False)
        yield from self.preface()
        with Columns(id="panes"):
            for column, panes in self.columns.items():
                if panes:
                    yield PaneColumn(*panes, id=column[1:])
        yield Prompt(self._complete, self.context.history)
        yield Footer()

    def preface(self) -> Sequence[Widget]:
        """What stands between the header and the panes."""
        return ()

    def preface_height(self) -> int:
        """How many lines the notice and the preface take."""
        return len(self._notice)

    def on_mount(self) -> None:
        """Fill the panes with what is known by now."""
        self.set_focus(self.chosen)
        self.show_all()

    def on_screen_suspend(self) -> None:
        """Its notes are shown in front; in a picture behind a question they would stand twice."""
        self.query("#textual-toastrack").set(display=False)

    def on_screen_resume(self) -> None:
        """What came while another screen was in front."""
        if self.closing:
            self.app.pop_screen()
        elif self.is_whole:
            self.show_all()

    @property
    def is_whole(self) -> bool:
        """Whether its widgets are there: not yet before it is composed, no more while it closes."""
        return self.is_mounted and bool(self.query(Header))

    def show_all(self) -> None:
        """Show everything known."""
        self.show_header()
        self.show_snapshot()
        self.show_lines()
        self.show_squares()
        self.show_footer()

    def show_header(self) -> None:
        """The facts, and the sentences below them."""
        context = self.context
        facts = header_facts(
            context.model.snapshot,
            context.now(),
            read_only=context.read_only,
            compiled=not context.solver_note,
            run=context.run_under_way,
            awaited=len(context.model.awaited),
            line_slow=context.line_slow,
        )
        self.query_one(Header).show(facts)
        room = self.size.width - 2
        lines = [line for text in context.notices() for line in wrap(f"▲ {text}", room)]
        if lines != self._notice:
            self._notice = lines
            notice = self.query_one("#notice", Static)
            notice.update(Text("\n".join(lines), style=WARN))
            notice.display = bool(lines)
        self.fit_panes()

    def show_snapshot(self) -> None:
        """A new snapshot has come."""

    def show_lines(self) -> None:
        """New lines have come."""
        for pane in self.panes:
            if isinstance(pane, LogPane):
                pane.take()

    def show_squares(self) -> None:
        """New squares have come."""
        model = self.context.model
        kept = model.snapshot.kept if model.snapshot else 0
        for pane in self.panes:
            if isinstance(pane, SquaresPane):
                pane.show(model.squares, kept)
        self.fit_panes()

    @property
    def where(self) -> frozenset[str]:
        """The names of this screen and of its chosen pane: where actions apply."""
        return frozenset({self.kind, str(self.chosen.name)})

    def choose(self, pane: Pane) -> None:
        """Bring a pane to the front and give it the keys."""
        self.chosen = pane
        self.fit_panes()
        self.set_focus(pane)

    def choose_next(self, step: int) -> None:
        """The next pane, or the one before."""
        index = self.panes.index(self.chosen)
        self.choose(self.panes[(index + step) % len(self.panes)])

    def pane(self, name: str) -> Pane:
        """A pane by its name."""
        return next(pane for pane in self.panes if pane.name == name)

    def on_resize(self, _event: events.Resize) -> None:
        """What is shown depends on the size."""
        self.fit_panes()

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Pane):
            self.chosen = event.widget
            self.fit_panes()
            self.show_footer()

    def show_footer(self) -> None:
        """The keys that do something here, and what is being done."""
        if not self.is_whole:
            return
        read_only = self.context.read_only
        offered = footer_actions(self.where, met=self.needs_met(), read_only=read_only)
        self.query_one(Footer).show(offered, self.context.under_way)

    def needs_met(self) -> set[Need]:
        """What actions need, and is so here."""
        job = self.job_at_hand()
        state = job.job.state if job else None
        node = self.node_at_hand()
        pi = node.pi if node else None
        chosen = self.chosen.count() > 0 and not self.chosen.lost
        needs = {
            Need.PI: pi is not None,
            Need.NODE: node is not None and node.node is not None and self.context.model.on_swarm,
            Need.PI_WITHOUT_LOGIN: pi is not None and pi.sample is None and not pi.key_changed,
            Need.PI_WITH_NEW_KEY: pi is not None and pi.key_changed,
            Need.JOB: job is not None,
            Need.LIVE_JOB: state is not None and state.live,
            Need.ENDED_JOB: state is not None and not state.live,
            Need.INTERRUPTED_JOB: state is JobState.INTERRUPTED,
            Need.ITEM: self.chosen.count() > 0 or bool(self.chosen.needle),
            Need.CHOSEN: chosen,
            Need.AT_HAND: chosen or job is not None or node is not None,
            Need.WAY_BACK: self.chosen.narrowed or self.app.screen_stack[0] is not self,
        }
        return {need for need, holds in needs.items() if holds}

    def job_at_hand(self) -> JobRow | None:
        """The job that keys mean here."""
        return None

    def node_at_hand(self) -> NodeRow | None:
        """The machine that keys mean here."""
        return None

    def fit_panes(self) -> None:
        """Show the panes that there is room for."""
        width, height = self.size
        wide = width >= self.wide_from[0] and height >= self.wide_from[1] and not self.zoomed
        fixed = self.fixed_heights() if wide else self._companion()
        plan = (wide, width, height, self.chosen.name, self.preface_height(), fixed)
        if plan == self._arranged or not self.is_whole:
            return
        self._arranged = plan
        self.query_one("#panes").set_class(not wide, "-narrow")
        with self.app.batch_update():
            if wide:
                self._fit_wide(width)
            else:
                self._fit_narrow(height - 2 - self.preface_height())
        self.show_footer()

    def fixed_heights(self) -> Mapping[str, int] | None:
        """Heights, on a wide screen, of panes that need not grow."""
        return None

    def right_width(self, width: int) -> int:
        """How wide the right column is on a wide screen."""
        return gallery_width(width)

    def _fit_wide(self, width: int) -> None:
        fixed = self.fixed_heights() or {}
        for pane in self.panes:
            pane.display = True
            pane.tabs = ()
            pane.styles.height = fixed.get(str(pane.name), "1fr")
            pane.touch()
        for column, panes in self.columns.items():
            if panes:
                widget = self.query_one(column)
                widget.display = True
                widget.styles.width = self.right_width(width) if column == "#right" else None
                widget.styles.height = None

    def _fit_narrow(self, height: int) -> None:
        second, second_height = self._companion()
        if height < second_height + 7:
            second = ""
        for pane in self.panes:
            pane.display = pane is self.chosen or pane.name == second
            pane.styles.height = "1fr" if pane is self.chosen else second_height
            pane.tabs = self._tabs() if pane is self.chosen and len(self.panes) > 1 else ()
            pane.touch()
        for column, panes in self.columns.items():
            if panes:
                widget = self.query_one(column)
                widget.display = any(pane.display for pane in panes)
                widget.styles.width = "1fr"
                widget.styles.height = "1fr" if self.chosen in panes else "auto"

    def zoom(self) -> None:
        """The chosen pane alone, or with the others again."""
        self.zoomed = not self.zoomed
        self.fit_panes()

    def _companion(self) -> tuple[str, int]:
        if self.zoomed:
            return "", 0
        name, height = self.companions.get(str(self.chosen.name), ("", 0))
        pane = next((pane for pane in self.panes if pane.name == name), None)
        return name, pane.wanted_height if isinstance(pane, SquaresPane) else height

    def _tabs(self) -> list[tuple[str, str]]:
        tabs: list[tuple[str, str]] = []
        for pane in self.panes:
            style = f"bold {BRIGHT}" if pane is self.chosen else QUIET
            tabs += [(f"{pane.digit} ", f"bold {ACCENT}"), (f"{pane.title}  ", style)]
        return [*tabs[:-1], (self.panes[-1].title, tabs[-1][1])]

    def open_prompt(self, kind: PromptKind, text: str = "") -> None:
        """Have a filter or a command typed."""
        self.query_one(Footer).display = False
        self.query_one(Prompt).open(kind, text)

    def _close_prompt(self) -> None:
        self.query_one(Prompt).display = False
        self.query_one(Footer).display = True
        self.set_focus(self.chosen)
        self.show_footer()

    def _complete(self, line: str) -> list[str]:
        from tui.console.input.command_line import completions

        model = self.context.model
        return completions(line, model.snapshot, model.node_rows, self.chosen.endings)

    @on(Prompt.Changed)
    def _filter_typed(self) -> None:
        prompt = self.query_one(Prompt)
        # A message that was overtaken by Esc must not bring the filter back.
        if prompt.display and prompt.kind == "filter":
            self.chosen.set_filter(prompt.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter and Esc are the prompt's while it is typed into."""
        if action in ("enter_prompt", "leave_prompt"):
            return isinstance(self.focused, PromptField)
        return super().check_action(action, parameters)

    async def action_leave_prompt(self) -> None:
        """Away with what is typed, and with the filter."""
        prompt = self.query_one(Prompt)
        await prompt.settle()
        if prompt.kind == "filter":
            self.chosen.set_filter("")
        self._close_prompt()

    async def action_enter_prompt(self) -> None:
        """Do what is typed; the next key waits until that has been understood."""
        prompt = self.query_one(Prompt)
        await prompt.settle()
        prompt.remember()
        if prompt.kind == "filter":
            self.chosen.set_filter(prompt.text)
            self._close_prompt()
            return
        await self._obey(prompt)

    async def _obey(self, prompt: Prompt) -> None:
        from tui.console.input.command_line import parse

        try:
            call = parse(prompt.text)
        except UsageError as error:
            prompt.refuse(str(error))
            return
        self._close_prompt()
        if call is not None:
            await self.context.perform(call.action.id, call.argument)

    @on(Pane.Opened)
    async def _opened(self) -> None:
        await self._perform_here("open")

    async def _perform_here(self, action_id: str) -> None:
        # Not where the first of two clicks has opened something.
        if self.is_active:
            await self.context.perform(action_id)

    @on(Pane.TabPressed)
    def _tab_pressed(self, event: Pane.TabPressed) -> None:
        self.choose(self.panes[event.number])

    @on(Pane.Selected)
    def _selected(self, event: Pane.Selected) -> None:
        if event.text:
            self.context.copy(event.text)

    @on(Footer.Pressed)
    async def _footer_pressed(self, event: Footer.Pressed) -> None:
        await self._perform_here(event.action_id)

    @on(SquaresPane.WantsPage)
    def _wants_page(self, event: SquaresPane.WantsPage) -> None:
        pane = event.pane
        take = partial(pane.take_page, wanted=event)
        self.context.fetch_squares(take, pane.selection, event.before, event.after)


def gallery_width(width: int) -> int:
    """The right column's width: as many squares side by side as leave the left one readable."""
    for _, needed in sorted(GALLERY_COLUMNS.items(), reverse=True):
        if width - needed >= 54:
            return needed
    return width // 2
