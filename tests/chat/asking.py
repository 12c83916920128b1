"""Works on what was asked, in processes that may be killed at any step (tests.chat.mortal).

A step is each moment after a change of the outbox's file or a call to Slack: until the next one
nothing happens that would last.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
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
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from chat.outbox.web_api import BotTransport
from chat.settings import load
from results.reports import Snapshot
from results.store import Store
from tests.chat.mortal import calls_pass_by, serve, steps_to
from tests.waiting import until

_CHANGES = (Outbox, Requests)


def mortal(step: int) -> None:
    """From now on the process dies at its step number `step`."""
    pass_by = steps_to(step)
    for kind in _CHANGES:
        change: Callable[..., Any] = kind._transaction

        @contextmanager
        def change_or_die(self: object, change: Callable[..., Any] = change) -> Iterator[Any]:
            with change(self) as file:
                yield file
            pass_by()

        kind._transaction = change_or_die  # type: ignore[method-assign] # the real one, between two graves
    calls_pass_by(pass_by, before=False)


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
        # As the daemon's first look at the swarm gives it.
        worker.see(Snapshot("local", "here", (), (), 0, time.time()))
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


if __name__ == "__main__":
    serve(work, mortal)
