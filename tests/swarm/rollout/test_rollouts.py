"""Rollouts on a real swarm of two nodes, out of a real registry that one of them runs."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from base.errors import EngineError
from fleet.ssh.shell import LocalShell, Shell
from operations.image_removal import remove_unneeded
from operations.nodes import Cluster, manager_here
from serve.image_watch import ImageWatch
from solver.question import Question
from solver.record_reader import decode
from solver.records import DoneRecord
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.docker.rollout.history import RolloutHistory
from swarm.docker.rollout.registry import RegistryError
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.self_tests import TESTED
from swarm.engine import NodeView
from swarm.job import JobSpec
from tests.dockerd import Dockerd, build_solver, joined, restart, usual_heartbeat
from tests.registry import HOST, Registry, inside, push_another, registry
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

TAG = "squarm-solver:latest"
SPEC = JobSpec(Question(10), count=6_000, replicas=2, seed=3)


@dataclass
class Ground:
    """The two nodes, what tests push to, and where history is kept."""

    manager: Dockerd
    worker: Dockerd
    registry: Registry
    history: RolloutHistory

    async def open_rollouts(self) -> Rollouts:
        return Rollouts(await find_manager(self.manager.host), self.history)

    @asynccontextmanager
    async def rollouts(self) -> AsyncIterator[Rollouts]:
        opened = await self.open_rollouts()
        try:
            yield opened
        finally:
            await opened.close()

    def push(self, entrypoint: str = "") -> None:
        """The solver's image under the followed name, as an index; another where it differs."""
        push_another(self.registry, TAG, entrypoint)

    async def settled(self, rollouts: Rollouts, seconds: float = 240) -> Status:
        """How it stands once there is nothing more to do."""
        told: list[Status] = []

        async def done() -> bool:
            told.append(await rollouts.advance())
            return not told[-1].busy

        await until(done, seconds, lambda: told[-1:])
        return told[-1]


@pytest.fixture
def ground(swarm_manager: Dockerd, plain_daemon: Dockerd, tmp_path: Path) -> Iterator[Ground]:
    build_solver(plain_daemon)
    usual_heartbeat(swarm_manager)
    with (
        joined(plain_daemon, swarm_manager),
        registry(swarm_manager, tmp_path / "registry") as running,
        # Another that has the same: each node reaches it on its own loopback.
        registry(plain_daemon, tmp_path / "registry"),
    ):
        history = RolloutHistory(tmp_path / "images.sqlite3")
        yield Ground(swarm_manager, plain_daemon, running, history)


async def test_a_new_image_reaches_every_node_while_a_job_ends_on_the_old_one(
    ground: Ground,
) -> None:
    ground.push()
    async with ground.rollouts() as rollouts:
        begun = await rollouts.follow(f"{HOST}/{TAG}")
        assert begun.current is None
        first = await ground.settled(rollouts)
        old = first.rollout.current
        assert old is not None
        assert old.tested == {node.id for node in first.nodes}
        assert len(old.tested) == 2

        engine = SwarmEngine(await find_manager(ground.manager.host))
        job = await engine.submit(SPEC)
        api = ground.manager.api()
        ran = api.inspect_service(job)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        assert ran == f"{HOST}/{TAG}@{old.digest}"
        ends: dict[int, DoneRecord] = {}
        second: Status | None = None
        async for line in engine.follow(job):
            record = decode(line.text)
            if isinstance(record, DoneRecord):
                ends[record.unit] = record
            if second is None:
                ground.push()
                await rollouts.check()
                second = await ground.settled(rollouts)
        assert second is not None
        new = second.rollout.current
        assert new is not None
        assert new.digest != old.digest
        assert new.tested == old.tested
        assert second.rollout.previous == old
        assert sum(end.count for end in ends.values()) == SPEC.count
        after = api.inspect_service(job)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        assert after == ran
        await engine.remove(job)

        # Back at once: nothing is tested, nothing pulled, and it does not roll forward again.
        back = await rollouts.roll_back()
        assert back.current == old
        assert await rollouts.check() == back
        assert not (await rollouts.advance()).busy
        assert not api.services(filters={"label": TESTED})
        job = await engine.submit(JobSpec(count=1))
        ran = api.inspect_service(job)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        assert ran == f"{HOST}/{TAG}@{old.digest}"
        await engine.cancel(job)
        await engine.remove(job)
        await engine.close()
    told = [(event.event, event.image.partition("@")[2]) for event in ground.history.newest(9)]
    assert told[::-1] == [
        ("followed", ""),
        ("begun", old.digest),
        ("rolled out", old.digest),
        ("begun", new.digest),
        ("rolled out", new.digest),
        ("refused", new.digest),
        ("rolled back to", old.digest),
    ]


