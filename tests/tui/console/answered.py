"""Waiting until a console has answered what was asked of it, and has shown it.

Textual's pilot waits until the process does little, some forty milliseconds a key: most of what
the tests took. An event loop knows when it has nothing left to do.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tests.waiting import settled

if TYPE_CHECKING:
    from tui.console.terminal.app import TerminalApp

P = ParamSpec("P")
T = TypeVar("T")
_MOST = 1.0
"""Seconds for threads: no longer than the pilot waits, for some are held up on purpose."""


class Threads(ThreadPoolExecutor):
    """An event loop's threads, and what they are about."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: set[Future[Any]] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future = super().submit(fn, *args, **kwargs)
        self.under_way.add(future)
        future.add_done_callback(self.under_way.discard)
        return future


async def answered(app: "TerminalApp", threads: Threads) -> None:
    """Wait until all is done and painted but for what takes time, other processes or machines."""
    while True:
        await settled()
        if not _paint(app) and not await _thread_ended(threads):
            return


def _paint(app: "TerminalApp") -> bool:
    """Paint now what the next frame would; whether there was any."""
    if app.leaving:
        return False
    screen = app.screen
    due = (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
    with app._context():
        screen._on_timer_update()
    return bool(due)


async def _thread_ended(threads: Threads) -> bool:
    """Wait for a thread, and whether one ended: it may have brought more to do."""
    # A copy, for a thread that ends takes itself out.
    waiting = [asyncio.wrap_future(each) for each in threads.under_way.copy()]
    if not waiting:
        return False
    done, _ = await asyncio.wait(waiting, timeout=_MOST, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)
