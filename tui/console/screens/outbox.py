"""The outbox to Slack, read again each second."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from base.errors import ChatError
from tui.console.panes.outbox import OutboxPane
from tui.console.screens.pane_screen import PaneScreen

if TYPE_CHECKING:
    from chat.outbox.outbox import OutboxItem


class OutboxScreen(PaneScreen):
    """What waits can be tried again, or dropped. `read` gives it, or raises ChatError."""

    kind = "outbox-screen"

    def __init__(self, read: "Callable[[], Awaitable[Sequence[OutboxItem]]]") -> None:
        self.outbox = OutboxPane()
        super().__init__([self.outbox])
        self._read = read

    def on_mount(self) -> None:
        """Read it, again and again."""
        super().on_mount()
        self.run_worker(self._follow(), group="outbox")

    async def _follow(self) -> None:
        while True:
            try:
                self.outbox.show(await self._read())
            except ChatError as error:
                self.context.say(str(error), "error")
                return
            self.show_footer()
            await asyncio.sleep(1)
