"""The swarm engine on a real swarm: a dockerd of its own, the real image, the real solver."""

import asyncio
import os
import time
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Literal

import pytest
from docker.errors import APIError

from base.errors import EngineError
from solver.question import Question
from solver.records import SquareRecord
from swarm.docker import services
from swarm.docker.engine import SwarmEngine
from swarm.docker.images import Image
from swarm.docker.objects import JOB, Json
from swarm.engine import JobState, LogLine, TaskState
from swarm.job import MAX_MEMORY, JobSpec
from tests.dockerd import IMAGE, Dockerd, build_solver, cable, join_swarm
from tests.solver.renaming import cyclic
from tests.swarm.relay import relay_to
from tests.swarm.samples import counting, unit_records
from tests.swarm.swarm_jobs import (
    create,
    engine,
    engine_of,
    lines_of,
    network,
    reaches,
    read,
    read_while,
    view_of,
    why_of,
)
from tests.waiting import until

__all__ = ["engine"]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

SPEC = JobSpec(Question(10), count=1600, replicas=2, seed=7)
"""Eight units of 200 squares: about a second each."""
LONG = JobSpec(Question(10), count=100_000, replicas=2, seed=9)
"""A hundred units of 1,000 squares: minutes."""


async def test_a_job_whose_task_is_killed_loses_nothing_and_doubles_nothing(
    engine: SwarmEngine, swarm_manager: Dockerd
) -> None:
    api = swarm_manager.api()
    inspected: list[Json] = []

    def kill_one(_lines: list[LogLine]) -> None:
        for container in api.containers(filters={"label": "com.docker.swarm.service.name"}):
            # It may have ended by itself meanwhile.
            with suppress(APIError):
                if not inspected:
                    running = api.inspect_container(container["Id"])
                    api.kill(container["Id"])
                    inspected.append(running)

    job = await engine.submit(SPEC)
    lines = await read_while(engine, job, kill_one)
    found = read(lines)
    found.check_whole(SPEC)
    # The tasks that were not killed came once: a stream that is followed repeats nothing.
    view = await view_of(engine, job)
    assert view.state is JobState.COMPLETE
    assert view.units_done == SPEC.units
    (killed,) = [task for task in view.tasks if task.state is TaskState.FAILED]
    assert killed.error == "task: non-zero exit (137)"
    doubled = {unit for (unit, _), times in found.times.items() if times > 1}
    assert doubled <= {killed.unit}
    check_confined(inspected[0])

    # What any machine computes for this unit is what the container computed.
    expected = [record for record in unit_records(SPEC, 0) if isinstance(record, SquareRecord)]
    assert [found.squares[0, seq] for seq in range(len(expected))] == expected

    # Another console finds the job, re-reads any unit whole, and may run it again.
    async with engine_of(swarm_manager.host) as other:
        (seen,) = await other.jobs()
        assert (seen.id, seen.spec, seen.state) == (job, SPEC, JobState.COMPLETE)
        again = read(await lines_of(other.reread(job, killed.unit)))
        again.check_whole(SPEC, [killed.unit])
        whole = (killed.unit + 1) % SPEC.units
        # It begins once it has been asked for twice: else it may be over before that.
        set_availability(swarm_manager, "pause")
        await other.rerun(job, whole)
        await other.rerun(job, whole)
        set_availability(swarm_manager, "active")
        lines = await lines_of(other.follow(job))
        assert read(lines).times[whole, 0] == 2
        assert (await view_of(other, job)).state is JobState.COMPLETE
        with pytest.raises(EngineError, match="has no unit 8"):
            await other.rerun(job, 8)
        with pytest.raises(EngineError, match="cannot be resumed: start"):
            await other.resume(job)


