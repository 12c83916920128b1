"""One task's log: read from where the last reading ended, each line once.

The log a daemon streams may break off, repeat itself, or fall silent for good while the task goes
on writing. So a reading may end at any time with LogBroken; the next one asks for everything since
shortly before the last line and drops what has been read already.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import datetime

from swarm.docker.address import Address
from swarm.docker.client import DaemonGone, DaemonRefusal, request
from swarm.docker.frames import Demultiplexer, LineJoiner, LogStreamError, RawLine

QUIET_SECONDS = 20.0
"""A solver reports progress every two seconds: a stream this long without a word is deaf."""

_REMEMBERED = 20_000
"""Lines of a second, more than a solver writes: of a flood some are read twice after a break, and
records count once all the same."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_NOT_FOUND = 404


class LogBroken(Exception):
    """The reading ended before the log did: read again."""


class LogGone(Exception):
    """There is no such task any more, and no log of it."""


class Bookmark:
    """Where a log was read to: the lines of its last two seconds, by the log's own clock.

    Seconds are kept in order of arrival, not of time: the clock of a Pi may be set back.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, set[int]] = {}

    @property
    def since(self) -> str:
        """From when to read on, as Docker's `since`; '' for the beginning."""
        for second in self._seconds:
            return f"{int(datetime.fromisoformat(second).timestamp())}.000000000"
        return ""

    def knows(self, line: RawLine) -> bool:
        """True for a line that was added, if it is from the time since `since`."""
        second = _second(line.time)
        return second in self._seconds and hash(line) in self._seconds[second]

    def add(self, line: RawLine) -> None:
        """Note that a line was read."""
        second = _second(line.time)
        if not second:
            return
        if second not in self._seconds:
            self._seconds[second] = set()
            if len(self._seconds) > 2:
                del self._seconds[next(iter(self._seconds))]
        if len(self._seconds[second]) < _REMEMBERED:
            self._seconds[second].add(hash(line))


class TaskLog:
    """Reads the log of `task`; `quiet` is the longest silence in seconds.

    `version`: gives the API's, which is another one once Docker was upgraded.
    """

    def __init__(
        self, address: Address, version: Callable[[], str], task: str, quiet: float = QUIET_SECONDS
    ) -> None:
        self._address = address
        self._version = version
        self._task = task
        self._quiet = quiet
        self._bookmark = Bookmark()

    async def read(self, *, follow: bool) -> AsyncGenerator[RawLine]:
        """The lines not read before; with `follow` never ends but by an exception.

        Raises LogBroken and LogGone. A line counts as read when the next one is asked for, so
        that a reader who is cancelled with a line in hand gets it again.
        """
        query = {"stdout": "1", "stderr": "1", "timestamps": "1", "follow": str(int(follow))}
        if since := self._bookmark.since:
            query["since"] = since
        joiner = LineJoiner()
        try:
            async with aclosing(self._lines(query, joiner)) as lines:
                async for line in lines:
                    if not self._bookmark.knows(line):
                        yield line
                        self._bookmark.add(line)
        except DaemonRefusal as refusal:
            if refusal.status == _NOT_FOUND:
                raise LogGone(str(refusal)) from None
            raise LogBroken(str(refusal)) from None
        except TimeoutError:
            raise LogBroken(f"no word for {self._quiet:g} seconds") from None
        except (OSError, DaemonGone, LogStreamError) as error:
            raise LogBroken(str(error)) from None
        if follow:
            raise LogBroken("the stream ended")
        for line in joiner.rest():
            if not self._bookmark.knows(line):
                yield line
                self._bookmark.add(line)

    async def _lines(self, query: dict[str, str], joiner: LineJoiner) -> AsyncGenerator[RawLine]:
        demultiplexer = Demultiplexer()
        async with AsyncExitStack() as stack:
            # The daemon sends its headers with the first line: the silence may begin before them.
            async with asyncio.timeout(self._quiet):
                path = f"/v{self._version()}/tasks/{self._task}/logs"
                answer = await stack.enter_async_context(request(self._address, path, **query))
            pieces = await stack.enter_async_context(aclosing(answer.pieces()))
            while True:
                async with asyncio.timeout(self._quiet):
                    piece = await anext(pieces, b"")
                if not piece:
                    return
                for frame in demultiplexer.feed(piece):
                    for line in joiner.feed(frame):
                        yield line


def _second(time: str) -> str:
    match = _TIME.fullmatch(time)
    return match[1] + match[2] if match else ""
