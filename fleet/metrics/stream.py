"""The metrics loop over one SSH connection: lines in, silence and floods noticed."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import asyncssh

from fleet.metrics.samples import LINE_LIMIT
from fleet.metrics.script import COMMAND, SCRIPT
from fleet.ssh.flood_guard import FLOODS, FloodGuard

STALE_SECONDS = 3.0
"""Data older than this is shown as old."""
SILENT_SECONDS = 8.0
"""No data for so long and the machine counts as lost."""
GIVE_UP_SECONDS = 30.0
"""No data for so long and the connection is dropped: dialling an overloaded machine anew, each few
seconds, would keep it overloaded."""
_WINDOW = 64 * 1024


class StreamEnded(Exception):
    """The loop ended or fell silent: one sentence."""


class Flooded(StreamEnded):
    """Far more comes than was asked for."""


async def follow_loop(
    connection: asyncssh.SSHClientConnection,
    take: Callable[[bytes], None],
    silent: Callable[[], None],
) -> None:
    """Start the loop there and hand over its lines until it ends; raises StreamEnded, always.

    It is Flooded where the machine sends far more than it was asked for.

    Both are called on the event loop: `take` with each line, without its newline, at most 4 kB of
    it; `silent` when nothing has come for SILENT_SECONDS.
    """
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    guard = FloodGuard(connection.get_extra_info("socket"))
    session = LoopSession(take, ended, guard)
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            channel, _ = await connection.create_session(
                lambda: session,
                COMMAND,
                encoding=None,
                window=_WINDOW,
                request_pty=False,
                send_env=(),
            )
    except TimeoutError:
        raise StreamEnded("it lets us in, and then does not answer.") from None
    except (asyncssh.Error, OSError) as error:
        raise StreamEnded(f"it lets us in, but starts no shell ({error!s:.80}).") from None
    try:
        channel.write(SCRIPT.encode())
        channel.write_eof()
        await _until_ended(session, ended, silent)
        if guard.flooded():
            raise Flooded(f"{FLOODS}.")
        raise StreamEnded(ended.result())
    finally:
        with suppress(OSError, asyncssh.Error):
            channel.abort()


async def _until_ended(
    session: "LoopSession", ended: "asyncio.Future[str]", silent: Callable[[], None]
) -> None:
    told = 0.0
    while not ended.done() and not session.guard.flooded():
        quiet = time.monotonic() - session.heard
        if quiet >= GIVE_UP_SECONDS:
            raise StreamEnded(f"it has said nothing for {GIVE_UP_SECONDS:.0f} seconds.")
        if quiet >= SILENT_SECONDS and told != session.heard:
            told = session.heard
            silent()
        limit = SILENT_SECONDS if quiet < SILENT_SECONDS else GIVE_UP_SECONDS
        # While it is quiet a late line must be noticed, so that the next silence is told, too.
        await asyncio.wait([ended], timeout=min(1.0, limit - quiet))


class LoopSession(asyncssh.SSHClientSession[bytes]):
    """Cuts what comes in into lines; `heard`: when the last whole one came, monotonic."""

    def __init__(
        self, take: Callable[[bytes], None], ended: "asyncio.Future[str]", guard: FloodGuard
    ) -> None:
        self.guard = guard
        self._take = take
        self._ended = ended
        self._rest = b""
        self._skipping = False
        self.heard = time.monotonic()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Called by asyncssh."""
        if datatype is not None or self._ended.done():
            return
        if self.guard.flooded():
            self._end("")
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._skipping:
                self._skipping = False
                continue
            if line.startswith(b"S\t"):
                self.heard = time.monotonic()
            self._take(line[:LINE_LIMIT])
        if len(self._rest) > LINE_LIMIT:
            self._rest, self._skipping = b"", True

    def exit_status_received(self, status: int) -> None:
        """Called by asyncssh."""
        self._end(f"its shell ended with status {status}.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncssh."""
        del exc
        self._end("the connection broke.")

    def _end(self, why: str) -> None:
        if not self._ended.done():
            self._ended.set_result(why)
