"""A relay in front of a real Docker daemon, on a socket of its own, that can fail on demand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class _Link:
    """One connection, both ways; `stream` once it is a log that is followed."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    stream: bool = False
    deaf: bool = False


class Relay:
    """Passes bytes on between clients and the daemon's socket."""

    def __init__(self, daemon: Path) -> None:
        self._daemon = daemon
        self._links: list[_Link] = []

    def cut(self) -> None:
        """Break every connection there is."""
        for link in self._links:
            for writer in link.ends:
                writer.transport.abort()

    def deafen(self) -> None:
        """Pass nothing more on from the logs that are followed; they stay open."""
        for link in self._links:
            link.deaf = link.stream

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection."""
        from_daemon, to_daemon = await asyncio.open_unix_connection(str(self._daemon))
        link = _Link((writer, to_daemon))
        self._links.append(link)
        try:
            await asyncio.gather(
                _pass_on(link, reader, to_daemon), _pass_on(link, from_daemon, writer)
            )
        finally:
            self._links.remove(link)
            for end in link.ends:
                end.transport.abort()


async def _pass_on(link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(64 * 1024):
            link.stream = link.stream or b"follow=1" in piece.partition(b"\r\n")[0]
            if not link.deaf:
                writer.write(piece)
                await writer.drain()
        writer.write_eof()


@asynccontextmanager
async def relay_to(daemon: Path, socket: Path | None = None) -> AsyncIterator[tuple[Relay, str]]:
    """A relay on the Unix `socket`, else on a port of 127.0.0.1; with its DOCKER_HOST."""
    relay = Relay(daemon)
    if socket is not None:
        server: asyncio.Server = await asyncio.start_unix_server(relay.serve, socket)
        host = f"unix://{socket}"
    else:
        server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
        host = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay, host
    finally:
        server.close()
        relay.cut()
        # Their ends are seen to before the loop is closed, or it would complain of them.
        await asyncio.sleep(0.05)
