"""Answers apt: each file is fetched once, whoever asks for it meanwhile reads it as it comes."""

import asyncio
from contextlib import suppress
from email.utils import parsedate_to_datetime
from errno import EADDRNOTAVAIL
from hashlib import sha256
from pathlib import Path
from socket import AF_INET, AddressFamily

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector, web
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from provision.packages.archive import (
    ArchiveFile,
    RefusedError,
    archive_file,
    led_to,
    refuse_inward,
)
from provision.packages.store import KeptFile, PackageStore, Validators

_FRESH_SECONDS = 120.0
"""So long an archive is not asked whether a list has changed: one run's Pis ask one by one."""
_PIECE = 1 << 16
_REDIRECTS = 5
_REDIRECTED = {301, 302, 303, 307, 308}
_TROUBLE = (ClientError, OSError, TimeoutError, RefusedError, ValueError)
_TIMEOUT = ClientTimeout(total=None, sock_connect=20, sock_read=30)


class _Download:
    """A file on its way, or there: what is known of it, and how much of it can be read."""

    def __init__(self) -> None:
        self.status = 0
        self.path: Path | None = None
        self.size: int | None = None
        self.modified = ""
        self.over = False
        self.problem = ""
        self._changed = asyncio.Event()

    def begins(self, status: int, path: Path | None, size: int | None, modified: str) -> None:
        """Its answer has come."""
        self.status, self.path, self.size, self.modified = status, path, size, modified
        self.grew()

    def ends(self, problem: str = "") -> None:
        """Nothing more comes."""
        self.over, self.problem = True, problem
        self.grew()

    def grew(self) -> None:
        """Wake whoever waits for more."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def more(self) -> None:
        """Wait until something has changed."""
        await self._changed.wait()


class PackageProxy:
    """What it has fetched from archives, and served in all, in bytes, is counted."""

    def __init__(self, store: PackageStore, session: ClientSession) -> None:
        self.fetched = 0
        self.served = 0
        self._store = store
        self._session = session
        self._under_way: dict[URL, tuple[_Download, asyncio.Task[None]]] = {}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request of an apt."""
        try:
            wanted = archive_file(request.method, request.raw_path)
        except RefusedError as error:
            return web.Response(status=403, text=f"{error}\n")
        download = self._find(wanted)
        while not download.status and not download.over:
            await download.more()
        if download.path is None and download.status == 200:
            return await self._relay(request, wanted.url)
        if download.path is None:
            status = download.status or 502
            return web.Response(status=status, text=f"{download.problem or status}\n")
        if _has_it(request, download.modified):
            return web.Response(status=304)
        return await self._send(request, download, download.path)

    async def _send(
        self, request: web.BaseRequest, download: _Download, path: Path
    ) -> web.StreamResponse:
        """Send a file as far as it is there, and the rest as it comes."""
        response = web.StreamResponse()
        response.content_length = download.size
        if download.modified:
            response.headers["Last-Modified"] = download.modified
        with path.open("rb") as file:
            await response.prepare(request)
            while True:
                over = download.over
                if piece := file.read(_PIECE):
                    await response.write(piece)
                    self.served += len(piece)
                elif over:
                    break
                else:
                    await download.more()
        if download.problem and request.transport is not None:
            # An end like any other would pass for the whole file.
            request.transport.abort()
        await response.write_eof()
        return response

    async def _relay(self, request: web.BaseRequest, url: URL) -> web.StreamResponse:
        """Pass on a file for which there is no room here, for each who asks by itself."""
        response = web.StreamResponse()
        try:
            async with await self._open(url, {}) as source:
                if source.status != 200:
                    return web.Response(status=source.status)
                response.content_length = source.content_length
                await response.prepare(request)
                async for piece in source.content.iter_chunked(_PIECE):
                    await response.write(piece)
                    self.fetched += len(piece)
                    self.served += len(piece)
                await response.write_eof()
        except _TROUBLE as error:
            if not response.prepared:
                return web.Response(status=502, text=f"{_reason(url, error)}\n")
            if request.transport is not None:
                request.transport.abort()
        return response

    def _find(self, wanted: ArchiveFile) -> _Download:
        """The file, kept, on its way already, or fetched from now on."""
        if under_way := self._under_way.get(wanted.url):
            return under_way[0]
        download = _Download()
        task = asyncio.create_task(self._get(wanted, download))
        self._under_way[wanted.url] = (download, task)
        return download

    async def _get(self, wanted: ArchiveFile, download: _Download) -> None:
        """Give the file that is kept; fetch it where there is none, or another by now."""
        url = wanted.url
        try:
            kept = await asyncio.to_thread(self._store.find, url)
            if kept and (wanted.final or 0 <= kept.age < _FRESH_SECONDS):
                _there(download, kept)
                return
            response = await self._open(url, _conditions(kept))
            async with response:
                if response.status == 304 and kept:
                    self._store.keep(url, kept.validators, kept.digest)
                    _there(download, kept)
                elif response.status == 200:
                    await self._take(url, response, download)
                else:
                    download.begins(response.status, None, None, "")
                    download.ends()
        except _TROUBLE as error:
            download.ends(_reason(url, error))
        finally:
            del self._under_way[url]

    async def _take(self, url: URL, response: ClientResponse, download: _Download) -> None:
        """Write a file as it comes, and keep it where it came whole."""
        if not self._store.make_room(response.content_length or 0):
            download.begins(200, None, None, "")
            download.ends()
            return
        path = self._store.begin(url)
        told = response.headers
        validators = Validators(told.get("ETag", ""), told.get("Last-Modified", ""))
        digest = sha256()
        with path.open("wb") as file:
            download.begins(200, path, response.content_length, validators.modified)
            async for piece in response.content.iter_chunked(_PIECE):
                file.write(piece)
                file.flush()
                digest.update(piece)
                self.fetched += len(piece)
                download.grew()
        self._store.keep(url, validators, digest.hexdigest())
        download.ends()

    async def _open(self, url: URL, headers: dict[str, str]) -> ClientResponse:
        """The answer of whoever has the file, wherever it leads; raises RefusedError."""
        for _ in range(_REDIRECTS):
            response = await self._session.get(url, headers=headers, allow_redirects=False)
            place = response.headers.get("Location", "")
            if response.status not in _REDIRECTED or not place:
                # It would be kept, and given to every machine in the place of the file.
                if response.status == 200 and response.content_type == "text/html":
                    response.release()
                    raise RefusedError("it answers with a web page, as before a network's login.")
                return response
            response.release()
            url = led_to(url.join(URL(place))).url
        raise RefusedError("it leads in circles.")


