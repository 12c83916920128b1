"""What every screen and every question is: laid out once for a size, and keys come in between."""

import asyncio
from typing import TypeVar

from textual import events
from textual.screen import Screen

Answer = TypeVar("Answer")


class ConsoleScreen(Screen[Answer]):
    """A screen that holds the event loop no longer than one of its events takes."""

    async def on_event(self, event: events.Event) -> None:
        """Textual goes on to the next event at once: keys of the terminal would wait for all."""
        if isinstance(event, events.ScreenResume):
            # Each widget got its styles when it was mounted.
            event.refresh_styles = False
        await super().on_event(event)
        await asyncio.sleep(0)

    def on_resize(self, event: events.Resize) -> None:
        """Not laid out again for being told the size that it was just laid out for."""
        if event.size == self._compositor.size:
            event.prevent_default()
