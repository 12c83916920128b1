"""A node is taken out of the swarm only where all that takes can be done."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import cast

import pytest

from base.audit import Audit
from base.errors import ProvisionError
from fleet.ssh.shell import LocalShell, Shell
from operations import nodes
from operations.operation import Door
from swarm.docker.node_life import NodeLife
from swarm.engine import NodeView
from tests.operations.agreeing import AgreeingUser
from tests.tui.console.scripted.cluster import ScriptedManager
from tests.tui.console.scripted.console import node

LETS = '[ "$2" = true ] || { shift; exec "$@"; }'


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("sudo", "done", "why"),
    [
        ("exit 1", [], "Nobody becomes root on pi-02 .* Nothing was changed"),
        (LETS, ["demote", "drain"], "pi-02 is drained: It does not leave .* once more"),
    ],
)
async def test_nothing_is_begun_that_cannot_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sudo: str, done: list[str], why: str
) -> None:
    # Somebody who is not root, whose sudo lets him, or not; docker is not to be had.
    for name, text in (("id", "echo 1000"), ("sudo", sudo), ("docker", "echo no; exit 1")):
        program(tmp_path, name, text)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    manager = ScriptedManager()
    manager.drained.set()

    @asynccontextmanager
    async def shell(_node: NodeView) -> AsyncIterator[Shell]:
        yield LocalShell("wrong")

    cluster = nodes.Cluster(lambda: nullcontext(cast("NodeLife", manager)), shell)
    door = Door(AgreeingUser(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    with pytest.raises(ProvisionError, match=why):
        await door.perform(nodes.leave(cluster, node("pi-02", role="manager")))
    assert [what for what, _ in manager.done] == done


async def test_a_change_of_role_that_takes_a_while_says_what_is_waited_for(tmp_path: Path) -> None:
    manager, user = ScriptedManager(), AgreeingUser()
    cluster = nodes.Cluster(lambda: nullcontext(cast("NodeLife", manager)), no_shell)
    door = Door(user, read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    for manager.slow in (1.0, 12.0):
        await door.perform(nodes.promote(cluster, node("pi-02")))
        await door.perform(nodes.demote(cluster, node("pi-02", role="manager")))
    assert [str(step) for step in user.steps] == [
        "waiting until its Docker is a manager, 12 s",
        "waiting until its Docker is a worker, 12 s",
    ]


def no_shell(on: NodeView) -> AbstractAsyncContextManager[Shell]:
    raise AssertionError(on)
