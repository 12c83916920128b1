"""A node's life by key, by `:` command, by palette and on the command line: the same.

On a real swarm of two daemons, of which the worker is drained and active again, a manager and a
worker again, in each way in turn.
"""

import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pexpect
import pytest

from operations.engines import open_engine
from operations.kinds import Kind
from swarm.docker.node_life import NodeLife
from tests.daemon_fixtures import leave_nothing
from tests.dockerd import Dockerd, joined, make_swarm
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    ask,
    console,
    give_command,
    has_said,
    press_keys,
    refusal,
    run_verb,
    spawn,
    use_palette,
)
from tests.swarm.node_lives import other
from tests.tui.console.running import RunningConsole
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

AT_THE_WORKER = ("1", "G")

DRAIN = Change(
    kind=Kind.DRAIN,
    at=AT_THE_WORKER,
    keys=("t",),
    command="drain NODE",
    palette="drain",
    verb=("node", "drain", "NODE"),
    question=r"Drain NAME\?",
    about="Its tasks move to other nodes",
    sentence=r"NAME is drained: it has no tasks, and gets none\.",
)
ACTIVATE = Change(
    kind=Kind.ACTIVATE,
    at=AT_THE_WORKER,
    keys=("t",),
    command="drain NODE",
    palette="drain",
    verb=("node", "activate", "NODE"),
    sentence=r"NAME takes tasks again\.",
)
PROMOTE = Change(
    kind=Kind.PROMOTE,
    at=AT_THE_WORKER,
    keys=("m",),
    command="role NODE",
    palette="promote",
    verb=("node", "promote", "NODE"),
    question=r"Make NAME a manager\?",
    about="It gets the swarm's secrets and a vote",
    sentence=r"NAME is a manager\. 2 managers stand the loss of no more than 1 would: .+",
)
DEMOTE = Change(
    kind=Kind.DEMOTE,
    at=AT_THE_WORKER,
    keys=("m",),
    command="role NODE",
    palette="promote",
    verb=("node", "demote", "NODE"),
    question=r"Make NAME a worker\?",
    about="It can manage the swarm no more",
    sentence=r"NAME is a worker\.",
)
CHANGES = (DRAIN, ACTIVATE, PROMOTE, DEMOTE)
BECOMES = {
    Kind.DRAIN: ("worker", "drain"),
    Kind.ACTIVATE: ("worker", "active"),
    Kind.PROMOTE: ("manager", "active"),
    Kind.DEMOTE: ("worker", "active"),
}
"""Its role and availability after each."""


@pytest.fixture(scope="module")
def manager(shared_manager: Dockerd, shared_daemon: Dockerd) -> Iterator[Dockerd]:
    """Of a swarm of two."""
    make_swarm(shared_manager)
    with joined(shared_daemon, shared_manager):
        yield shared_manager
    leave_nothing(shared_daemon)
    leave_nothing(shared_manager)


@pytest.fixture
async def life(manager: Dockerd) -> AsyncIterator[NodeLife]:
    made = await NodeLife.connect(manager.host)
    yield made
    await made.close()


@pytest.fixture
async def place(
    life: NodeLife, manager: Dockerd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OwnHome:
    """A home on the manager, and the worker that is to be changed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", manager.host)
    (tmp_path / "home/squarm").mkdir(parents=True)

    async def ready() -> bool:
        return (await other(life)).state == "ready"

    await until(ready)
    node = await other(life)
    return OwnHome(tmp_path / "home", {"NODE": node.id, "NAME": node.name})


async def stands(life: NodeLife) -> tuple[str, str]:
    node = await other(life)
    return node.role, node.availability


def shows(running: RunningConsole, place: OwnHome, stands: tuple[str, str]) -> bool:
    """Whether the console has seen that the worker is such a one."""
    return any(
        (node.role, node.availability) == stands
        for node in running.app.model.nodes
        if node.id == place.words["NODE"]
    )


@pytest.mark.parametrize("by", [press_keys, give_command, use_palette])
async def test_in_the_console(by: By, place: OwnHome, life: NodeLife) -> None:
    ready = ("worker", "active")
    async with console(
        place, lambda running: shows(running, place, ready), open_engine=open_engine
    ) as running:
        for change in CHANGES:
            await ask(running, change, by, place)
            assert await stands(life) == BECOMES[change.kind]
            await running.until(partial(shows, running, place, BECOMES[change.kind]))
    assert place.noted() == [(change.kind.audit, "done") for change in CHANGES]


async def test_on_the_command_line(place: OwnHome, life: NodeLife) -> None:
    for change in CHANGES:
        run_verb(place, change)
        assert await stands(life) == BECOMES[change.kind]
    assert place.noted() == [(change.kind.audit, "done") for change in CHANGES]


async def test_read_only_refuses_each_with_one_sentence(place: OwnHome, life: NodeLife) -> None:
    before = await stands(life)
    for change in CHANGES:
        child = spawn(place, "--read-only", *change.verb)
        child.expect_exact(f"squarm: {refusal(change)}")
        child.expect(pexpect.EOF)
    async with console(
        place,
        lambda running: shows(running, place, before),
        open_engine=open_engine,
        read_only=True,
    ) as running:
        for change in (DRAIN, PROMOTE):
            await running.press(*change.at, *change.keys)
            await running.until(partial(has_said, running, re.escape(refusal(change))))
    assert await stands(life) == before
    assert place.noted() == []