class _OutwardResolver(ThreadedResolver):
    """Finds no address on this machine, whatever a name server says."""

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name that lead out; raises OSError where none does."""
        found = []
        for one in await super().resolve(host, port, family):
            with suppress(RefusedError):
                refuse_inward(one["host"])
                found.append(one)
        if not found:
            raise OSError(EADDRNOTAVAIL, "it has no address that leads out of this machine")
        return found


def outward_session() -> ClientSession:
    """What reaches archives, by the user's own proxy where the environment names one."""
    connector = TCPConnector(resolver=_OutwardResolver(), limit_per_host=8)
    return ClientSession(
        connector=connector,
        timeout=_TIMEOUT,
        trust_env=True,
        auto_decompress=False,
        headers={"User-Agent": "squarm (Debian APT-HTTP)", "Accept-Encoding": "identity"},
    )


def _reason(url: URL, error: Exception) -> str:
    return f"{url.host}: {str(error) or type(error).__name__}"


def _there(download: _Download, kept: KeptFile) -> None:
    download.begins(200, kept.path, kept.size, kept.validators.modified)
    download.ends()


def _conditions(kept: KeptFile | None) -> dict[str, str]:
    """Headers that spare a file that has not changed (RFC 9110, 13.1)."""
    if kept is None:
        return {}
    known = kept.validators
    asked = {"If-None-Match": known.tag, "If-Modified-Since": known.modified}
    return {name: value for name, value in asked.items() if value}


def _has_it(request: web.BaseRequest, modified: str) -> bool:
    """Whether who asks has a list that is as new."""
    since = request.headers.get("If-Modified-Since", "")
    with suppress(ValueError, TypeError):
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    return False
