"""An image's size, as a registry tells it: over HTTP, with tokens, and with lies."""

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import encode_basic_auth, web
from hypothesis import given
from hypothesis import strategies as st

from base.errors import MALFORMED
from swarm.docker.rollout.blobs import Blob, blobs, body_of, manifests, read
from swarm.docker.rollout.registry import EVERY, RegistryError
from swarm.docker.rollout.registry_access import RegistryAccess, access_of
from swarm.docker.rollout.registry_reader import read_blobs, read_signatures
from swarm.docker.rollout.signature import ANNOTATION, Signed, tag_of
from tests.examples import examples

ARM64, ARMV7, AMD64 = ("linux", "arm64"), ("linux", "armv7l"), ("linux", "amd64")
LOGIN = ("me", "a secret")


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def manifest(*sizes: int) -> bytes:
    described = [{"digest": digest_of(str(size).encode()), "size": size} for size in sizes]
    return json.dumps({"config": described[0], "layers": described[1:]}).encode()


def index(**platforms: bytes) -> bytes:
    entries: list[dict[str, Any]] = [
        {"digest": digest_of(b"what it was built from"), "platform": {"architecture": "unknown"}}
    ]
    for name, body in platforms.items():
        architecture, _, variant = name.partition("_")
        platform = {"os": "linux", "architecture": architecture, "variant": variant}
        entries.append({"digest": digest_of(body), "platform": platform})
    return json.dumps({"manifests": entries}).encode()


ARM, PI4 = manifest(100, 14_000, 400), manifest(200, 17_000, 500)
INDEX = index(arm_v7=ARM, arm64=PI4)
SIZES = {ARM64: 17_700, ARMV7: 14_500}


