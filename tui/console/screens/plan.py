"""Before provisioning: what was found, what will be done, and a few choices."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from base.errors import ProvisionError
from tui.console.panes.page import PagePane
from tui.console.render.plan_page import choice_lines, plan_page
from tui.console.render.spans import Line
from tui.console.render.theme import BAD, DIM, GOOD, KEY, PLAIN, STRONG
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.workers import begin

if TYPE_CHECKING:
    from provision.prepare import Choice, Foreseen
    from provision.runs.view import RunView

_MANAGERS = (0, 3, 5)
Foresee = Callable[["Choice"], Awaitable["Foreseen"]]


class PlanScreen(PaneScreen):
    """Nothing is changed here: Enter begins, Esc goes back."""

    kind = "plan-screen"

    def __init__(self, choice: "Choice", foresee: Foresee) -> None:
        self.page = PagePane("plan", "Provision")
        super().__init__([self.page])
        self.choice = choice
        self.foreseen: Foreseen | None = None
        self._foresee = foresee
        self._problem = ""

    def on_mount(self) -> None:
        """Look at the machines."""
        super().on_mount()
        self.foresee_again()

    def foresee_again(self) -> None:
        """Look at the machines with the present choice."""
        self.foreseen, self._problem = None, ""
        self._show()
        begin(self, self._foresee_now, "plan", exclusive=True)

    async def _foresee_now(self) -> None:
        try:
            self.foreseen = await self._foresee(self.choice)
        except ProvisionError as error:
            self._problem = str(error)
        self._show()

    def change_master(self) -> None:
        """This machine, or the first of the Pis; only where no swarm was made yet."""
        if self.foreseen is None or not self.foreseen.first or not self.choice.pis:
            return
        here = not self.choice.here
        first = "" if here else self.choice.pis[0]
        self.choice = replace(self.choice, here=here, master_pi=first)
        self.foresee_again()

    def change_managers(self) -> None:
        """As they are, three, or five."""
        after = _MANAGERS[(_MANAGERS.index(self.choice.managers) + 1) % len(_MANAGERS)]
        self.choice = replace(self.choice, managers=after)
        self.foresee_again()

    def change_passwords(self) -> None:
        """Leave SSH passwords on, or turn them off."""
        self.choice = replace(self.choice, keep_passwords=not self.choice.keep_passwords)
        self._show()

    def change_packages(self) -> None:
        """Bring packages up to date, or leave them."""
        self.choice = replace(self.choice, update_packages=not self.choice.update_packages)
        self._show()

    def rehearsed(self, view: "RunView") -> None:
        """A run in check mode has ended: the plan can be told more sharply."""
        from provision.plan import plan

        if self.foreseen is not None:
            sharper = plan(self.foreseen.flight, view)
            self.foreseen = replace(self.foreseen, plan=sharper)
            if self.is_whole:
                self._show()

    def _show(self) -> None:
        self.page.show(self._lines())
        self.show_footer()

    def _lines(self) -> list[Line]:
        if self._problem:
            return [[], [("✗ ", BAD), (self._problem, BAD)]]
        if self.foreseen is None:
            count = len(self.choice.pis) + self.choice.here
            machines = "1 machine" if count == 1 else f"{count} machines"
            return [[], [(f"Looking at {machines}: nothing is changed yet …", DIM)]]
        plan = self.foreseen.plan
        ready = len(plan.hosts)
        if not ready:
            head: Line = [("✗ ", BAD), ("Nothing can be provisioned yet.", STRONG)]
        else:
            what = "1 machine is" if ready == 1 else f"{ready} machines are"
            head = [(f"{what} ready. ", STRONG), ("Enter", KEY), (" begins, ", PLAIN),
                    ("t", KEY), (" has Ansible rehearse it first.", PLAIN)]  # fmt: skip
        rehearsed = any(step.rehearsed for host in plan.hosts for step in host.steps)
        told: list[Line] = [[("✓ Ansible rehearsed it.", GOOD)]] if rehearsed else []
        options = choice_lines(self.choice, first=self.foreseen.first)
        return [head, *told, [], *options, *plan_page(plan)]
