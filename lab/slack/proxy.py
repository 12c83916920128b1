"""An HTTP proxy on loopback: the one way out of a network that lets nothing else through."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit


class Proxy:
    """Carries plain HTTP and WebSockets to where `hosts` says a name is; `carried`: what it saw."""

    def __init__(self, hosts: dict[str, int]) -> None:
        self.hosts = hosts
        self.carried: list[str] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; its address for a client."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which a client keeps to one host."""
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readuntil(b"\r\n")
            method, address, version = first.decode().split()
            self.carried.append(address)
            port = self.hosts.get(urlsplit(address).hostname or "")
            if port is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            else:
                there, back = await asyncio.open_connection("127.0.0.1", port)
                # Each request has a connection of its own, so that each is seen.
                path = address.partition("//")[2].partition("/")[2]
                back.write(f"{method} /{path} {version}\r\n".encode())
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
        writer.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(65_536):
            sink.write(chunk)
            await sink.drain()
    sink.close()
