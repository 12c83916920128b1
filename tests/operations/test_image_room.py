"""Whether an image fits on a node is asked of the node itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from fleet.ssh.shell import LocalShell, Shell, ShellError
from operations.image_room import full_nodes
from operations.nodes import Cluster, manager_here
from swarm.docker.rollout.rollouts import Rollouts
from swarm.engine import NodeView
from tests.tui.console.scripted.console import node


class FromAnImage:
    """A manager whose image takes so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    async def image_size(self) -> int:
        return self.size


@asynccontextmanager
async def shell(on: NodeView) -> AsyncIterator[Shell]:
    if on.name != "pi-02":
        raise ShellError(f"{on.name} lets nobody in.")
    yield LocalShell()


async def looked(size: int, to_pull: int | None = None) -> tuple[dict[str, str], dict[str, str]]:
    manager = cast("Rollouts", FromAnImage(size))
    nodes = [node("pi-02"), node("pi-03")]
    cluster = Cluster(manager_here, shell)
    return await full_nodes(manager, cluster, nodes, {"id-pi-02": to_pull})


async def test_a_node_with_too_little_room_says_how_much_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\n[ "$1" = info ] && echo "{tmp_path}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found, unseen = await looked(10**18)
    assert found["id-pi-02"].startswith("pi-02 has ")
    assert "it pulls none until there is room" in found["id-pi-02"]
    # Of one that lets nobody in nothing is known, and what was measured before stands.
    assert "id-pi-03" not in found
    assert unseen == {"pi-02": "", "pi-03": "pi-03 lets nobody in."}
    program.write_text("#!/bin/sh\necho permission denied: 7; exit 1\n")
    found, unseen = await looked(10**18)
    assert found == {}
    assert unseen["pi-02"].startswith("pi-02 does not say how much is free")


async def test_a_node_with_room_is_held_up_by_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho /dev/shm\n")
    program.chmod(0o755)
    df = tmp_path / "df"
    df.write_text(
        '#!/bin/sh\necho "Filesystem 1024-blocks Used Available Capacity Mounted on"\n'
        'echo "/dev/root 30000000 0 $FREE 0% /"\n'
    )
    df.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("FREE", "400000")
    assert (await looked(120 * 10**6))[0]["id-pi-02"] == ""
    monkeypatch.setenv("FREE", "300000")
    assert "pi-02 has 292M free" in (await looked(120 * 10**6))[0]["id-pi-02"]
    # What is known to travel says more than how large the last one was.
    assert (await looked(120 * 10**6, 10**6))[0]["id-pi-02"] == ""
    assert "may take 524M" in (await looked(0, 10**8))[0]["id-pi-02"]
