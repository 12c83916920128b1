"""What a restart of Docker or of a node must not cost: real daemons, and the real solver."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from base.errors import EngineError
from drill.afterwards import ASKED, PROGRAM
from fleet.endpoint import Endpoint
from fleet.machine import Machine
from fleet.ssh.host_keys import KnownHosts
from fleet.watch_list import WatchListFile
from operations.engines import open_engine
from solver.question import Question
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.docker.objects import JOB, Json
from swarm.engine import JobState, JobView
from swarm.job import USUAL_MEMORY, JobSpec
from tests.dockerd import (
    IMAGE,
    MANAGER_ADDRESS,
    Dockerd,
    build_solver,
    joined,
    mark_nodes,
    restart,
    usual_heartbeat,
)
from tests.fleet.sshds import sshd
from tests.swarm.samples import Kept
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

SPEC = JobSpec(Question(10), count=400, replicas=4, seed=7)


async def run_job(engine: SwarmEngine, kept: Kept, spec: JobSpec = SPEC) -> JobView:
    job = await engine.submit(spec)

    async def over() -> bool:
        await asyncio.sleep(0.3)
        await engine.tend(kept)
        return not (await view_of(engine, job)).state.live

    async def shown() -> str:
        return str(await view_of(engine, job))

    try:
        await until(over, 120)
    except AssertionError:
        raise AssertionError(await shown()) from None
    return await view_of(engine, job)


async def view_of(engine: SwarmEngine, job: str) -> JobView:
    return next(view for view in await engine.jobs() if view.id == job)


@pytest.fixture
def two_nodes(swarm_manager: Dockerd, plain_daemon: Dockerd) -> Iterator[tuple[Dockerd, Dockerd]]:
    build_solver(plain_daemon)
    usual_heartbeat(swarm_manager)
    with joined(plain_daemon, swarm_manager):
        mark_nodes(swarm_manager)
        yield swarm_manager, plain_daemon


def networks(manager: Dockerd) -> set[str]:
    """Those of jobs."""
    found = manager.api().networks(filters={"label": JOB})
    return {f"{network['Name']} {network['Created']}" for network in found}


async def ready(engine: SwarmEngine) -> None:
    async def all_are() -> bool:
        await asyncio.sleep(0.3)
        try:
            return all(node.takes_tasks for node in await engine.nodes())
        except EngineError:
            return False

    await until(all_are, 90)


async def test_every_node_runs_tasks_after_any_number_of_restarts(
    two_nodes: tuple[Dockerd, Dockerd],
) -> None:
    manager, worker = two_nodes
    for node, hard in ((worker, True), (worker, False), (manager, True), (manager, False)):
        restart(node, hard=hard)
        engine = SwarmEngine(await find_manager(manager.host, 60), IMAGE)
        await ready(engine)
        view = await run_job(engine, Kept())
        assert view.state is JobState.COMPLETE, view
        assert len({task.node for task in view.tasks}) == 2
        await engine.remove(view.id)
        await engine.close()
        # A daemon lists a network for a moment after the swarm has removed it.
        await until(lambda: not networks(manager), shown=lambda: networks(manager))


async def test_finished_work_stays_finished(two_nodes: tuple[Dockerd, Dockerd]) -> None:
    """Neither a node's change nor the master's restart makes a failure of it, or runs it again."""
    manager, _ = two_nodes
    spec = JobSpec(Question(10), count=1200, replicas=8, memory=USUAL_MEMORY, seed=3)
    kept = Kept()
    engine = SwarmEngine(await find_manager(manager.host, 60), IMAGE)
    view = await run_job(engine, kept, spec)
    assert view.state is JobState.COMPLETE
    kept.units[view.id] = set(range(spec.units))
    await engine.tend(kept)
    attempts = {task.id for task in view.tasks}

    def change_nodes() -> None:
        api = manager.api()
        for node in api.nodes():
            spec: Any = {**node["Spec"], "Labels": {"other": "label"}}
            api.update_node(node["ID"], node["Version"]["Index"], spec)

    for meddle in (change_nodes, lambda: restart(manager, hard=True)):
        meddle()
        await ready(engine)
        for _ in range(10):
            await asyncio.sleep(0.5)
            await engine.tend(kept)
            seen = await view_of(engine, view.id)
            assert (seen.state, seen.units_done) == (JobState.COMPLETE, spec.units)
            assert {task.id for task in seen.tasks} == attempts
    await engine.remove(view.id)
    await engine.close()


async def test_a_task_reaches_nothing(two_nodes: tuple[Dockerd, Dockerd]) -> None:
    """From inside: no route out of its network, no name resolved, no other job to be seen."""
    manager, _ = two_nodes
    api = manager.api()
    image = api.inspect_image(IMAGE)["Id"]
    restart(manager, hard=True)
    engine = SwarmEngine(await find_manager(manager.host, 60), IMAGE)
    await ready(engine)
    # Of units that last for minutes: what is begun inside a task ends with it.
    long = JobSpec(Question(10), count=1_000_000, replicas=2, cpus=0.1, seed=9)
    jobs = [await engine.submit(long) for _ in range(2)]

    def containers() -> list[Json]:
        found = api.containers(filters={"label": "com.docker.swarm.service.name"})
        return [api.inspect_container(container["Id"]) for container in found]

    def both_run() -> bool:
        names = {one["Config"]["Labels"]["com.docker.swarm.service.name"] for one in containers()}
        return names >= set(jobs)

    try:
        await until(both_run, 60, containers)
        ours = {
            one["Config"]["Labels"]["com.docker.swarm.service.name"]: one for one in containers()
        }
        one, other = ours[jobs[0]], ours[jobs[1]]
        assert one["Image"] == image
        (theirs,) = (net["IPAddress"] for net in other["NetworkSettings"]["Networks"].values())
        places = [f"{MANAGER_ADDRESS}:2377", f"{theirs}:80"]
        asked = api.exec_create(one["Id"], ["python3", "-c", PROGRAM, *places])
        assert api.exec_start(asked["Id"]).decode().split("\n") == [ASKED, ""]
    finally:
        # The tests behind it see all that runs on this daemon.
        for job in jobs:
            await engine.cancel(job)
        await until(lambda: not containers(), 60)
        for job in jobs:
            await engine.remove(job)
        await engine.close()


async def test_docker_is_upgraded_under_a_running_console(swarm_manager: Dockerd) -> None:
    """It then takes another version of its API than it told at first."""
    manager = await find_manager(swarm_manager.host)
    engine = SwarmEngine(replace(manager, version="1.99"), IMAGE)
    job = await engine.submit(SPEC)
    assert [view.id for view in await engine.jobs()] == [job]
    await engine.close()

    engine = SwarmEngine(replace(manager, version="1.99"), IMAGE)
    async with aclosing(engine.follow(job)) as lines:
        assert (await anext(lines)).job == job
    await engine.cancel(job)
    await engine.remove(job)
    await engine.close()


@pytest.mark.parametrize("trusted", ["squarm", "ssh", "another machine", ""])
async def test_a_swarm_behind_ssh(
    trusted: str, swarm_manager: Dockerd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with sshd(tmp_path) as server:
        (key,) = server.login.keys or ()
        shutil.copy(key, home / ".ssh" / "id_ed25519")
        at = server.endpoint
        url = f"ssh://{server.login.user}@{at.address}:{at.port}{swarm_manager.socket}"
        monkeypatch.setenv("DOCKER_HOST", url)
        if trusted in ("squarm", "another machine"):
            KnownHosts().trust("0002aabb", server.key)
            place = at if trusted == "squarm" else Endpoint("10.0.0.9")
            watched = WatchListFile(None, read_only=False)
            watched.save([Machine("0002aabb", 1.0, (place,), watched=True)], ())
        elif trusted == "ssh":
            line = f"[{at.address}]:{at.port} {server.key}\n"
            (home / ".ssh" / "known_hosts").write_text(line)
        if trusted not in ("squarm", "ssh"):
            with pytest.raises(EngineError, match=r"Its host key SHA256:\S+ is not known: compare"):
                await open_engine(image=IMAGE)
            return
        engine = await open_engine(image=IMAGE)
        assert engine.name == "swarm"
        job = await engine.submit(SPEC)
        lines = [line async for line in engine.follow(job)]
        assert sum('"type":"done"' in line.text for line in lines) == SPEC.units
        # The link drops.
        for session in psutil.Process(server.process.pid if server.process else 0).children():
            session.kill()

        async def removed() -> bool:
            with suppress(EngineError):
                await engine.remove(job)
            return not await engine.jobs()

        await until(removed, 30)
        await engine.close()