async def test_an_image_that_fails_never_leaves_the_first_node(ground: Ground) -> None:
    ground.push()
    async with ground.rollouts() as rollouts:
        await rollouts.follow(f"{HOST}/{TAG}")
        good = (await ground.settled(rollouts)).rollout
        says_no = '["python3", "-c", "print(\'order 6 is not exhausted\'); raise SystemExit(1)"]'
        for entrypoint, said in (
            (says_no, "order 6 is not exhausted"),
            ('["/no/such/program"]', "no such file"),
        ):
            ground.push(entrypoint)
            await rollouts.check()
            bad = await ground.settled(rollouts)
            assert bad.rollout.current == good.current
            assert bad.rollout.refused is not None
            assert said in bad.rollout.refused.why.lower()
            assert bad.rollout.refused.why.startswith("On ")
            assert (await rollouts.check()).target is None
            assert bad.rollout.refused.digest not in digests(ground.manager)


async def test_a_node_that_is_down_and_a_daemon_that_is_killed(ground: Ground) -> None:
    """Whoever drives it may end in the middle, and the manager restart: another goes on."""
    ground.push()
    async with ground.rollouts() as rollouts:
        await rollouts.follow(f"{HOST}/{TAG}")
        ground.worker.process.kill()
        ground.worker.process.wait()
        await until(lambda: ready(ground.manager) == 1, 120)
        await rollouts.advance()
    restart(ground.manager)
    async with ground.rollouts() as rollouts:
        alone = await ground.settled(rollouts)
        assert alone.rollout.current is not None
        assert len(alone.rollout.current.tested) == 1
        restart(ground.worker, hard=True)
        await until(lambda: ready(ground.manager) == 2, 120)
        both = await ground.settled(rollouts)
        assert both.rollout.current is not None
        assert len(both.rollout.current.tested) == 2


async def test_what_a_registry_says_no_with(ground: Ground) -> None:
    ground.push()
    async with ground.rollouts() as rollouts:
        with pytest.raises(EngineError, match="follows no image"):
            await rollouts.check()
        with pytest.raises(RegistryError, match="has no image of that name"):
            await rollouts.follow(f"{HOST}/nothing:1")
        await rollouts.follow(f"{HOST}/{TAG}")
        stands = (await ground.settled(rollouts)).rollout
        ground.registry.stop()
        with pytest.raises(RegistryError, match="does not answer"):
            await rollouts.check()
        assert (await rollouts.advance()).rollout == stands


async def test_only_what_is_signed_with_the_swarm_s_key_is_rolled_out(
    ground: Ground, tmp_path: Path
) -> None:
    """What is pushed first and signed then is not lost."""
    ours, theirs = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    key = tmp_path / "cosign.pub"
    key.write_bytes(ours.public_key().public_bytes(serialization.Encoding.PEM, form))
    engine = SwarmEngine(await find_manager(ground.manager.host))
    name = TAG.partition(":")[0]
    squarm = partial(printed, ground, tmp_path)
    follow = partial(squarm, "image", "follow", f"{HOST}/{TAG}")

    ground.push()
    said = follow("--signed-by", str(key), code=2)
    assert "is not followed. It is not signed. cosign sign" in said
    async with ground.rollouts() as rollouts:
        assert (await rollouts.status()).rollout.empty
        first = await pushed_digest(ground)
        ground.registry.sign(name, first, theirs)
        assert "another key than the swarm's" in follow("--signed-by", str(key), code=2)
        ground.registry.sign(name, first, ours)
        assert "signed with the key " in follow("--signed-by", str(key))
        # A name without a digest is no way around it.
        with pytest.raises(EngineError, match="signed with the swarm's key"):
            await engine.submit(SPEC)
        old = (await ground.settled(rollouts)).rollout.current
        assert old is not None
        assert old.digest == first

        ground.push()
        second = await pushed_digest(ground)
        why = f"{second[:19]}, refused: It is not signed. cosign sign"
        assert f"There is nothing newer than {why}" in squarm("image", "check")
        assert f"refused    {second}: It is not signed." in squarm("image", "status")
        assert "is refused. It is not signed." in squarm("image", "roll", code=2)
        assert "is refused. It is not signed." in squarm("image", "pin", second, code=2)
        assert re.search(f"refused +.*@{second}  It is not signed.", squarm("image", "history"))
        assert (await rollouts.status()).rollout.current == old
        ground.registry.sign(name, second, ours)
        assert "is new, and is being rolled out" in squarm("image", "check")
        after = (await ground.settled(rollouts)).rollout
        assert after.current is not None
        assert (after.current.digest, after.refused) == (second, None)

        # Without the key whatever is there will do again.
        ground.push()
        follow("--unsigned")
        last = (await rollouts.status()).rollout
        assert (last.key, last.target is not None) == ("", True)
    await engine.close()


