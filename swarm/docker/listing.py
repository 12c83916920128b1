"""Everything of squarm's in a swarm at one moment, asked of its manager again and again.

Without the docker SDK, which weighs as much as the rest of a console that only looks.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from swarm.docker import services
from swarm.docker.client import DaemonGone, DaemonRefusal, get_list
from swarm.docker.membership import Manager
from swarm.docker.nodes import (
    load_of_this_host,
    made_twice,
    node_view,
    refusing_nodes,
    told_apart,
    with_problems,
)
from swarm.docker.objects import ENFORCED, JOB, Json, Service, Task, read_task
from swarm.docker.refusals import CALL_SECONDS, refused, unanswered
from swarm.docker.services import SwarmJob
from swarm.engine import JobView, NodeView

_ACTIVE = ("assigned", "accepted", "preparing", "ready", "starting", "running")
"""States of a task that its node still has to do with."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The swarm's jobs, their tasks by service, and its nodes, at one moment."""

    jobs: Mapping[str, SwarmJob]
    tasks: Mapping[str, Sequence[Task]]
    nodes: Mapping[str, NodeView]

    def view(self, job: SwarmJob) -> JobView:
        """One of the jobs as squarm shows it."""
        return services.job_view(job, self.tasks, self.nodes)


class Lister:
    """Asks `manager`. Every method may raise EngineError, in one sentence with the way out."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._settled: dict[tuple[str, int], Sequence[Task]] = {}

    async def listing(self) -> Listing:
        """Everything as it is now."""
        async with self._answered():
            return await self._listing()

    async def nodes(self) -> tuple[NodeView, ...]:
        """The swarm's nodes; the one squarm runs on with its load."""
        async with self._answered():
            return await self._nodes()

    async def tasks_on(self, node: str) -> int:
        """How many tasks a node has not done with yet."""
        async with self._answered():
            tasks = await self._list("tasks", node=[node])
            return sum(task.get("Status", {}).get("State") in _ACTIVE for task in tasks)

    async def _nodes(self) -> tuple[NodeView, ...]:
        here = load_of_this_host(self._manager)
        return told_apart([node_view(node, here) for node in await self._list("nodes")])

    async def _listing(self) -> Listing:
        jobs = services.find_jobs(await self._list("services", label=[JOB]))
        nodes = await self._nodes()
        listed = [service for job in jobs for service in job.services]
        tasks = await self._tasks(listed)
        refusing = refusing_nodes(
            task for of_one in tasks.values() for task in of_one if task.error != ENFORCED
        )
        newest = max(jobs, key=lambda job: job.main.created, default=None)
        twice = newest is not None and made_twice(tasks[newest.main.id])
        return Listing(
            jobs={job.id: job for job in jobs},
            tasks=tasks,
            nodes={node.id: node for node in with_problems(nodes, refusing, twice=twice)},
        )

    async def _tasks(self, listed: Sequence[Service]) -> dict[str, Sequence[Task]]:
        """The tasks of services; those of a service that is over are not asked for again."""
        tasks: dict[str, Sequence[Task]] = {}
        asked: dict[str, list[Task]] = {}
        for service in listed:
            if (key := _key(service)) in self._settled:
                tasks[service.id] = self._settled[key]
            else:
                asked[service.id] = []
        if asked:
            for task in await self._list("tasks", service=[*asked]):
                asked[task["ServiceID"]].append(read_task(task))
            tasks.update(asked)
        self._settled = {
            _key(service): tasks[service.id]
            for service in listed
            if services.settled(service, tasks[service.id])
        }
        return tasks

    @asynccontextmanager
    async def _answered(self) -> AsyncIterator[None]:
        """In time, and with sense; else EngineError."""
        address = self._manager.address
        try:
            async with asyncio.timeout(CALL_SECONDS):
                yield
        except DaemonRefusal as error:
            raise refused(str(error)) from None
        except TimeoutError:
            raise unanswered(address, "timed out") from None
        except OSError as error:
            raise unanswered(address, error.strerror or str(error)) from None
        except DaemonGone as error:
            raise unanswered(address, str(error)) from None

    async def _list(self, what: str, **filters: Sequence[str]) -> Iterator[Json]:
        path = f"/v{self._manager.version}/{what}"
        return await get_list(self._manager.address, path, filters)


def _key(service: Service) -> tuple[str, int]:
    return service.id, service.version
