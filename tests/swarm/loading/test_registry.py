"""A node's Docker pulls a loaded image from its own loopback, and only what it lacks."""

import asyncio
from pathlib import Path

import pytest

from swarm.docker.loading.layout import opened
from swarm.docker.loading.registry import serving
from tests.dockerd import Dockerd
from tests.swarm.loading.images import layout, noise
from tests.swarm.loading.leading import leading_to
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

PORT = 5099
NAME = f"127.0.0.1:{PORT}/squarm-solver"


async def pull(daemon: Dockerd, digest: str) -> None:
    said = await asyncio.to_thread(
        lambda: list(daemon.api().pull(f"{NAME}@{digest}", stream=True, decode=True))
    )
    assert not [line for line in said if "error" in line], said[-3:]


async def test_only_what_is_new_travels(plain_daemon: Dockerd, tmp_path: Path) -> None:
    base, old, new = noise(3_000_000), noise(40_000), noise(50_000)
    first = layout(tmp_path / "first", layers=[base, old])
    second = layout(tmp_path / "second", layers=[base, new])
    for folder, travels in ((first, 3_040_000), (second, 50_000)):
        socket = tmp_path / f"{folder.name}.sock"
        with opened([folder]) as image, leading_to(plain_daemon, PORT, socket):
            async with serving(image, socket) as registry:
                await pull(plain_daemon, image.digest)
                await until(lambda: registry.sent)
                assert travels < registry.sent < travels + 10_000
        found = plain_daemon.api().inspect_image(f"{NAME}@{image.digest}")
        assert f"{NAME}@{image.digest}" in found["RepoDigests"]
