"""What the daemon does about a rollout around it: room before, removal after."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from fleet.ssh.shell import LocalShell, Shell
from operations.nodes import Cluster, manager_here
from serve.image_watch import ImageWatch
from swarm.docker.rollout.plan import Begin, advance
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.state import Release, Rollout
from swarm.engine import NodeView
from tests.tui.console.scripted.console import node
from tests.waiting import until

NAME = "ghcr.io/me/squarm-solver"
NODES = (node("pi-02"), node("pi-03"))
OLD, BEFORE, NOW, NEXT = (Release(f"sha256:{digit * 64}") for digit in "abcd")


@dataclass
class Swarm:
    """Where a rollout stands; notes on which nodes it would be begun."""

    rollout: Rollout
    begun: list[str] = field(default_factory=list)
    looked: int = 0
    here: str = "id-pi-02"
    images: set[str] = field(default_factory=lambda: {f"{NAME}@{one.digest}" for one in (OLD, NOW)})

    async def status(self) -> Status:
        return Status(self.rollout, NODES)

    async def advance(self) -> Status:
        came = advance(self.rollout, NODES, ())
        self.begun += [step.node for step in came.steps if isinstance(step, Begin)]
        self.looked += 1
        return Status(self.rollout, NODES, (), came.waiting)

    async def check(self) -> Rollout:
        return self.rollout

    async def image_size(self) -> int:
        return 10**6

    async def note_full(self, found: Mapping[str, str]) -> None:
        self.rollout = replace(self.rollout, full={one: why for one, why in found.items() if why})

    async def needed(self) -> tuple[Rollout, list[str]]:
        return self.rollout, []

    async def images_here(self) -> list[str]:
        return [*self.images]

    async def remove_here(self, references: Iterable[str]) -> None:
        self.images -= {*references}

    async def note_removal(
        self, on: NodeView, removed: Iterable[str], clean: Rollout | None
    ) -> None:
        del removed
        if clean:
            self.rollout = replace(self.rollout, cleaned=self.rollout.cleaned | {on.id})

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def watched(swarm: Swarm) -> AsyncIterator[None]:
    """The daemon's part, until it has looked at all of it once."""

    async def opened() -> Rollouts:
        return cast("Rollouts", swarm)

    @asynccontextmanager
    async def shell(_node: NodeView) -> AsyncIterator[Shell]:
        yield LocalShell()

    running = asyncio.create_task(ImageWatch(opened, print, Cluster(manager_here, shell)).run())
    try:
        await until(lambda: swarm.looked or running.done())
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes' docker and df: images on a card with 90 MB left."""
    for name, text in (
        ("docker", f'case "$2" in ls) echo "{NAME}@{OLD.digest}" ;; *) echo / ;; esac'),
        ("df", "echo Filesystem; echo /dev/root 30000000 29000000 90000 99% /"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


@pytest.mark.usefixtures("program")
async def test_no_node_pulls_what_does_not_fit() -> None:
    swarm = Swarm(Rollout(f"{NAME}:latest", NOW, BEFORE, NEXT))
    async with watched(swarm):
        assert not swarm.begun
        assert set(swarm.rollout.full) == {"id-pi-02", "id-pi-03"}
        # What an earlier rollout left may take up that very room.
        await until(lambda: swarm.images == {f"{NAME}@{NOW.digest}"})


@pytest.mark.usefixtures("program")
async def test_once_it_is_over_what_nothing_needs_is_removed() -> None:
    everywhere = replace(NOW, tested=frozenset(one.id for one in NODES))
    swarm = Swarm(Rollout(f"{NAME}:latest", everywhere, BEFORE))
    async with watched(swarm):
        await until(lambda: swarm.rollout.cleaned)
        assert swarm.images == {f"{NAME}@{NOW.digest}"}
        # The other's Docker does not let go of it: that node is not done.
        assert swarm.rollout.cleaned == {"id-pi-02"}
