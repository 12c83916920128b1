"""A registry of one image that one node pulls from, on a socket here: it reads, and takes nothing.

Source: https://github.com/opencontainers/distribution-spec, "Pull".
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from base.errors import MALFORMED
from swarm.docker.loading.layout import Layout

_OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CHUNK = 256 * 1024
_SMALL = 4 * 1024**2
"""Bytes above which a blob is no manifest."""


@dataclass(slots=True)
class Registry:
    """What a node pulls from: `sent` bytes of blobs, those that were broken off included."""

    layout: Layout
    sent: int = 0

    async def base(self, _request: web.Request) -> web.Response:
        """That it is a registry."""
        return web.json_response({}, headers={"Docker-Distribution-Api-Version": "registry/2.0"})

    async def manifest(self, request: web.Request) -> web.Response:
        """The image by its digest, or the manifest of one of its platforms."""
        layout, digest = self.layout, request.match_info["digest"]
        if digest == layout.digest:
            return _manifest(layout.top, layout.media_type)
        content = await asyncio.to_thread(_small, layout.blob(digest))
        if content is None:
            raise web.HTTPNotFound
        try:
            media_type = str(json.loads(content).get("mediaType", _OCI_MANIFEST))
        except MALFORMED:
            raise web.HTTPNotFound from None
        return _manifest(content, media_type)

    async def blob(self, request: web.Request) -> web.StreamResponse:
        """A layer, or a configuration."""
        digest = request.match_info["digest"]
        file = await asyncio.to_thread(self.layout.blob, digest)
        if file is None:
            raise web.HTTPNotFound
        answer = web.StreamResponse(
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(file.stat().st_size),
                "Docker-Content-Digest": digest,
            }
        )
        await answer.prepare(request)
        if request.method == "HEAD":
            return answer
        with await asyncio.to_thread(file.open, "rb") as source:
            while chunk := await asyncio.to_thread(source.read, _CHUNK):
                await answer.write(chunk)
                self.sent += len(chunk)
        await answer.write_eof()
        return answer


@asynccontextmanager
async def serving(layout: Layout, socket: Path) -> AsyncIterator[Registry]:
    """Serve the image on a socket until the block ends."""
    registry = Registry(layout)
    app = web.Application()
    app.router.add_get("/v2/", registry.base)
    app.router.add_get("/v2/{name:.+}/manifests/{digest}", registry.manifest)
    app.router.add_get("/v2/{name:.+}/blobs/{digest}", registry.blob)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.UnixSite(runner, str(socket)).start()
        yield registry
    finally:
        await runner.cleanup()


def _manifest(content: bytes, media_type: str) -> web.Response:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return web.Response(
        body=content, headers={"Content-Type": media_type, "Docker-Content-Digest": digest}
    )


def _small(file: Path | None) -> bytes | None:
    if file is None or file.stat().st_size > _SMALL:
        return None
    return file.read_bytes()
