"""Ctrl-C, once: what is under way comes to an end of its own."""

import asyncio
import signal
import time
from collections.abc import Coroutine

INTERRUPTED = 130
"""The exit code, as shells have it."""
_SAME = 1.0
"""Seconds: `timeout` and terminals send a signal to the process and to its group, which is one."""


async def until_interrupted(work: Coroutine[object, object, int]) -> int:
    """The exit code of the work; SIGINT cancels it. Another one later leaves at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    first = 0.0

    def interrupt() -> None:
        nonlocal first
        if not first:
            first = time.monotonic()
            task.cancel()
        elif time.monotonic() - first > _SAME:
            raise KeyboardInterrupt

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        if not first:
            raise
        return INTERRUPTED
