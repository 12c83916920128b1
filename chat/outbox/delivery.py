"""Drains the outbox: one lane a channel, at Slack's pace, never one message twice."""

import asyncio
import logging
import random
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial

from base.errors import ChatError
from chat.errors import Barred, Faulty, Later, PictureNotReady, Refused, Unsure
from chat.outbox.outbox import NO_PICTURE, Letter, Outbox
from chat.outbox.transport import Transport

_LOOK = 1.0
"""Seconds between looks at what other processes have put."""
_FIRST = 1.0
_SLOWEST = 300.0
_BARRED = 60.0
_FAULTS = 12
"""Attempts after which an error of Slack's own makes a message count as failed."""
_PICTURE_TRIES = 6
"""Then the message goes without it."""
_TIDY = 3600.0
_LOG = logging.getLogger(__name__)


class Delivery:
    """Sends what waits. `seconds_between`: between two messages to one channel."""

    def __init__(
        self,
        outbox: Outbox,
        transport: Transport,
        seconds_between: float = 1.0,
        first_wait: float = _FIRST,
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._between = seconds_between
        self._first = first_wait
        self._free: dict[str, float] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._unready: dict[int, int] = {}
        self._nudged = asyncio.Event()
        self.problem = ""

    def nudge(self) -> None:
        """Something was put: look now, not at the next second."""
        self._nudged.set()

    async def run(self) -> None:
        """Send until cancelled; where another process sends, wait until it is gone."""
        while True:
            with self._outbox.draining() as ours:
                if ours:
                    await self._drain()
            await asyncio.sleep(_LOOK)

    async def send_now(self, number: int, patience: float) -> bool:
        """Wait until one message is sent, sending it where nobody else does; False: it waits."""
        draining = asyncio.create_task(self.run())
        try:
            async with asyncio.timeout(patience):
                while True:
                    entry = await asyncio.to_thread(self._outbox.entry, number)
                    if entry is None or entry.state not in ("waiting", "sending"):
                        return entry is not None and entry.state == "sent"
                    if draining.done():
                        draining.result()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        finally:
            draining.cancel()
            with suppress(asyncio.CancelledError):
                await draining

    async def _drain(self) -> None:
        tidied = -_TIDY
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    if time.monotonic() - tidied >= _TIDY:
                        await asyncio.to_thread(self._outbox.tidy)
                        tidied = time.monotonic()
                    channels = await asyncio.to_thread(self._outbox.lanes)
                except ChatError as error:
                    self.problem = str(error)
                    channels = ()
                for channel in channels:
                    if channel not in self._lanes:
                        lane = group.create_task(self._lane(channel))
                        self._lanes[channel] = lane
                        lane.add_done_callback(partial(self._lane_ended, channel))
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK):
                        await self._nudged.wait()
                self._nudged.clear()

    async def _lane(self, channel: str) -> None:
        """Sends what waits for one channel, in order, until nothing does."""
        while True:
            try:
                letter = await asyncio.to_thread(self._outbox.head, channel)
                if letter is None:
                    return
                if (wait := self._wait(letter)) > 0:
                    # Not longer: somebody may retry or drop it meanwhile.
                    await asyncio.sleep(min(wait, _LOOK))
                    continue
                self._free[channel] = time.monotonic() + self._between
                await self._deliver(letter)
            except ChatError as error:
                # Its file cannot be read or written: nothing is sent that could not be noted.
                self.problem = str(error)
                await asyncio.sleep(_LOOK)

    def _lane_ended(self, channel: str, _lane: "asyncio.Task[None]") -> None:
        del self._lanes[channel]

    def _wait(self, letter: Letter) -> float:
        """Seconds until a letter may leave."""
        pace = self._free.get(letter.channel, 0.0) - time.monotonic()
        return max(letter.due - time.time(), pace)

    async def _deliver(self, letter: Letter) -> None:
        """Takes a letter to Slack; each step is on the disk before the next one is taken."""
        outbox, number = self._outbox, letter.id
        # Until Slack has been asked, an attempt that was cut short may have arrived.
        unsure = letter.tried > 0
        try:
            if unsure and not letter.edits and (found := await self._transport.find(letter)):
                await asyncio.to_thread(outbox.sent, number, found.place, found.stamp)
                return
            if (picture := letter.sealed.picture) and not letter.picture:
                uploaded = await self._transport.upload(picture) or NO_PICTURE
                await asyncio.to_thread(outbox.keep_picture, number, uploaded)
                letter = replace(letter, picture=uploaded)
            await asyncio.to_thread(outbox.leaving, number)
            unsure = False
            arrived = await self._transport.post(letter)
        except ChatError as error:
            self.problem = str(error)
            unsure = unsure or isinstance(error, Unsure)
            await asyncio.to_thread(self._put_off, letter, error, unsure=unsure)
        else:
            self.problem = ""
            _LOG.info("message %d is sent", number)
            self._unready.pop(number, None)
            await asyncio.to_thread(outbox.sent, number, arrived.place, arrived.stamp)

    def _put_off(self, letter: Letter, error: ChatError, *, unsure: bool) -> None:
        """What follows from a failed attempt."""
        _LOG.warning("message %d: %s", letter.id, error)
        if isinstance(error, Refused) or (isinstance(error, Faulty) and letter.attempts > _FAULTS):
            self._outbox.fail(letter.id, str(error))
            return
        wait = min(self._first * 2 ** min(letter.attempts, 20), _SLOWEST)
        wait *= random.uniform(0.8, 1.2)  # noqa: S311 - only to spread retries
        if isinstance(error, Barred):
            wait = _BARRED
        elif isinstance(error, Later) and error.seconds:
            wait = error.seconds
        elif isinstance(error, PictureNotReady):
            wait = self._first
            tries = self._unready[letter.id] = self._unready.get(letter.id, 0) + 1
            if tries >= _PICTURE_TRIES:
                self._outbox.keep_picture(letter.id, NO_PICTURE)
        lane = self._free.get(letter.channel, 0.0)
        self._free[letter.channel] = max(lane, time.monotonic() + wait)
        self._outbox.put_off(letter.id, str(error), time.time() + wait, unsure=unsure)
