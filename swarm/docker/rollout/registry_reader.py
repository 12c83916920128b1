"""An image's manifests and signatures, read from its registry: Docker tells a digest, and no more.

Source: https://github.com/opencontainers/distribution-spec, and for tokens
https://distribution.github.io/distribution/spec/auth/token/.
"""

import asyncio
import hashlib
import json
import logging
import re
import ssl
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from base.errors import MALFORMED
from swarm.docker.rollout.blobs import MANIFEST_TYPES, Blob, Platform, blobs, manifests
from swarm.docker.rollout.registry import refusal
from swarm.docker.rollout.registry_access import RegistryAccess
from swarm.docker.rollout.signature import ANNOTATION, Signed, tag_of

_LOG = logging.getLogger(__name__)
_SECONDS = 30.0
_LARGEST = 4 * 1024**2
"""Bytes of a manifest, as registries take them."""
_CERTIFICATES = Path("/etc/docker/certs.d")
_HUB = "docker.io"
_HUB_REGISTRY = "registry-1.docker.io"
_UNAUTHORIZED = 401
_NOT_FOUND = 404
_MOST = 20
"""Signatures of an image that are looked at."""
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


async def read_blobs(
    access: RegistryAccess, digest: str, platforms: Collection[Platform]
) -> dict[Platform, tuple[Blob, ...]]:
    """What travels of an image for each of these platforms; none where the registry does not tell.

    To know it is good and not needed: why it is not known goes to the log alone.
    """
    try:
        async with asyncio.timeout(_SECONDS), aiohttp.ClientSession() as session:
            return await _Reader(session, access).blobs(digest, platforms)
    except (*MALFORMED, OSError, TimeoutError, aiohttp.ClientError) as error:
        # Not the error itself: aiohttp's holds the request, with the login in its headers.
        why = getattr(error, "status", "")
        _LOG.info("%s@%s: size not known: %s %s", access.name, digest, type(error).__name__, why)
        return {}


async def read_signatures(access: RegistryAccess, digest: str) -> tuple[Signed, ...]:
    """What was signed of an image, none where nothing was; raises RegistryError."""
    try:
        async with asyncio.timeout(_SECONDS), aiohttp.ClientSession() as session:
            return await _Reader(session, access).signatures(digest)
    except (*MALFORMED, OSError, TimeoutError, aiohttp.ClientError) as error:
        raise refusal(f"{access.host}/{access.name}", _words(error)) from None


def _words(error: Exception) -> str:
    """What went wrong, as Docker would say it; not the error itself, which may hold a login."""
    if isinstance(error, aiohttp.ClientResponseError):
        return str(error.status)
    if isinstance(error, aiohttp.ClientSSLError):
        return "certificate"
    if isinstance(error, MALFORMED):
        return "what it says of signatures makes no sense"
    return "timed out"


@dataclass(slots=True)
class _Reader:
    """Reads of one repository; what has a digest is held to it."""

    session: aiohttp.ClientSession
    access: RegistryAccess
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": ", ".join(MANIFEST_TYPES)})

    async def blobs(
        self, digest: str, platforms: Collection[Platform]
    ) -> dict[Platform, tuple[Blob, ...]]:
        top = await self._manifest(digest)
        found = manifests(top, platforms)
        if not found and "layers" in json.loads(top):
            return dict.fromkeys(platforms, blobs(top))
        told = {one: blobs(await self._manifest(one)) for one in sorted(set(found.values()))}
        return {platform: told[one] for platform, one in found.items()}

    async def signatures(self, digest: str) -> tuple[Signed, ...]:
        try:
            body = await self._get(f"/v2/{self.access.name}/manifests/{tag_of(digest)}")
        except aiohttp.ClientResponseError as error:
            if error.status == _NOT_FOUND:
                return ()
            raise
        found = []
        for layer in json.loads(body)["layers"][:_MOST]:
            signature = str((layer.get("annotations") or {}).get(ANNOTATION, ""))
            found.append(Signed(await self._held("blobs", layer["digest"]), signature))
        return tuple(found)

    async def _manifest(self, digest: str) -> bytes:
        return await self._held("manifests", digest)

    async def _held(self, kind: str, digest: str) -> bytes:
        body = await self._get(f"/v2/{self.access.name}/{kind}/{digest}")
        if f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
            raise ValueError(digest)
        return body

    async def _get(self, path: str) -> bytes:
        host = _HUB_REGISTRY if self.access.host == _HUB else self.access.host
        tls = await asyncio.to_thread(_tls, self.access)
        if not self.access.secure:
            # As Docker does: TLS with whatever certificate, else none.
            with suppress(aiohttp.ClientConnectionError):
                return await self._ask(f"https://{host}{path}", tls)
            return await self._ask(f"http://{host}{path}", tls)
        return await self._ask(f"https://{host}{path}", tls)

    async def _ask(self, url: str, tls: ssl.SSLContext | bool) -> bytes:
        for _ in range(2):
            async with self.session.get(url, headers=self.headers, ssl=tls) as answer:
                if answer.status == _UNAUTHORIZED and "Authorization" not in self.headers:
                    asked = answer.headers.get("WWW-Authenticate", "")
                    self.headers["Authorization"] = await self._authorization(asked, tls)
                    continue
                answer.raise_for_status()
                return await _whole(answer)
        raise ValueError(url)

    async def _authorization(self, asked: str, tls: ssl.SSLContext | bool) -> str:
        """What to show a registry that asks for a login, or for a token of its own service."""
        login = aiohttp.encode_basic_auth(*self.access.login) if self.access.login else ""
        if login and asked.lower().startswith("basic"):
            return login
        told = dict(_PARAMETER.findall(asked))
        realm = told["realm"]
        if self.access.secure and not realm.startswith("https://"):
            raise ValueError(realm)
        wanted = {"scope": f"repository:{self.access.name}:pull"}
        if "service" in told:
            wanted["service"] = told["service"]
        shown = {"Authorization": login} if login else {}
        if urlsplit(realm).hostname != urlsplit(f"//{self.access.host}").hostname:
            # Nobody has said that this one's certificate need not be valid.
            tls = True
        async with self.session.get(realm, params=wanted, headers=shown, ssl=tls) as answer:
            answer.raise_for_status()
            body = json.loads(await _whole(answer))
        return f"Bearer {body.get('token') or body['access_token']}"


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > _LARGEST:
            raise ValueError(len(body))
    return bytes(body)


def _tls(access: RegistryAccess) -> ssl.SSLContext | bool:
    """What a registry's certificate is held to: the system's, and those that Docker was given."""
    if not access.secure:
        return False
    context = ssl.create_default_context()
    for certificate in (_CERTIFICATES / access.host).glob("*.crt"):
        context.load_verify_locations(certificate)
    return context
