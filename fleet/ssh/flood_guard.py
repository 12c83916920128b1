"""Notices who sends far more than was asked for, be it what SSH itself passes over."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

FLOODS = "it sends far more than it was asked for"
_FLOOD_BYTES = 256 * 1024
_FLOOD_SECONDS = 10.0
_LOOK_SECONDS = 0.1
_TCP_INFO_BYTES = 136
_BYTES_RECEIVED = 128
"""Where tcpi_bytes_received stands in struct tcp_info (linux/tcp.h)."""


class FloodGuard:
    """Counts what comes over a connection, from now on."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._counted_from = time.monotonic()
        self._before = self._received()
        self._flooded = False

    def flooded(self) -> bool:
        """Whether more has come at some time than any honest machine sends."""
        received, now = self._received(), time.monotonic()
        self._flooded |= received - self._before > _FLOOD_BYTES
        if now - self._counted_from > _FLOOD_SECONDS:
            self._counted_from, self._before = now, received
        return self._flooded

    def _received(self) -> int:
        """As the kernel counts it; 0 where the connection is gone (tcp(7), tcp_info)."""
        with suppress(OSError):
            told = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
            return int(struct.unpack_from("=Q", told, _BYTES_RECEIVED)[0])
        return 0


@asynccontextmanager
async def timeout_or_flood(sock: socket.socket, seconds: float) -> AsyncIterator[FloodGuard]:
    """As asyncio.timeout, which also a flood ends: a TimeoutError, and the guard tells which."""
    guard = FloodGuard(sock)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as limit:

        async def look() -> None:
            while True:
                await asyncio.sleep(_LOOK_SECONDS)
                if guard.flooded() and not limit.expired():
                    limit.reschedule(loop.time())
                    return

        looking = asyncio.create_task(look())
        try:
            yield guard
        finally:
            looking.cancel()
