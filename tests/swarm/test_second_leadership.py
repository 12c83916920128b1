"""A manager that leads a swarm for a second time runs each task of a job twice (moby#53632)."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from docker.errors import APIError

from solver.question import Question
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.docker.objects import JOB
from swarm.engine import JobState, JobView
from swarm.job import JobSpec
from tests.dockerd import IMAGE, Dockerd, joined
from tests.swarm.samples import Kept
from tests.waiting import until, wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

SPEC = JobSpec(Question(10), count=320, replicas=2, seed=7)


@pytest.fixture
def leader(swarm_manager: Dockerd, plain_daemon: Dockerd) -> Iterator[Dockerd]:
    """The one of two managers that leads now and has led before."""
    with joined(plain_daemon, swarm_manager):
        promote(swarm_manager, plain_daemon)
        by_node = {node_of(one): one for one in (swarm_manager, plain_daemon)}
        now, led = swarm_manager, set[str]()
        while now.name not in led:
            led.add(now.name)
            (other,) = (one for one in by_node.values() if one is not now)
            os.kill(other.process.pid, signal.SIGSTOP)
            try:
                # A leader that hears of no majority gives up.
                wait_until(partial(has_no_leader, now), 90, now.log)
            finally:
                os.kill(other.process.pid, signal.SIGCONT)
            wait_until(partial(leader_of, now), 90, now.log)
            now = by_node[leader_of(now)]
        yield now


def promote(manager: Dockerd, worker: Dockerd) -> None:
    api, node = manager.api(), node_of(worker)

    def asked() -> bool:
        seen = api.inspect_node(node)
        spec: Any = {**seen["Spec"], "Role": "manager"}
        with suppress(APIError):
            return bool(api.update_node(node, seen["Version"]["Index"], spec))
        return False

    wait_until(asked, 30, manager.log)
    wait_until(lambda: leader_of(worker), 60, worker.log)


def node_of(one: Dockerd) -> str:
    return str(one.api().info()["Swarm"]["NodeID"])


def leader_of(one: Dockerd) -> str:
    """The id of the node that leads, as this manager knows; '' for none."""
    with suppress(APIError):
        for node in one.api().nodes():
            if node.get("ManagerStatus", {}).get("Leader"):
                return str(node["ID"])
    return ""


def has_no_leader(one: Dockerd) -> bool:
    return not leader_of(one)


async def test_every_unit_is_run_and_none_for_ever(leader: Dockerd) -> None:
    engine = SwarmEngine(await find_manager(leader.host, 60), IMAGE)
    api = leader.api()
    job = await engine.submit(SPEC)

    async def view() -> JobView:
        await engine.tend(Kept())
        return next(one for one in await engine.jobs() if one.id == job)

    async def complete() -> bool:
        return (await view()).state is JobState.COMPLETE

    async def shown() -> str:
        return str(await view())

    def at_work() -> list[Any]:
        states = {"complete", "failed", "rejected", "shutdown"}
        tasks = api.tasks(filters={"label": JOB})
        return [task for task in tasks if task["Status"]["State"] not in states]

    try:
        await until(complete, 240)
    except AssertionError:
        raise AssertionError(await shown()) from None
    assert {task.unit for task in (await view()).tasks} == set(range(SPEC.units))
    (problem,) = {node.problem for node in await engine.nodes() if node.role == "leader"}
    assert "has each unit run twice" in problem

    # One that is run again, too, ends some time: it is run twice and not without end.
    await engine.rerun(job, 3)
    (again,) = (one for one in api.services() if one["Spec"]["Name"] == f"{job}-u3-1")
    done = {"service": again["ID"], "desired-state": "complete"}
    await until(lambda: len(api.tasks(filters=done)) >= 2, 60)
    await until(lambda: not at_work(), 120)
    assert len(api.tasks(filters={"service": again["ID"]})) <= 3
    await engine.close()
