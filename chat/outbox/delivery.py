"""Drains the outbox: one lane a channel, at Slack's pace, never one message twice."""

import asyncio
import logging
import random
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from functools import partial

from base.errors import ChatError
from chat.errors import (
    Barred,
    LacksScope,
    Later,
    PictureNotReady,
    PictureNotTaken,
    Refused,
    Unsure,
)
from chat.outbox.file import draining
from chat.outbox.items import NO_PICTURE, Letter
from chat.outbox.outbox import Outbox
from chat.outbox.transport import Transport

_LOOK = 1.0
"""Seconds between looks at what other processes have put."""
_FIRST = 1.0
_SLOWEST = 300.0
"""The longest wait, in first waits."""
_BARRED = 60.0
_STUCK = 8
"""Attempts, some four minutes, after which others of its channel pass a message."""
_PASSED = 3
"""So many sent past a stuck message, and it is its own fault that it is not: it has failed."""
_PICTURE_TRIES: dict[type[ChatError], int] = {PictureNotReady: 6, PictureNotTaken: 3}
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
        self._pictures: dict[int, int] = {}
        self._stuck: dict[str, dict[int, int]] = defaultdict(dict)
        """Messages that others pass, by channel, and how many have passed each."""
        self._nudged = asyncio.Event()
        self.problem = ""

    def nudge(self) -> None:
        """Something was put: look now, not at the next second."""
        self._nudged.set()

    async def run(self) -> None:
        """Send until cancelled; where another process sends, wait until it is gone."""
        while True:
            with draining(self._outbox.path) as ours:
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
                aside = tuple(self._stuck[channel])
                letter = await asyncio.to_thread(self._outbox.head, channel, aside)
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
        unsure, leaves = letter.tried > 0, False
        try:
            if unsure and not letter.edits and (found := await self._transport.find(letter)):
                await asyncio.to_thread(outbox.sent, number, found.place, found.stamp)
                return
            letter = await self._with_picture(letter)
            await asyncio.to_thread(outbox.leaving, number)
            unsure, leaves = False, True
            arrived = await self._transport.post(letter)
        except ChatError as error:
            self.problem = str(error)
            unsure = unsure or (leaves and isinstance(error, Unsure))
            await asyncio.to_thread(self._put_off, letter, error, unsure=unsure)
        else:
            self.problem = ""
            _LOG.info("message %d is sent", number)
            self._pictures.pop(number, None)
            await asyncio.to_thread(outbox.sent, number, arrived.place, arrived.stamp)
            await self._past_the_stuck(letter)

    async def _with_picture(self, letter: Letter) -> Letter:
        """Takes its picture to Slack; where Slack does not get it, the words go without."""
        attachment = letter.sealed.attachment
        if attachment is None or letter.picture:
            return letter
        try:
            uploaded = await self._transport.upload(attachment) or NO_PICTURE
        except (PictureNotTaken, Unsure) as error:
            final = isinstance(error, PictureNotTaken) and error.final
            if not (final or letter.attempts >= _STUCK or self._tried_enough(letter, error)):
                raise
            return await asyncio.to_thread(self._without_picture, letter, error)
        await asyncio.to_thread(self._outbox.keep_picture, letter.id, uploaded)
        return replace(letter, picture=uploaded)

    def _tried_enough(self, letter: Letter, error: ChatError) -> bool:
        """Whether a picture has been tried so often that its words are not to wait for it."""
        most = _PICTURE_TRIES.get(type(error))
        if most is None:
            return False
        tries = self._pictures[letter.id] = self._pictures.get(letter.id, 0) + 1
        return tries >= most

    def _without_picture(self, letter: Letter, error: ChatError) -> Letter:
        _LOG.warning("message %d goes without its picture: %s", letter.id, error)
        sealed = self._outbox.give_up_picture(letter.id, str(error))
        return replace(letter, sealed=sealed, picture="")

    async def _past_the_stuck(self, letter: Letter) -> None:
        """A message went through: what is stuck before it is tried at once, once more or fails."""
        stuck = self._stuck[letter.channel]
        stuck.pop(letter.id, None)
        for number in stuck:
            stuck[number] += 1
        await asyncio.to_thread(self._outbox.hurry, tuple(stuck))

    def _put_off(self, letter: Letter, error: ChatError, *, unsure: bool) -> None:
        """What follows from a failed attempt."""
        _LOG.warning("message %d: %s", letter.id, error)
        stuck = self._stuck[letter.channel]
        # Where nobody gets in there is nothing to pass; otherwise it may be this message alone.
        alone = isinstance(error, Unsure | LacksScope)
        if isinstance(error, Refused) or (alone and stuck.get(letter.id, 0) >= _PASSED):
            stuck.pop(letter.id, None)
            self._outbox.fail(letter.id, str(error))
            return
        if isinstance(error, PictureNotReady) and self._tried_enough(letter, error):
            self._without_picture(letter, error)
        wait = self._patience(letter, error)
        if alone and letter.attempts >= _STUCK:
            stuck.setdefault(letter.id, 0)
        else:
            lane = self._free.get(letter.channel, 0.0)
            self._free[letter.channel] = max(lane, time.monotonic() + wait)
        self._outbox.put_off(letter.id, str(error), time.time() + wait, unsure=unsure)

    def _patience(self, letter: Letter, error: ChatError) -> float:
        """Seconds until a letter is tried again."""
        if isinstance(error, Barred):
            return _BARRED
        if isinstance(error, PictureNotReady):
            return self._first
        if isinstance(error, Later) and error.seconds:
            return error.seconds
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - only to spread retries
        return self._first * min(2.0 ** min(letter.attempts, 20), _SLOWEST) * spread
