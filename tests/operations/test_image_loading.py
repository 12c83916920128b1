"""An image brought to a real swarm of two nodes without a registry."""

import asyncio
import io
import re
import socket
import tarfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from docker.errors import ImageNotFound

from base.audit import Audit
from base.errors import EngineError, UsageError
from fleet.ssh.shell import LocalShell, Shell, ShellError
from operations.image_loading import load
from operations.images import roll_back
from operations.nodes import Cluster, manager_here
from operations.operation import Done, Door
from solver.record_reader import decode
from solver.records import DoneRecord
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.docker.rollout.history import RolloutHistory
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.state import LOADED
from swarm.engine import NodeView
from swarm.job import JobSpec
from tests.dockerd import IMAGE, Dockerd, joined
from tests.operations.agreeing import AgreeingUser
from tests.swarm.loading.images import layout
from tests.swarm.loading.leading import leading_to
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]


@dataclass
class DaemonShell(LocalShell):
    """This machine, but for the network: that of a daemon; `deaf`: what listens says nothing."""

    daemon: Dockerd | None = None
    deaf: bool = False

    @asynccontextmanager
    async def forward(self, port: int, path: Path) -> AsyncIterator[str]:
        assert self.daemon is not None
        if self.deaf:
            path = path.with_suffix(".deaf")
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
            listening.listen()
        with leading_to(self.daemon, port, path):
            yield "It forwards none." if self.daemon.name.endswith("-plain") else ""


@dataclass
class Ground:
    """A manager and a worker; `shut`: ids of the nodes that let nobody in; `deaf`: as they are."""

    manager: Dockerd
    worker: Dockerd
    folder: Path
    shut: set[str] = field(default_factory=set)
    deaf: bool = False
    user: AgreeingUser = field(default_factory=AgreeingUser)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Rollouts]:
        history = RolloutHistory(self.folder / "images.sqlite3")
        rollouts = Rollouts(await find_manager(self.manager.host), history)
        try:
            yield rollouts
        finally:
            await rollouts.close()

    @property
    def cluster(self) -> Cluster:
        @asynccontextmanager
        async def shell(node: NodeView) -> AsyncIterator[Shell]:
            if node.id in self.shut:
                raise ShellError(f"{node.id[:5]} lets nobody in.")
            worker = node.id == self.worker_id
            yield DaemonShell(daemon=self.worker if worker else self.manager, deaf=self.deaf)

        return Cluster(manager_here, shell)

    @property
    def worker_id(self) -> str:
        return str(self.worker.api().info()["Swarm"]["NodeID"])

    async def load(self, *sources: str) -> Done[Status]:
        door = Door(self.user, read_only=False, audit=Audit(self.folder / "audit"))
        done = await door.perform(load(self.opened, self.cluster, sources))
        assert done is not None
        return done

    def build(self, name: str) -> None:
        """The solver's image with a small file more."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            body = f"FROM {IMAGE}\nCOPY Dockerfile /{time.time_ns()}\n".encode()
            entry = tarfile.TarInfo("Dockerfile")
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
        archive.seek(0)
        said = list(
            self.manager.api().build(
                fileobj=archive, custom_context=True, tag=name, rm=True, decode=True
            )
        )
        assert not [line for line in said if "error" in line]


@pytest.fixture
def ground(
    swarm_manager: Dockerd,
    plain_daemon: Dockerd,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Ground]:
    monkeypatch.setenv("DOCKER_HOST", swarm_manager.host)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # With the image there already, Docker would not learn what its layers are called here.
    with suppress(ImageNotFound):
        plain_daemon.api().remove_image(IMAGE, force=True)
    with joined(plain_daemon, swarm_manager):
        yield Ground(swarm_manager, plain_daemon, tmp_path)


async def test_an_image_reaches_the_nodes_and_only_what_is_new_travels(ground: Ground) -> None:
    first = await ground.load(IMAGE)
    old = first.value.rollout.current
    assert old is not None
    assert old.tested == {node.id for node in first.value.nodes}
    assert len(old.tested) == 2
    assert f"New jobs run from {old.digest[:19]}." in first.sentence
    # The one whose SSH would forward nothing says so.
    assert first.sentence.count(" has it through a program there: It forwards none.") == 1

    # Nothing listens there any more, and jobs need nothing of it.
    engine = SwarmEngine(await find_manager(ground.manager.host))
    job = await engine.submit(JobSpec(count=40, replicas=2, seed=3))
    ran = ground.manager.api().inspect_service(job)["Spec"]["TaskTemplate"]
    assert ran["ContainerSpec"]["Image"] == f"{LOADED}@{old.digest}"
    lines = [decode(line.text) async for line in engine.follow(job)]
    assert sum(one.count for one in lines if isinstance(one, DoneRecord)) == 40
    await engine.remove(job)

    ground.build("squarm-made:1")
    second = await ground.load("squarm-made:1")
    new = second.value.rollout.current
    assert new is not None
    assert new.digest != old.digest
    assert new.tested == old.tested
    pulled = re.findall(r" [0-9.]+([KM])", second.sentence.rpartition("Pulled: ")[2])
    # The manager has built it: to its Docker nothing of it is new.
    assert set(pulled) == {"K"}, second.sentence

    door = Door(ground.user, read_only=False, audit=Audit(ground.folder / "audit"))
    back = await door.perform(roll_back(ground.opened))
    assert back is not None
    assert back.value.current == old
    await engine.close()


async def test_a_node_that_was_not_reached_gets_it_when_it_is_loaded_again(ground: Ground) -> None:
    ground.shut = {ground.worker_id}
    first = await ground.load(IMAGE)
    assert "pulls none" in first.sentence
    assert "lets nobody in" in first.sentence
    there = first.value.rollout.current
    assert there is not None
    assert ground.worker_id not in there.tested
    assert len(there.tested) == 1
    ground.shut = set()
    again = await ground.load(IMAGE)
    both = again.value.rollout.current
    assert both is not None
    assert both.digest == there.digest
    assert both.tested == there.tested | {ground.worker_id}
    # From the one it had before nothing was changed.
    assert again.value.rollout.previous is None


async def test_a_load_that_is_broken_off_leaves_nothing_that_goes_on_trying(
    ground: Ground,
) -> None:
    ground.deaf = True
    image = await asyncio.to_thread(layout, ground.folder / "image", layers=[b"small"])
    loading = asyncio.create_task(ground.load(str(image)))
    steps = ground.user.steps
    await until(lambda: "being tested on" in str(steps[-1:]), 300, lambda: steps)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert not ground.manager.api().services()
    async with ground.opened() as rollouts:
        assert (await rollouts.status()).rollout.target is None
    entry = Audit(ground.folder / "audit").read(1)[-1]
    assert (entry.what, entry.result) == ("load image", "cancelled")


async def test_what_cannot_be_loaded_changes_nothing(ground: Ground) -> None:
    with pytest.raises(UsageError, match="'no-such-image:1' is no file, and no image"):
        await ground.load("no-such-image:1")
    ground.shut = {str(node["ID"]) for node in ground.manager.api().nodes()}
    with pytest.raises(EngineError, match="No node can be reached, and nothing was changed"):
        await ground.load(IMAGE)
    async with ground.opened() as rollouts:
        assert (await rollouts.status()).rollout.empty
