"""An outbox that is drained to a Slack of our own, here or in a process that may die."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from base.redaction import Redactor
from chat.message import Message, Paragraph
from chat.outbox.delivery import Delivery
from chat.outbox.items import ItemState, OutboxItem
from chat.outbox.outbox import Outbox
from chat.outbox.transport import Transport
from chat.outbox.web_api import BotTransport
from chat.settings import Settings, load
from lab.slack.server import Mood, Slack

ROOM = "C0SQUARM1"
GONE = Mood(hang_up=True)
"""The line breaks, and nothing was done."""
GONE_AFTER = Mood(hang_up=True, done_before=True)
"""The message is posted, and the line breaks before Slack can say so."""


def words(text: str) -> Message:
    return (Paragraph(text),)


def settings_for(slack: Slack, folder: Path, **more: object) -> Settings:
    file = folder / "slack.toml"
    file.write_text(slack.settings(**more))
    file.chmod(0o600)
    found = load(file)
    assert found is not None
    return found


@asynccontextmanager
async def sending(
    outbox: Outbox, transport: Transport, between: float = 0.01, first_wait: float = 0.05
) -> AsyncIterator[Delivery]:
    delivery = Delivery(outbox, transport, between, first_wait)
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await transport.close()


def settled(outbox: Outbox) -> Callable[[], bool]:
    def nothing_waits() -> bool:
        counts = outbox.counts()
        return not counts.get(ItemState.WAITING) and not counts.get(ItemState.SENDING)

    return nothing_waits


def entry(outbox: Outbox, number: int) -> OutboxItem:
    found = outbox.entry(number)
    assert found is not None
    return found


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite3", Redactor())


@pytest.fixture
def transport(slack: Slack, tmp_path: Path) -> BotTransport:
    return BotTransport(settings_for(slack, tmp_path))


async def start_runner(module: str = "tests.chat.sending") -> Callable[..., Awaitable[int]]:
    """What runs a module with some arguments, and says how it ended."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    async def run(*arguments: object) -> int:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(" ".join(map(str, arguments)).encode() + b"\n")
        return int(await asyncio.wait_for(server.stdout.readline(), 120))

    return run