def check_confined(container: Json) -> None:
    """A solver can write nowhere, reach nothing, and take no more than it was given."""
    host = container["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["PidsLimit"] == 64
    assert host["Memory"] == SPEC.memory
    assert host["NanoCpus"] == 10**9
    assert not host["Privileged"]
    assert host["LogConfig"] == {
        "Type": "json-file",
        "Config": {"max-size": "10m", "max-file": "3"},
    }
    assert container["Config"]["User"] == "65532:65532"
    assert container["Mounts"] == []
    assert not host["Binds"]
    labels = container["Config"]["Labels"]
    assert list(container["NetworkSettings"]["Networks"]) == [
        labels["com.docker.swarm.service.name"]
    ]


async def test_streams_that_break_or_fall_silent_lose_nothing(
    engine: SwarmEngine, swarm_manager: Dockerd, tmp_path: Path
) -> None:
    async with (
        relay_to(swarm_manager.socket, tmp_path / "relay.sock") as (relay, host),
        engine_of(host, quiet=1.5) as shaken,
    ):
        faults = [relay.cut, relay.deafen, relay.cut, relay.deafen]

        def fail(lines: list[LogLine]) -> None:
            if faults and len(lines) > 500 * (5 - len(faults)):
                faults.pop()()

        spec = JobSpec(Question(10), count=3200, replicas=2, seed=8)
        job = await engine.submit(spec)
        read(await read_while(shaken, job, fail)).check_whole(spec)
        assert not faults, "not all faults came about"


async def test_a_daemon_that_is_gone_is_said_so(swarm_manager: Dockerd, tmp_path: Path) -> None:
    socket = tmp_path / "relay.sock"
    async with relay_to(swarm_manager.socket, socket) as (_, host), engine_of(host) as engine:
        await engine.jobs()
        socket.unlink()
        with pytest.raises(EngineError) as caught:
            await engine.submit(JobSpec())
    assert "does not answer (No such file or directory): see whether" in str(caught.value)


async def test_following_is_given_up_at_once(engine: SwarmEngine) -> None:
    job = await engine.submit(LONG)
    async with asyncio.timeout(60), aclosing(engine.follow(job)) as lines:
        await anext(lines)

    following = asyncio.create_task(lines_of(engine.follow(job)))
    await asyncio.sleep(1.5)
    following.cancel()
    done, _ = await asyncio.wait({following}, timeout=60)
    assert done
    assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()


async def test_cancel_keeps_the_job_and_the_logs_of_ended_units(
    engine: SwarmEngine, swarm_manager: Dockerd
) -> None:
    spec = JobSpec(Question(10), count=4000, replicas=2, seed=5)
    job = await engine.submit(spec)
    with pytest.raises(EngineError, match="is running: cancel it first"):
        await engine.remove(job)
    following = asyncio.create_task(lines_of(engine.follow(job)))

    async def two_done() -> bool:
        await asyncio.sleep(0.2)
        return (await view_of(engine, job)).units_done >= 2

    await until(two_done, 120)
    await engine.cancel(job)
    lines = await asyncio.wait_for(following, 120)
    view = await view_of(engine, job)
    assert view.state is JobState.CANCELLED
    assert 2 <= view.units_done < spec.units
    await engine.cancel(job)
    ended = next(task.unit for task in view.tasks if task.state is TaskState.COMPLETE)
    read(lines).check_whole(spec, [ended])
    read(await lines_of(engine.reread(job, ended))).check_whole(spec, [ended])
    with pytest.raises(EngineError, match="was stopped: start it anew"):
        await engine.rerun(job, 7)

    async def nothing_runs() -> bool:
        await asyncio.sleep(0.3)
        tasks = (await view_of(engine, job)).tasks
        return all(task.state is not TaskState.RUNNING for task in tasks)

    await until(nothing_runs)
    api = swarm_manager.api()
    (service,) = api.services(filters={"label": f"{JOB}={job}"})
    left = {"label": f"com.docker.swarm.service.id={service['ID']}"}
    assert api.containers(all=True, filters=left) != []
    await engine.remove(job)
    # Docker 20.10 would keep them, and their logs, for ever.
    assert api.containers(all=True, filters=left) == []
    assert job not in [view.id for view in await engine.jobs()]
    for refused in (engine.cancel(job), engine.remove(job), engine.rerun(job, 0)):
        with pytest.raises(EngineError, match=f"There is no job {job} on this swarm"):
            await refused


async def test_pending_jobs_are_explained(engine: SwarmEngine, swarm_manager: Dockerd) -> None:
    large = await engine.submit(JobSpec(memory=MAX_MEMORY))
    assert "No node has 64G of memory (the largest has" in await why_of(engine, large)
    many = await engine.submit(JobSpec(cpus=64))
    assert "No node has 64 cores (the largest has" in await why_of(engine, many)

    await asyncio.to_thread(foreign_image, swarm_manager, "squarm-foreign:1")
    async with engine_of(swarm_manager.host, "squarm-foreign:1") as foreign:
        job = await foreign.submit(JobSpec())
        why = await why_of(foreign, job)
        assert "squarm-foreign:1 is made for linux/arm64, the nodes are linux/amd64" in why

    body = services.job_service(
        "mols10-labels", JobSpec(), Image(IMAGE), network(swarm_manager, "mols10-labels"), 1
    )
    body["TaskTemplate"]["Placement"]["Constraints"] = ["node.labels.disk==ssd"]
    create(swarm_manager, body)
    why = await why_of(engine, "mols10-labels")
    assert "No node meets the job's constraint (node.labels.disk==ssd)" in why


async def test_an_image_that_is_missing(engine: SwarmEngine, swarm_manager: Dockerd) -> None:
    async with engine_of(swarm_manager.host, "localhost:1/squarm-nothing:1") as without:
        with pytest.raises(EngineError, match="no image localhost:1/squarm-nothing:1 on this") as e:
            await without.submit(JobSpec())
    assert "build it with docker build -f Dockerfile.solver" in str(e.value)
    assert await engine.jobs() == ()


async def test_a_job_without_hope_is_explained_and_given_up(
    swarm_manager: Dockerd, monkeypatch: pytest.MonkeyPatch, engine: SwarmEngine
) -> None:
    monkeypatch.setattr(services, "GIVE_UP", 2)
    api = swarm_manager.api()
    api.tag(IMAGE, "squarm-fleeting", "1")
    set_availability(swarm_manager, "pause")
    try:
        async with engine_of(swarm_manager.host, "squarm-fleeting:1") as fleeting:
            job = await fleeting.submit(JobSpec())
            why = await why_of(fleeting, job)
            assert why.startswith("No node is ready to take tasks: all are down, paused")
            api.remove_image("squarm-fleeting:1")
            set_availability(swarm_manager, "active")
            view = await reaches(fleeting, job, JobState.FAILED)
            assert view.why.startswith("The image squarm-fleeting:1 is not on the node and cannot")
            attempts = len(view.tasks)
            await asyncio.sleep(6)
            assert len((await view_of(fleeting, job)).tasks) <= attempts
    finally:
        set_availability(swarm_manager, "active")
    assert (await view_of(engine, job)).state is JobState.FAILED


async def test_mates_are_not_counted_by_another_version_of_the_solver(
    engine: SwarmEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which cuts a square into other parts: its counts would all be refused."""
    spec = counting(cyclic(7)[0])
    with monkeypatch.context() as newer:
        newer.setattr(services, "VERSION", "99.0")
        job = await engine.submit(spec)
    assert "does not take the job: it is another version than squarm" in await why_of(engine, job)
    job = await engine.submit(spec)
    assert (await reaches(engine, job, JobState.COMPLETE)).units_done == spec.units


async def test_sixty_replicas_and_foreign_labels(
    engine: SwarmEngine, swarm_manager: Dockerd
) -> None:
    """Sixty tasks at a time, of which this machine runs a few and queues the rest."""
    body = services.job_service(
        "mols10-odd", JobSpec(), Image(IMAGE), network(swarm_manager, "mols10-odd"), 1
    )
    for number, labels in enumerate(
        [
            {"squarm.job": "\x1b[31mred"},
            {"squarm.job": "x", "squarm.spec": "{}}"},
            {"squarm.job": ""},
        ]
    ):
        stopped = {"ReplicatedJob": {"MaxConcurrent": 0, "TotalCompletions": 0}}
        create(swarm_manager, {**body, "Name": f"odd{number}", "Labels": labels, "Mode": stopped})
    spec = JobSpec(Question(10), count=240, replicas=60, memory=64 * 2**20, cpus=0.1, seed=3)
    job = await engine.submit(spec)
    following = asyncio.create_task(lines_of(engine.follow(job)))

    async def a_quarter_done() -> bool:
        await asyncio.sleep(0.5)
        return (await view_of(engine, job)).units_done > 60

    await until(a_quarter_done, 300)
    view = await view_of(engine, job)
    assert [view.id for view in await engine.jobs()] == [job]
    await engine.cancel(job)
    lines = await asyncio.wait_for(following, 120)
    ended = {task.unit for task in view.tasks if task.state is TaskState.COMPLETE}
    read(lines).check_whole(spec, ended)
    for number in range(3):
        swarm_manager.api().remove_service(f"odd{number}")


async def test_a_node_that_dies_takes_nothing_with_it(
    engine: SwarmEngine, swarm_manager: Dockerd, plain_daemon: Dockerd
) -> None:
    """Two nodes; one is cut off in the middle: its units are run again on the other."""
    await asyncio.to_thread(build_solver, plain_daemon)
    spec = JobSpec(Question(10), count=8000, replicas=4, memory=64 * 2**20, seed=11)
    with cable(swarm_manager, plain_daemon):
        await asyncio.to_thread(join_swarm, plain_daemon, swarm_manager)
        body = services.job_service(
            "mols10-two", spec, Image(IMAGE), network(swarm_manager, "mols10-two"), time.time()
        )
        create(swarm_manager, body)
        following = asyncio.create_task(lines_of(engine.follow("mols10-two")))

        async def both_work() -> bool:
            await asyncio.sleep(0.3)
            return len(plain_daemon.api().containers()) > 0

        await until(both_work, 120)
        worker = plain_daemon.api().info()["Swarm"]["NodeID"]
        await asyncio.sleep(1)
    # Whoever watches the jobs sees to it that what was lost is run again.
    view = await reaches(engine, "mols10-two", JobState.COMPLETE)
    read(await asyncio.wait_for(following, 120)).check_whole(spec)
    assert any(task.state is TaskState.STOPPED for task in view.tasks), "nothing was lost"
    (lost,) = [node for node in await engine.nodes() if node.id == worker]
    assert lost.state == "down"
    names = {task.node for task in view.tasks if task.node}
    assert len(names) == 2, "nodes of one host name cannot be told apart"


def set_availability(manager: Dockerd, availability: Literal["active", "pause"]) -> None:
    api = manager.api()
    (node,) = api.nodes()
    api.update_node(
        node["ID"], node["Version"]["Index"], {"Role": "manager", "Availability": availability}
    )


def foreign_image(manager: Dockerd, tag: str) -> None:
    """An image for another processor: nothing but its label says so."""
    folder = manager.folder / "foreign"
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text('FROM scratch\nCOPY Dockerfile /\nENTRYPOINT ["/x"]\n')
    other = "linux/arm64" if os.uname().machine == "x86_64" else "linux/amd64"
    said = list(
        manager.api().build(path=str(folder), tag=tag, platform=other, decode=True, rm=True)
    )
    assert not [line for line in said if "error" in line]
