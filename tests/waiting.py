"""Waiting for what another process, thread or machine will bring about."""

import asyncio
import inspect
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

_EVERY = 0.02


async def until(
    condition: Callable[[], object | Awaitable[object]],
    seconds: float = 120.0,
    shown: Callable[[], object] = lambda: "",
) -> float:
    """Wait until it holds, and the seconds that took; fails after so many, with what is `shown`."""
    began = time.monotonic()
    while True:
        holds = condition()
        if await holds if inspect.isawaitable(holds) else holds:
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, _in_vain(seconds, shown)
        await asyncio.sleep(_EVERY)


async def settled() -> None:
    """Wait until all on this event loop waits for time, threads or others.

    Textual's pilot waits until the process is idle, for which it takes one that gets no processor.
    """
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready:  # type: ignore[attr-defined] # noqa: ASYNC110 - it has no public name
        await asyncio.sleep(0)


def answers(address: str, port: int) -> bool:
    """Whether something listens there."""
    with suppress(OSError), socket.create_connection((address, port), 0.5):
        return True
    return False


def answers_at(path: Path) -> bool:
    """Whether something listens at a Unix socket, which is there a moment before anybody does."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        return True
    return False


def wait_until(
    condition: Callable[[], object],
    seconds: float = 120.0,
    shown: Callable[[], object] = lambda: "",
) -> None:
    """The same where nothing else is to go on meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, _in_vain(seconds, shown)
        time.sleep(_EVERY)


def _in_vain(seconds: float, shown: Callable[[], object]) -> str:
    return f"it did not come about within {seconds:g} s\n{shown()}".strip()
