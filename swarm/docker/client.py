"""Docker's API read as a stream, without a thread: closing a reading ends it at once.

docker-py blocks a thread a stream, and its `close()` from another thread neither ends the wait nor
frees the thread; here everything that may have to be given up in the middle is plain asyncio.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import h11

from base.errors import MALFORMED
from swarm.docker.address import Address, Tls
from swarm.docker.refusals import CLOSED, NO_DOCKER

_CHUNK = 64 * 1024
_BODY_LIMIT = 4 * 1024 * 1024
_LIST_LIMIT = 256 * 1024 * 1024
"""A task takes 3 kB, and a job may have many thousands."""
_BETWEEN = ", \t\r\n"
"""What stands between the objects of a list."""


class DaemonGone(Exception):
    """The daemon's answer ended too early, or is not what a Docker daemon would say."""


class DaemonRefusal(Exception):
    """The daemon answered with an error `status` and, as text, its reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """A daemon's answer whose body has not been read yet; `version` is its API's newest."""

    status: int
    version: str
    connection: h11.Connection
    reader: asyncio.StreamReader

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The body as it comes, cut anywhere; raises DaemonGone where it breaks off."""
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)

    async def body(self, limit: int = _BODY_LIMIT) -> bytearray:
        """All of the body; raises DaemonGone where it is longer than `limit`."""
        whole = bytearray()
        async for piece in self.pieces():
            whole += piece
            if len(whole) > limit:
                raise DaemonGone("the daemon's answer is too long")
        return whole

    async def _next(self) -> h11.Event:
        try:
            return await _event(self.connection, self.reader)
        except h11.RemoteProtocolError:
            raise DaemonGone("the daemon's answer broke off") from None


async def _open(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection; raises OSError, and DaemonGone for unusable TLS files."""
    if address.path:
        return await asyncio.open_unix_connection(address.path, limit=_CHUNK)
    context = None if address.tls is None else _context(address.tls)
    return await asyncio.open_connection(address.host, address.port, ssl=context, limit=_CHUNK)


@asynccontextmanager
async def request(address: Address, path: str, **query: str) -> AsyncIterator[Answer]:
    """GET `path`; the connection is dropped when the block is left, however that happens.

    Raises OSError where there is no connection or it breaks, DaemonRefusal for an error status,
    DaemonGone.
    """
    reader, writer = await _open(address)
    try:
        target = quote(path) + (f"?{urlencode(query)}" if query else "")
        headers = [("Host", address.host or "docker"), ("Connection", "close")]
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(method="GET", target=target, headers=headers)
        for part in (request, h11.EndOfMessage()):
            writer.write(connection.send(part) or b"")
        await writer.drain()
        answer = await _answer(connection, reader)
        if answer.status != 200:
            why = _reason(await answer.body()) or f"status {answer.status} and no reason"
            raise DaemonRefusal(answer.status, why)
        yield answer
    finally:
        writer.transport.abort()


async def get_json(address: Address, path: str) -> dict[str, object]:
    """The JSON object at `path`; raises as `ask` does."""
    async with request(address, path) as answer:
        body = await answer.body()
    with suppress(*MALFORMED):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    raise DaemonGone(NO_DOCKER)


async def get_list(
    address: Address, path: str, filters: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    """The JSON objects listed at `path`, of those that pass the filters; raises as `get_json` does.

    Also where one comes to what is no list: each is made when it is asked for. All at once take ten
    times as much memory as their text, which Python hardly gives back.
    """
    query = {"filters": json.dumps(filters)} if filters else {}
    async with request(address, path, **query) as answer:
        body = await answer.body(_LIST_LIMIT)
    return _objects(body.decode(errors="replace"))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    # An empty list is `null` to some daemons.
    if text[:8].strip() == "null":
        return
    # Not stripped: that would be a second text.
    at, end = text.find("[") + 1, text.rfind("]")
    if text[: at - 1].strip() or text[end + 1 :].strip() or not 0 < at <= end:
        raise DaemonGone(NO_DOCKER)
    decoder = json.JSONDecoder()
    while at < end:
        if text[at] in _BETWEEN:
            at += 1
            continue
        try:
            found, at = decoder.raw_decode(text, at)
        except MALFORMED:
            found = None
        if not isinstance(found, dict):
            raise DaemonGone(NO_DOCKER)
        yield found


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader) -> Answer:
    try:
        while not isinstance(event := await _event(connection, reader), h11.Response):
            pass
    except h11.RemoteProtocolError:
        said, _ = connection.trailing_data
        # Nothing at all also comes of an SSH connection whose other end leads to nobody just now.
        raise DaemonGone(NO_DOCKER if said else CLOSED) from None
    headers = dict(event.headers)
    version = headers.get(b"api-version", b"").decode("latin-1")
    return Answer(event.status_code, version, connection, reader)


async def _event(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Event:
    """What comes next; raises h11.RemoteProtocolError for what is not HTTP, or cut."""
    while not isinstance(event := connection.next_event(), h11.Event):
        connection.receive_data(await reader.read(_CHUNK))
    return event


def _reason(body: bytearray) -> str:
    with suppress(*MALFORMED):
        return str(json.loads(body)["message"])
    return body.decode(errors="replace").strip()


def _context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.folder / "ca.pem" if tls.verify else None)
        context.load_cert_chain(tls.folder / "cert.pem", tls.folder / "key.pem")
    except OSError as error:
        raise DaemonGone(f"the TLS files in {tls.folder}: {error.strerror or error}") from None
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
