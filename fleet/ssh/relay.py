"""Connections through the standard input and output of a program: what forwards a port without SSH.

This file runs at both ends, at the far one as `COMMAND` by whatever Python 3.9 or later is there,
with nothing of ours beside it. A frame is a connection's number, a length, and so many bytes; none
of them where one side says no more.
"""

from __future__ import annotations

import asyncio
import itertools
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Begin = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

COMMAND = "exec python3 -c 'import sys; exec(sys.stdin.buffer.read({size}))' {port}"
"""Reads this file, of `size` bytes, and listens."""
LISTENS = b"listens\n"
"""What it writes before the first frame."""
_HEAD = struct.Struct("!II")
_PIECE = 64 * 1024
_MOST = 64
"""Connections at a time."""


class FrameSource(Protocol):
    """Where frames come from."""

    async def readexactly(self, n: int) -> bytes:
        """So many bytes."""
        ...


class Target(Protocol):
    """Where they go."""

    def write(self, data: bytes) -> None:
        """Send, or keep."""
        ...

    async def drain(self) -> None:
        """Wait until little is kept."""
        ...


class Relay:
    """The connections that share a stream; `begin` opens this end of one that the other has begun.

    `begin` is None at the end that listens.
    """

    def __init__(
        self,
        source: FrameSource,
        target: Target,
        begin: Begin | None = None,
    ) -> None:
        self._source = source
        self._target = target
        self._begin = begin
        self._newest = 0
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._carrying: set[asyncio.Task[None]] = set()
        self._half: set[int] = set()
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Until the stream ends; raises what its reader raises, and ValueError for nonsense."""
        try:
            while True:
                number, size = _HEAD.unpack(await self._source.readexactly(_HEAD.size))
                if size > _PIECE:
                    raise ValueError(size)
                piece = await self._source.readexactly(size)
                if number > self._newest and self._begin is not None:
                    await self._accept(number, self._begin)
                await self._deliver(number, piece)
        finally:
            for writer in self._writers.values():
                writer.transport.abort()
            for task in self._carrying:
                task.cancel()

    async def carry(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send what a connection says, to its end."""
        self._writers[number] = writer
        piece = b"begun"
        while piece:
            piece = b""
            with suppress(OSError):
                piece = await reader.read(_PIECE)
            await self._send(number, piece)
        self._end(number)

    async def _send(self, number: int, piece: bytes) -> None:
        # Before Python 3.11 one alone may wait for a stream to drain.
        async with self._turn:
            self._target.write(_HEAD.pack(number, len(piece)) + piece)
            await self._target.drain()

    async def _accept(self, number: int, begin: Begin) -> None:
        self._newest = number
        try:
            if len(self._writers) >= _MOST:
                raise ConnectionRefusedError
            reader, writer = await begin()
        except OSError:
            await self._send(number, b"")
            return
        # At once: a first piece of it is there already.
        self._writers[number] = writer
        task = asyncio.ensure_future(self.carry(number, reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _deliver(self, number: int, piece: bytes) -> None:
        writer = self._writers.get(number)
        if writer is None:
            return
        with suppress(OSError, RuntimeError):
            if piece:
                writer.write(piece)
                await writer.drain()
            else:
                writer.write_eof()
        if not piece:
            self._end(number)

    def _end(self, number: int) -> None:
        """One side says no more; once neither does, it is over."""
        if number not in self._half:
            self._half.add(number)
            return
        self._half.discard(number)
        writer = self._writers.pop(number, None)
        if writer is not None:
            writer.close()


async def _listen(port: int) -> None:
    loop = asyncio.get_running_loop()
    source = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(source), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout.buffer
    )
    target = asyncio.StreamWriter(transport, protocol, None, loop)
    relay = Relay(source, target)
    numbers = itertools.count(1)

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay.carry(next(numbers), reader, writer)

    await asyncio.start_server(accepted, "127.0.0.1", port)
    target.write(LISTENS)
    with suppress(asyncio.IncompleteReadError):
        await relay.run()


if __name__ == "__main__":
    asyncio.run(_listen(int(sys.argv[1])))
