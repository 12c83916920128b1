"""Works on what was asked, each time in a process of its own, which may be killed at any step.

Each line on standard input, `SETTINGS FOLDER [STEP]`, is one run: with STEP the process sends
itself SIGKILL there. A step is each moment after a change of the outbox's file or a call to Slack:
until the next one nothing happens that would last. How it ended is printed: -9 for killed.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from base.redaction import Redactor
from chat.bot.admission import Admission
from chat.bot.answers import Answers
from chat.bot.request_worker import RequestWorker
from chat.bot.requests import Requests
from chat.bot.searches import Searches
from chat.outbox.delivery import Delivery
from chat.outbox.outbox import ItemState, Outbox
from chat.outbox.web_api import BotTransport
from chat.settings import load
from results.store import Store
from tests.waiting import until

_CHANGES = (Outbox, Requests)


def mortal(step: int) -> None:
    """From now on the process dies at its step number `step`."""
    steps = itertools.count(1)

    def pass_by() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for kind in _CHANGES:
        change: Callable[..., Any] = kind._transaction

        @contextmanager
        def change_or_die(self: object, change: Callable[..., Any] = change) -> Iterator[Any]:
            with change(self) as file:
                yield file
            pass_by()

        kind._transaction = change_or_die  # type: ignore[method-assign] # the real one, between two graves
    call: Callable[..., Awaitable[Any]] = BotTransport.call

    async def call_or_die(transport: BotTransport, *values: object, **named: object) -> object:
        answer = await call(transport, *values, **named)
        pass_by()
        return answer

    BotTransport.call = call_or_die  # type: ignore[method-assign,assignment] # as above


async def work(settings: Path, folder: Path) -> None:
    """Answer and send until nothing is left."""
    said = load(settings)
    assert said is not None
    outbox, transport = Outbox(folder / "outbox.sqlite3", Redactor()), BotTransport(said)
    requests = Requests(outbox.path, Redactor())
    delivery = Delivery(outbox, transport, said.seconds_between, 0.1)
    admission, answers = Admission(said, transport), Answers(outbox, requests)
    with Store.open(folder / "results.sqlite3") as store:
        searches = Searches(
            answers, requests, store, said, lambda: None, lambda: None, read_only=True
        )
        worker = RequestWorker(
            answers, requests, searches, admission, transport.file_text, store, delivery.nudge
        )
        runs = [asyncio.create_task(one.run()) for one in (admission, worker, delivery)]

        def over() -> bool:
            assert not any(run.done() for run in runs)
            waits = outbox.counts().keys() & {ItemState.WAITING, ItemState.SENDING}
            return not waits and not requests.open()

        await until(over, 60)
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
    await transport.close()
    requests.close()
    outbox.close()


def fork(words: list[str]) -> int:
    """One run; the imports, which take a second, are done once for all."""
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


if __name__ == "__main__":
    for line in sys.stdin:
        print(fork(line.split()), flush=True)
