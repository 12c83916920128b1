"""What a swarm is fit for after a fault: do all its nodes run tasks, do these reach nothing."""

import asyncio
import time
from contextlib import suppress

from base.errors import EngineError
from drill.ground import AskTask, DrillError, Ground
from solver.question import Question
from swarm.engine import Engine, JobState
from swarm.job import JobSpec

_READY_SECONDS = 180.0
_LOOK_SECONDS = 0.5
_LONG = 1_000_000
"""Squares that last for as long as tasks are asked."""
_CPUS = 0.1

ASKED = "asked"
"""The last line of what `PROGRAM` prints."""
PROGRAM = f"""
import socket, sys

def connect(place):
    host, port = place.rsplit(":", 1)
    socket.create_connection((host, int(port)), 3)

def reaches(what, *call):
    try:
        call[0](*call[1:])
    except OSError:
        return
    print(what)

routes = [line.split() for line in open("/proc/net/route")][1:]
if any(route[1] == "00000000" for route in routes):
    print("a way out of its network")
for place in sys.argv[1:]:
    reaches(place, connect, place)
reaches("names", socket.getaddrinfo, "registry-1.docker.io", 443)
print("{ASKED}")
"""
"""For the Python of a task: what it reaches of the places (HOST:PORT) it is given, a line each."""


async def nodes_able(engine: Engine, question: Question) -> tuple[int, int]:
    """How many nodes run a task of a job made for that, and how many there are."""
    end = time.monotonic() + _READY_SECONDS
    nodes: tuple[str, ...] = ()
    while time.monotonic() < end:
        with suppress(EngineError):
            views = await engine.nodes()
            nodes = tuple(node.name for node in views)
            if all(node.takes_tasks for node in views):
                break
        await asyncio.sleep(_LOOK_SECONDS)
    worked: set[str] = set()
    while time.monotonic() < end and len(worked) < len(nodes):
        with suppress(EngineError):
            short = JobSpec(question, count=4 * len(nodes), replicas=len(nodes), seed=1)
            job = await engine.submit(short)
            try:
                worked |= await _worked_on(engine, job, end)
            finally:
                await remove(engine, job)
    return len(worked & set(nodes)), len(nodes)


async def tasks_closed(ground: Ground, engine: Engine) -> int | None:
    """On how many machines a task reaches nothing; None where tasks cannot be asked."""
    ask = ground.ask_task
    if ask is None:
        return None
    machines = (ground.manager, *ground.workers)
    long = JobSpec(Question(10), count=_LONG, replicas=len(machines), cpus=_CPUS, seed=1)
    job = await engine.submit(long)
    try:
        return sum([await _is_closed(ask, machine, job) for machine in machines])
    finally:
        await remove(engine, job)


async def _is_closed(ask: AskTask, machine: str, job: str) -> bool:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        with suppress(DrillError):
            said = (await ask(machine, job, PROGRAM)).split("\n")
            if ASKED in said:
                return [line for line in said if line] == [ASKED]
        await asyncio.sleep(_LOOK_SECONDS)
    return False


async def _worked_on(engine: Engine, job: str, end: float) -> set[str]:
    """The nodes that have run tasks of a job, once it has ended."""
    while time.monotonic() < end:
        await asyncio.sleep(_LOOK_SECONDS)
        view = next((view for view in await engine.jobs() if view.id == job), None)
        if view is None or not view.state.live:
            return {task.node for task in view.tasks} if view else set()
    return set()


async def remove(engine: Engine, job: str) -> None:
    """Remove a job, cancelled first where it runs, as soon as the swarm lets it."""
    for _ in range(20):
        with suppress(EngineError):
            view = next((view for view in await engine.jobs() if view.id == job), None)
            if view is None:
                return
            if view.state.live or view.state is JobState.PENDING:
                await engine.cancel(job)
            await engine.remove(job)
            return
        await asyncio.sleep(_LOOK_SECONDS)
