"""A rollout that somebody waits for looks at the nodes' room as the daemon does."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from base.audit import Audit
from base.errors import EngineError
from fleet.ssh.shell import LocalShell, Shell, ShellError
from operations.image_rollout import pin, roll
from operations.nodes import Cluster, manager_here
from operations.operation import Done, Door, Operation
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.engine import NodeView
from tests.operations.agreeing import AgreeingUser
from tests.tui.console.scripted.images import NEW, ScriptedRollouts, on, told, under_way

Begin = Callable[["Ground"], Operation[Status]]


class Ground:
    """A swarm that would roll out at once, on whose nodes 90 MB are free."""

    def __init__(self, *, open_nodes: tuple[str, ...], audit: Path) -> None:
        self.rollouts = ScriptedRollouts(told(under_way().rollout))
        self.asked: list[str] = []
        self.user = AgreeingUser()
        self._open_nodes = open_nodes
        self._door = Door(self.user, read_only=False, audit=Audit(audit))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Rollouts]:
        yield cast("Rollouts", self.rollouts)

    @property
    def cluster(self) -> Cluster:
        @asynccontextmanager
        async def shell(node: NodeView) -> AsyncIterator[Shell]:
            self.asked.append(node.name)
            if node.name not in self._open_nodes:
                raise ShellError(f"{node.name} lets nobody in.")
            yield LocalShell()

        return Cluster(manager_here, shell)

    async def perform(self, operation: Operation[Status]) -> Done[Status]:
        done = await self._door.perform(operation)
        assert done is not None
        return done


@pytest.fixture(autouse=True)
def _card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes whose Docker keeps images on a card with 90 MB left."""
    for name, text in (
        ("docker", "echo /"),
        ("df", "echo Filesystem; echo /dev/root 30000000 29000000 90000 99% /"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


async def test_a_full_node_is_held_and_where_nobody_could_look_is_said(tmp_path: Path) -> None:
    ground = Ground(open_nodes=("pi-03",), audit=tmp_path / "audit")
    done = await ground.perform(roll(ground.opened, ground.cluster))
    current = done.value.rollout.current
    assert current is not None
    assert current.tested == on(NEW, "pi-master", "pi-02", "pi-05", "pi-06").tested
    assert f"New jobs run from {NEW.digest[:19]}." in done.sentence
    assert "pi-03 has 87M free where Docker keeps images" in done.sentence
    assert "Nobody could look whether pi-master, pi-05, pi-06 have room" in done.sentence
    assert "pi-master lets nobody in." in done.sentence
    # Who has it already is not asked, nor who takes no tasks, nor for whom it is not made.
    assert {"pi-02", "pi-04", "pi-07"}.isdisjoint(ground.asked)
    # Known while it is waited for, too.
    assert any("pi-master lets nobody in" in str(step) for step in ground.user.steps)


@pytest.mark.parametrize(
    "begin",
    [
        lambda ground: roll(ground.opened, ground.cluster),
        lambda ground: pin(ground.opened, ground.cluster, NEW.digest),
    ],
    ids=["roll", "pin"],
)
async def test_what_waits_for_room_alone_ends_with_the_reason(begin: Begin, tmp_path: Path) -> None:
    every = ("pi-master", "pi-02", "pi-03", "pi-05", "pi-06")
    ground = Ground(open_nodes=every, audit=tmp_path / "audit")
    ground.rollouts.now = told(replace(under_way().rollout, target=NEW))
    with pytest.raises(EngineError, match=r"waits for room\. pi-master has 87M free.*tidy") as said:
        await ground.perform(begin(ground))
    assert "pi-06 has 87M free" in str(said.value)
    assert ground.rollouts.now.rollout.current == under_way().rollout.current


async def test_who_insists_is_asked_for_no_login(tmp_path: Path) -> None:
    ground = Ground(open_nodes=(), audit=tmp_path / "audit")
    done = await ground.perform(roll(ground.opened, ground.cluster, insisted=True))
    assert not ground.asked
    assert done.sentence == f"New jobs run from {NEW.digest[:19]}."
