"""The outbox to Slack, read again each second."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from base.errors import ChatError
from tui.console.panes.outbox import OutboxPane
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.workers import begin

if TYPE_CHECKING:
    from chat.outbox.items import OutboxItem


class OutboxScreen(PaneScreen):
    """What waits can be tried again, or dropped. `read` gives it, or raises ChatError.

    `problem` gives what is not well with whoever sends.
    """

    kind = "outbox-screen"

    def __init__(
        self,
        read: "Callable[[], Awaitable[Sequence[OutboxItem]]]",
        problem: Callable[[], Awaitable[str]],
    ) -> None:
        self.outbox = OutboxPane()
        super().__init__([self.outbox])
        self._read = read
        self._problem = problem

    def on_mount(self) -> None:
        """Read it, again and again."""
        super().on_mount()
        begin(self, self._follow, "outbox")

    async def _follow(self) -> None:
        told = ""
        while True:
            try:
                self.outbox.show(await self._read())
                problem = await self._problem()
                if problem and problem != told:
                    self.context.say(problem, "warning")
                told = problem
            except ChatError as error:
                self.context.say(str(error), "error")
                return
            self.show_footer()
            await asyncio.sleep(1)
