"""A node is taken out of the swarm by key, by `:` command, by palette and as a verb: the same.

On a real swarm of two daemons. The worker's machine is this one, but for its Docker.
"""

import os
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pexpect
import pytest

from fleet.ssh.host_keys import default_path as known_hosts_path
from operations.engines import open_engine
from operations.kinds import Kind
from provision import inventory_file
from provision.inventory import Host, Inventory
from tests.dockerd import CABLE, MANAGER_ADDRESS, Dockerd, cable, join_swarm, restart
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    ask,
    console,
    has_said,
    in_the_console,
    refusal,
    run_verb,
    spawn,
)
from tests.tui.console.running import RunningConsole
from tests.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

LEAVE = Change(
    kind=Kind.LEAVE,
    at=("1", "G"),
    keys=("X",),
    command="leave NODE",
    palette="leave swarm",
    verb=("node", "remove", "NODE"),
    question=r"Take NAME out of the swarm\?",
    about=r"Its tasks move to other nodes, it leaves, and is forgotten\. Its squares stay\.",
    sentence=r"NAME is out of the swarm\.",
)
CHANGES = (LEAVE,)


@pytest.fixture
def swarm(swarm_manager: Dockerd, plain_daemon: Dockerd) -> Iterator[tuple[Dockerd, Dockerd]]:
    """A manager, and its worker."""
    with cable(swarm_manager, plain_daemon):
        join_swarm(plain_daemon, swarm_manager)
        yield swarm_manager, plain_daemon
        if membership(plain_daemon):
            plain_daemon.api().leave_swarm(force=True)
    # A node that was drained and leaves keeps the swarm's network for good (Docker 20.10).
    restart(plain_daemon, anew=True)


@pytest.fixture
def place(
    swarm: tuple[Dockerd, Dockerd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OwnHome:
    """A home on the manager, and the worker that is to leave."""
    manager, worker = swarm
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", manager.host)
    _docker_there(tmp_path / "bin", worker)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    wait_until(lambda: state(manager, membership(worker)) == "ready")
    name = worker.api().info()["Name"]
    (tmp_path / "home/squarm").mkdir(parents=True)
    there = Host("bbbb", name, CABLE[1], local=True)
    made = Inventory(Host("aaaa", "swarmaster", MANAGER_ADDRESS, role="manager"), (there,))
    inventory_file.write(inventory_file.default_path(), made, known_hosts_path())
    node = membership(worker)
    # Both daemons are on one machine, and have its name.
    return OwnHome(tmp_path / "home", {"NODE": node, "NAME": f"{name} {node[:5]}"})


def _docker_there(folder: Path, worker: Dockerd) -> None:
    folder.mkdir()
    program = folder / "docker"
    program.write_text(
        f'#!/bin/sh\nexec env DOCKER_HOST={worker.host} {shutil.which("docker")} "$@"\n'
    )
    program.chmod(0o755)


def membership(of: Dockerd) -> str:
    """The id of the node that a daemon is, '' for none."""
    swarm = of.api().info()["Swarm"]
    return str(swarm["NodeID"]) if swarm["LocalNodeState"] == "active" else ""


def state(manager: Dockerd, node: str) -> str:
    """As the manager sees it, '' where it lists none of this id."""
    found = (one["Status"]["State"] for one in manager.api().nodes() if one["ID"] == node)
    return str(next(found, ""))


def shows_it(place: OwnHome, running: RunningConsole) -> bool:
    return any(
        node.id == place.words["NODE"] and node.state == "ready" for node in running.app.model.nodes
    )


def came_about(place: OwnHome, manager: Dockerd, worker: Dockerd) -> None:
    assert place.noted() == [("remove", "done")]
    assert state(manager, place.words["NODE"]) == ""
    assert membership(worker) == ""
    left = inventory_file.read(inventory_file.default_path())
    assert left is not None
    assert left.others == ()


async def test_read_only_refuses_it_with_one_sentence(
    place: OwnHome, swarm: tuple[Dockerd, Dockerd]
) -> None:
    child = spawn(place, "--read-only", *LEAVE.verb)
    child.expect_exact(f"squarm: {refusal(LEAVE)}")
    child.expect(pexpect.EOF)
    ready = partial(shows_it, place)
    async with console(place, ready, open_engine=open_engine, read_only=True) as running:
        await running.press(*LEAVE.at, *LEAVE.keys)
        await running.until(lambda: has_said(running, re.escape(refusal(LEAVE))))
    assert membership(swarm[1]) == place.words["NODE"]
    assert place.noted() == []


@in_the_console(LEAVE)
async def test_in_the_console(
    change: Change, by: By, place: OwnHome, swarm: tuple[Dockerd, Dockerd]
) -> None:
    ready = partial(shows_it, place)
    async with console(place, ready, open_engine=open_engine) as running:
        await ask(running, change, by, place)
    came_about(place, *swarm)


def test_on_the_command_line(place: OwnHome, swarm: tuple[Dockerd, Dockerd]) -> None:
    run_verb(place, LEAVE)
    came_about(place, *swarm)
