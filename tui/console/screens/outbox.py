"""The outbox to Slack, looked at again each second."""

import asyncio

from base.errors import ChatError
from tui.console.panes.outbox import OutboxPane
from tui.console.screens.board import Board
from tui.console.slack import Slack


class OutboxBoard(Board):
    """What waits can be tried again, or dropped."""

    kind = "outbox-screen"

    def __init__(self, slack: Slack) -> None:
        self.outbox = OutboxPane()
        super().__init__([self.outbox])
        self._slack = slack

    def on_mount(self) -> None:
        """Look, again and again."""
        super().on_mount()
        self.run_worker(self._look(), group="outbox")

    async def _look(self) -> None:
        while True:
            try:
                self.outbox.show(await self._slack.entries())
            except ChatError as error:
                self.console_app.say(str(error), "error")
                return
            self.show_footer()
            await asyncio.sleep(1)
