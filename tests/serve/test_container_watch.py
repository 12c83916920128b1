"""What a removed job leaves on a worker with Docker before 24 goes, and nothing else does."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from fleet.ssh.shell import LocalShell, Shell, ShellError
from operations.left_containers import keeps_containers
from operations.nodes import Cluster
from results.reports import JobRow, Snapshot
from serve.container_watch import ContainerWatch
from solver.question import Question
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.docker.node_life import NodeLife
from swarm.docker.objects import JOB
from swarm.engine import JobState, NodeView
from swarm.job import JobSpec
from tests.dockerd import IMAGE, Dockerd, build_solver, joined, mark_nodes
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

SPEC = JobSpec(Question(10), count=80, replicas=4, seed=7)


@dataclass
class Two:
    """A swarm of two daemons. The worker's machine is this one, but for its Docker."""

    manager: Dockerd
    worker: Dockerd
    closed: bool = False
    visits: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def life(self) -> AsyncIterator[NodeLife]:
        opened = await NodeLife.connect(self.manager.host)
        try:
            yield opened
        finally:
            await opened.close()

    @asynccontextmanager
    async def shell(self, node: NodeView) -> AsyncIterator[Shell]:
        self.visits.append(node.id)
        if self.closed:
            raise ShellError(f"{node.name} lets nobody in.")
        yield LocalShell()

    def left(self) -> set[str]:
        """The containers of jobs that the worker has, whatever became of them."""
        found = self.worker.api().containers(all=True, filters={"label": JOB})
        return {container["Id"] for container in found}


@pytest.fixture
def two(
    swarm_manager: Dockerd, plain_daemon: Dockerd, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Two]:
    build_solver(plain_daemon)
    with joined(plain_daemon, swarm_manager):
        mark_nodes(swarm_manager)
        monkeypatch.setenv("DOCKER_HOST", plain_daemon.host)
        yield Two(swarm_manager, plain_daemon)


async def test_a_removed_jobs_containers_go_from_the_worker_and_no_others(two: Two) -> None:
    engine = SwarmEngine(await find_manager(two.manager.host), IMAGE)

    async def snapshot() -> Snapshot:
        rows = tuple(JobRow(view, 0, 0.0, ()) for view in await engine.jobs())
        return Snapshot("swarm", "", await engine.nodes(), rows, 0, 0.0)

    async def run() -> str:
        job = await engine.submit(SPEC)

        async def complete() -> bool:
            views = {view.id: view for view in await engine.jobs()}
            return views[job].state is JobState.COMPLETE

        await until(complete, 120)
        return job

    removed = await run()
    first = two.left()
    assert first
    await run()
    kept = two.left() - first
    assert kept

    seen = await snapshot()
    watch = ContainerWatch(lambda: seen, Cluster(two.life, two.shell))
    # The daemon begins: whatever was removed before.
    await watch.look()
    assert len(two.visits) == 1
    assert two.left() == first | kept
    await watch.look()
    assert len(two.visits) == 1

    await engine.remove(removed)
    assert two.left() == first | kept, "Docker removes them by itself now: this test tests nothing"
    seen = await snapshot()
    two.closed = True
    await watch.look()
    assert two.left() == first | kept
    two.closed = False
    # Not again for an hour, where it let nobody in: another daemon does at once.
    await watch.look()
    assert len(two.visits) == 2
    await ContainerWatch(lambda: seen, Cluster(two.life, two.shell)).look()
    assert two.left() == kept

    # Where Docker removes them by itself nobody logs in.
    newer = tuple(replace(node, docker="26.1.5") for node in seen.nodes)
    assert not any(map(keeps_containers, newer))
    seen = replace(seen, nodes=newer)
    await ContainerWatch(lambda: seen, Cluster(two.life, two.shell)).look()
    assert len(two.visits) == 3
    await engine.close()