async def test_the_daemon_rolls_out_what_is_pushed_and_says_so(ground: Ground) -> None:
    ground.push()
    told: list[str] = []
    async with ground.rollouts() as rollouts:
        await rollouts.follow(f"{HOST}/{TAG}")

    watch = ImageWatch(ground.open_rollouts, told.append)
    running = asyncio.create_task(watch.run())
    try:
        await until(lambda: told, 240)
        assert told[0].startswith("New jobs run from the image sha256:")
        assert watch.problem == ""
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_what_nothing_needs_goes_from_both_nodes_and_what_a_job_needs_stays(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the daemon, after a rollout: a job that can be resumed keeps its image."""
    rolled: list[str] = []
    async with ground.rollouts() as rollouts:
        engine = SwarmEngine(await find_manager(ground.manager.host))
        job = ""
        for number in range(4):
            ground.push()
            await (rollouts.check() if number else rollouts.follow(f"{HOST}/{TAG}"))
            current = (await ground.settled(rollouts)).rollout.current
            assert current is not None
            rolled.append(current.digest)
            if number == 0:
                job = await engine.submit(SPEC)
                await until(partial(running, ground.manager, job), 120)
                await engine.cancel(job)
    assert digests(ground.worker) >= {*rolled}

    # The worker's machine is this one, but for its Docker.
    monkeypatch.setenv("DOCKER_HOST", ground.worker.host)

    @asynccontextmanager
    async def shell(_node: NodeView) -> AsyncIterator[Shell]:
        yield LocalShell()

    watch = ImageWatch(ground.open_rollouts, print, Cluster(manager_here, shell))
    watching = asyncio.create_task(watch.run())
    job_s, _, *last_two = rolled
    try:
        for each in (ground.manager, ground.worker):
            await until(partial(has, each, {job_s, *last_two}), 240)
    finally:
        watching.cancel()
        await asyncio.wait([watching])
    async with ground.rollouts() as rollouts:
        assert not (await rollouts.status()).rollout.cleaned
        await engine.remove(job)
        cluster = Cluster(manager_here, shell)
        nodes = (await rollouts.status()).nodes
        cleaned = [one async for one in remove_unneeded(rollouts, cluster, nodes)]
        assert [(len(one.removed), one.why) for one in cleaned] == [(1, ""), (1, "")]
        assert (await rollouts.status()).rollout.cleaned == {node.id for node in nodes}
    for each in (ground.manager, ground.worker):
        assert digests(each) == {*last_two}
    await engine.close()


def printed(ground: Ground, data: Path, *words: str, code: int = 0) -> str:
    """What the command line says of this swarm, on the manager's machine."""
    done = subprocess.run(
        [*inside(ground.manager), sys.executable, "-m", "tui", *words],
        env={**os.environ, "DOCKER_HOST": ground.manager.host, "XDG_DATA_HOME": str(data)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


async def pushed_digest(ground: Ground) -> str:
    """What the registry has under the followed name now."""
    found = await asyncio.to_thread(ground.manager.api().inspect_distribution, f"{HOST}/{TAG}")
    return str(found["Descriptor"]["digest"])


def running(manager: Dockerd, job: str) -> bool:
    tasks = manager.api().tasks(filters={"service": job})
    return any(task["Status"]["State"] == "running" for task in tasks)


def ready(manager: Dockerd) -> int:
    return sum(node["Status"]["State"] == "ready" for node in manager.api().nodes())


def has(daemon: Dockerd, exactly: set[str]) -> bool:
    return digests(daemon) == exactly


def digests(of: Dockerd) -> set[str]:
    """Under which a daemon's images came from the registry."""
    return {
        known.partition("@")[2]
        for image in of.api().images()
        for known in image.get("RepoDigests") or ()
        if known.startswith(HOST)
    }
