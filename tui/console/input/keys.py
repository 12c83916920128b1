"""Keys that were typed and are still on their way."""

import asyncio

from textual.message_pump import MessagePump


async def settled(*pumps: MessagePump) -> None:
    """Wait until each of these, one after the other, has answered all that it had been sent."""
    for pump in pumps:
        there = asyncio.Event()
        if pump.call_later(there.set):
            await there.wait()
