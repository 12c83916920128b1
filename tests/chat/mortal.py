"""Runs in processes of their own, which may be killed at any of their steps.

Each line on standard input, `SETTINGS FILE [STEP]`, is one run: with STEP the process sends itself
SIGKILL there. How it ended is printed: -9 for killed.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from chat.outbox.web_api import BotTransport


def steps_to(step: int) -> Callable[[], None]:
    """What is called at each step; the process dies at its step number `step`."""
    steps = itertools.count(1)

    def pass_by() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


def calls_pass_by(pass_by: Callable[[], None], *, before: bool) -> None:
    """Have each call to Slack be a step when it is over, and, if so wanted, `before`, too."""
    call: Callable[..., Awaitable[Any]] = BotTransport.call

    async def call_or_die(transport: BotTransport, *values: object, **named: object) -> object:
        if before:
            pass_by()
        answer = await call(transport, *values, **named)
        pass_by()
        return answer

    BotTransport.call = call_or_die  # type: ignore[method-assign,assignment] # the real one, between two graves


def serve(
    work: Callable[[Path, Path], Coroutine[None, None, None]], mortal: Callable[[int], None]
) -> None:
    """One run a line; the imports, which take a second, are done once for all."""
    for line in sys.stdin:
        print(_fork(work, mortal, line.split()), flush=True)


def _fork(
    work: Callable[[Path, Path], Coroutine[None, None, None]],
    mortal: Callable[[int], None],
    words: list[str],
) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        if len(words) > 2:
            mortal(int(words[2]))
        asyncio.run(work(Path(words[0]), Path(words[1])))
        os._exit(0)
    finally:
        os._exit(1)
