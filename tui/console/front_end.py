"""The console as a front end: what it asks and shows while something is changed."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual.app import App

from operations.operation import Caution, Operation, Step
from tui.console.screens.dialogs import Confirm


class ConsoleFrontEnd:
    """The person at this terminal. `tell` shows how far the change of a target is.

    `asked` is set once a question stands on the screen, or will not: keys wait for that.
    """

    who: ClassVar[str] = ""

    def __init__(self, app: App[int], tell: Callable[[str, str], None]) -> None:
        self.asked = asyncio.Event()
        self._app = app
        self._tell = tell

    async def confirm(self, caution: Caution) -> bool:
        """Ask in a dialog, the safe answer first."""
        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        await self._app.push_screen(Confirm(caution), answer.set_result)
        self.asked.set()
        return bool(await answer)

    def show(self, operation: Operation[object], step: Step) -> None:
        """A sentence below its row."""
        self._tell(operation.target, str(step))