@dataclass
class Registry:
    """What it holds by digest, and what it answers where there is no token: 401."""

    held: dict[str, bytes] = field(
        default_factory=lambda: {digest_of(body): body for body in (INDEX, ARM, PI4)}
    )
    asked: list[str] = field(default_factory=list)
    login: tuple[str, str] | None = None
    port: int = 0

    async def manifest(self, request: web.Request) -> web.Response:
        self.asked.append(request.match_info["digest"])
        if self.login and request.headers.get("Authorization") != "Bearer a-token":
            realm = f"http://127.0.0.1:{self.port}/token"
            challenge = f'Bearer realm="{realm}",service="test"'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        body = self.held.get(request.match_info["digest"])
        return web.Response(status=404) if body is None else web.Response(body=body)

    async def blob(self, request: web.Request) -> web.Response:
        """Where it lies: registries send one on to their stores."""
        digest = request.match_info["digest"]
        if digest not in self.held:
            return web.Response(status=404)
        raise web.HTTPTemporaryRedirect(f"http://localhost:{self.port}/store/{digest}")

    async def stored(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        return web.Response(body=self.held[request.match_info["digest"]])

    async def token(self, request: web.Request) -> web.Response:
        assert request.query["scope"] == "repository:me/solver:pull"
        assert request.query["service"] == "test"
        given_ = request.headers.get("Authorization", "")
        if self.login and given_ != encode_basic_auth(*self.login):
            return web.Response(status=401)
        return web.json_response({"token": "a-token"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[RegistryAccess]:
        app = web.Application()
        app.router.add_get("/v2/me/solver/manifests/{digest}", self.manifest)
        app.router.add_get("/v2/me/solver/blobs/{digest}", self.blob)
        app.router.add_get("/store/{digest}", self.stored)
        app.router.add_get("/token", self.token)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield RegistryAccess(f"127.0.0.1:{self.port}", "me/solver", secure=False)
        finally:
            await runner.cleanup()


def total(found: Mapping[tuple[str, str], tuple[Blob, ...]]) -> dict[tuple[str, str], int]:
    return {platform: sum(blob.size for blob in told) for platform, told in found.items()}


async def test_each_platform_has_its_own_size() -> None:
    async with Registry().running() as access:
        found = await read_blobs(access, digest_of(INDEX), {ARM64, ARMV7, AMD64})
        assert total(found) == SIZES
        assert read(json.loads(json.dumps(body_of(found)))) == found
        # One that was made for one platform alone has no index.
        assert total(await read_blobs(access, digest_of(ARM), {ARMV7})) == {ARMV7: 14_500}


async def test_a_registry_that_wants_a_login_gets_it_where_tokens_are_given(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    registry = Registry(login=LOGIN)
    async with registry.running() as access:
        assert await read_blobs(access, digest_of(INDEX), {ARM64}) == {}
        logged_in = replace(access, login=LOGIN)
        assert total(await read_blobs(logged_in, digest_of(INDEX), {ARM64})) == {ARM64: 17_700}
        assert LOGIN[1] not in repr(logged_in)
        # What goes wrong is logged without what was shown for it.
        refused = replace(access, login=("me", "another"))
        assert await read_blobs(refused, digest_of(INDEX), {ARM64}) == {}
        assert "401" in caplog.text
        assert "Basic" not in caplog.text


async def test_what_is_not_what_its_digest_says_is_not_believed() -> None:
    registry = Registry()
    registry.held[digest_of(PI4)] = manifest(1, 1)
    async with registry.running() as access:
        assert await read_blobs(access, digest_of(INDEX), {ARM64}) == {}
    registry.held = {digest_of(INDEX): b" " * 5 * 1024**2}
    async with registry.running() as access:
        assert await read_blobs(access, digest_of(INDEX), {ARM64}) == {}
    # And nobody is there at all.
    assert await read_blobs(access, digest_of(INDEX), {ARM64}) == {}


async def test_signatures_are_read_from_beside_the_image() -> None:
    registry = Registry(login=LOGIN)
    payloads = (b"what was signed", b"by two")
    layers = [
        {"digest": digest_of(body), "annotations": {ANNOTATION: body.decode()}} for body in payloads
    ]
    registry.held |= {digest_of(body): body for body in payloads}
    registry.held[tag_of(digest_of(INDEX))] = json.dumps({"layers": layers}).encode()
    async with registry.running() as access:
        logged_in = replace(access, login=LOGIN)
        found = await read_signatures(logged_in, digest_of(INDEX))
        assert found == tuple(Signed(body, body.decode()) for body in payloads)
        assert await read_signatures(logged_in, digest_of(ARM)) == ()


@pytest.mark.parametrize(
    "told",
    [b"{", b'{"layers": [7]}', b'{"layers": [{"digest": "../../token"}]}', b" " * 5 * 1024**2],
)
async def test_a_registry_that_lies_of_signatures_is_asked_again_later(told: bytes) -> None:
    registry = Registry()
    registry.held[tag_of(digest_of(INDEX))] = told
    async with registry.running() as access:
        with pytest.raises(RegistryError) as said:
            await read_signatures(access, digest_of(INDEX))
    assert said.value.wait == EVERY


async def test_a_registry_that_tells_nothing_is_no_want_of_a_signature() -> None:
    registry = Registry(login=LOGIN)
    async with registry.running() as access:
        with pytest.raises(RegistryError, match="docker login") as said:
            await read_signatures(replace(access, login=("me", "wrong")), digest_of(INDEX))
        assert "wrong" not in str(said.value)
    with pytest.raises(RegistryError, match="does not answer"):
        await read_signatures(access, digest_of(INDEX))


def test_how_docker_reaches_a_registry_is_how_squarm_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = {"ghcr.io": {"auth": "bWU6YSBzZWNyZXQ="}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": logins}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    info = {
        "RegistryConfig": {
            "InsecureRegistryCIDRs": ["127.0.0.0/8", "::1/128"],
            "IndexConfigs": {"docker.io": {"Secure": True}, "pi:5000": {"Secure": False}},
        }
    }
    digest = f"@sha256:{'0' * 64}"
    for reference, access in (
        ("ghcr.io/me/solver:latest", RegistryAccess("ghcr.io", "me/solver", login=LOGIN)),
        (f"10.0.0.1:5000/solver{digest}", RegistryAccess("10.0.0.1:5000", "solver")),
        ("pi:5000/solver:1", RegistryAccess("pi:5000", "solver", secure=False)),
        ("127.0.0.1:5000/solver:1", RegistryAccess("127.0.0.1:5000", "solver", secure=False)),
        ("localhost:5000/solver:1", RegistryAccess("localhost:5000", "solver", secure=False)),
        ("me/solver:1", RegistryAccess("docker.io", "me/solver")),
        ("docker.io/solver:1", RegistryAccess("docker.io", "library/solver")),
    ):
        assert access_of(reference, info) == access


def test_a_64_bit_pi_takes_what_is_made_for_it_whatever_the_order() -> None:
    v6 = manifest(1, 2)
    assert manifests(index(arm_v6=v6, arm_v7=ARM, arm64=PI4), [ARM64, ARMV7]) == {
        ARM64: digest_of(PI4),
        ARMV7: digest_of(ARM),
    }
    assert manifests(index(arm_v7=ARM), [ARM64, AMD64]) == {ARM64: digest_of(ARM)}


@examples(300)
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=3) | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["manifests", "platform", "digest", "size", "config", "layers", "variant"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    ).map(lambda body: json.dumps(body).encode())
)
def test_no_manifest_crashes_it(body: bytes) -> None:
    for call in (lambda: manifests(body, [ARM64]), lambda: blobs(body)):
        try:
            call()
        except MALFORMED:
            continue
