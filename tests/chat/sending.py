"""Drains outboxes, in processes that may be killed at any step (tests.chat.mortal).

A step is each moment before and after a write to the outbox and a call to Slack.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from base.redaction import Redactor
from chat.outbox.delivery import Delivery
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from chat.outbox.web_api import BotTransport
from chat.settings import load
from tests.chat.mortal import calls_pass_by, serve, steps_to
from tests.waiting import until


def mortal(step: int) -> None:
    """From now on the process dies at its step number `step`."""
    pass_by = steps_to(step)
    write: Callable[..., None] = Outbox._update

    def write_or_die(outbox: Outbox, *values: object) -> None:
        pass_by()
        write(outbox, *values)
        pass_by()

    Outbox._update = write_or_die  # type: ignore[method-assign,assignment] # the real one, between two graves
    calls_pass_by(pass_by, before=True)


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


if __name__ == "__main__":
    serve(drain, mortal)
