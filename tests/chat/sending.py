"""Drains outboxes, each in a process of its own, which may be killed at any of its steps.

Each line on standard input, `SETTINGS OUTBOX [STEP]`, is one run: with STEP the process sends
itself SIGKILL there. A step is each moment before and after a write to the outbox and a call to
Slack. How it ended is printed: -9 for killed.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from base.redaction import Redactor
from chat.outbox.delivery import Delivery
from chat.outbox.outbox import ItemState, Outbox
from chat.outbox.web_api import BotTransport
from chat.settings import load
from tests.waiting import until


def mortal(step: int) -> None:
    """From now on the process dies at its step number `step`."""
    steps = itertools.count(1)

    def pass_by() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    write: Callable[..., None] = Outbox._update
    call: Callable[..., Awaitable[Any]] = BotTransport.call

    def write_or_die(outbox: Outbox, *values: object) -> None:
        pass_by()
        write(outbox, *values)
        pass_by()

    async def call_or_die(transport: BotTransport, *values: object, **named: object) -> object:
        pass_by()
        answer = await call(transport, *values, **named)
        pass_by()
        return answer

    Outbox._update = write_or_die  # type: ignore[method-assign,assignment] # the real one, between two graves
    BotTransport.call = call_or_die  # type: ignore[method-assign,assignment] # as above


async def drain(settings: Path, file: Path) -> None:
    """Send until nothing waits."""
    said = load(settings)
    assert said is not None
    outbox, transport = Outbox(file, Redactor(said.secrets)), BotTransport(said)
    sending = asyncio.create_task(Delivery(outbox, transport, said.seconds_between, 0.1).run())

    def over() -> bool:
        assert not sending.done()
        return not outbox.counts().keys() & {ItemState.WAITING, ItemState.SENDING}

    await until(over, 60)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await transport.close()
    outbox.close()


def fork(words: list[str]) -> int:
    """One run; the imports, which take a second, are done once for all."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        if len(words) > 2:
            mortal(int(words[2]))
        asyncio.run(drain(Path(words[0]), Path(words[1])))
        os._exit(0)
    finally:
        os._exit(1)


if __name__ == "__main__":
    for line in sys.stdin:
        print(fork(line.split()), flush=True)
