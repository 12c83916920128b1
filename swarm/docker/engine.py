"""Jobs on a Docker Swarm, seen through one of its managers.

Nothing is kept here that matters: what a job is stands in its services' labels, what it found in
its tasks' logs, so any number of consoles see, follow and cancel the same jobs.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil

from base.errors import EngineError
from base.text import clean_text
from swarm.docker import job_logs, reconciliation, services
from swarm.docker.job_logs import LoggedTask, Survey
from swarm.docker.listing import Lister, Listing
from swarm.docker.membership import Manager, ask_manager
from swarm.docker.objects import Service
from swarm.docker.reconciliation import EarlyEnds, Hanging, Transit
from swarm.docker.refusals import OtherVersion
from swarm.docker.services import SwarmJob
from swarm.docker.task_logs import QUIET_SECONDS, TaskLog
from swarm.engine import JobView, KeptUnits, LogLine, NodeView, TaskState
from swarm.job import JobSpec, new_job_id
from swarm.placement import constraints

_LOG = logging.getLogger(__name__)

if TYPE_CHECKING:
    from swarm.docker.manager_api import ManagerApi

_FRESH_SECONDS = 0.8
"""A listing so young serves everyone who asks: the console and a follower for each job."""


class SwarmEngine:
    """Runs jobs from `image` ('': the swarm's own) through a swarm's `manager`."""

    def __init__(self, manager: Manager, image: str = "", quiet: float = QUIET_SECONDS) -> None:
        self._manager = manager
        self._image = image
        self._quiet = quiet
        self._lister = Lister(manager)
        self._api: ManagerApi | None = None
        self._transit = Transit()
        self._early = EarlyEnds()
        self._listed: Listing | None = None
        self._listed_at = 0.0
        self._changes = 0
        self._listing_lock = asyncio.Lock()
        # The first reading covers the time since the process started; later ones the time between.
        psutil.cpu_percent(interval=None)

    @property
    def name(self) -> str:
        """`swarm`."""
        return "swarm"

    @property
    def place(self) -> str:
        """The manager's name and address."""
        return f"{self._manager.name} ({self._manager.node_address})"

    @property
    def own_jobs(self) -> tuple[str, ...]:
        """None: the swarm runs them, whoever looks."""
        return ()

    async def nodes(self) -> tuple[NodeView, ...]:
        """The swarm's nodes; this host's, if it is one, with its load."""
        return tuple((await self._list()).nodes.values())

    async def jobs(self) -> tuple[JobView, ...]:
        """Every squarm job of the swarm, newest first."""
        listing = await self._list()
        views = [self._view(listing, job) for job in listing.jobs.values()]
        return tuple(sorted(views, key=lambda view: view.created, reverse=True))

    async def tend(self, kept: KeptUnits) -> None:
        """Run lost units again from where they had come, and give up what only fails.

        Whoever started the jobs. One that is kept whole is told to be over: what becomes of its
        tasks later, Swarm then neither runs again nor calls a failure.
        """
        listing = await self._list()
        for job in listing.jobs.values():
            if job.stopped:
                continue
            view = listing.view(job)
            finished = frozenset(await asyncio.to_thread(kept.finished_units, job.id))
            if reconciliation.kept_whole(view, finished):
                await self._stop_all(job, services.KEPT)
                continue
            hanging = self._hanging(listing, job)
            well = {node.id for node in listing.nodes.values() if node.takes_tasks}
            seen_to = finished | reconciliation.beginning(job, listing.tasks)
            lost = reconciliation.units_to_run(view, seen_to, hanging)
            for unit, avoided in lost.items():
                await self._run_again(job, unit, kept, avoided if well - avoided else frozenset())
            if reconciliation.overcounted(job, listing.tasks[job.main.id]):
                await self._see_to_the_rest(job, listing, kept, finished)
            elif not lost:
                for unit in reconciliation.units_held_up(
                    job, view, listing.tasks, listing.nodes, seen_to, hanging
                ):
                    await self._run_again(job, unit, kept)
            for service in job.services:
                if reconciliation.hopeless(service, listing.tasks[service.id], finished):
                    why = services.explain(job, view.tasks, tuple(listing.nodes.values()))
                    why = why or "Its tasks keep failing."
                    await self._stop(service, why)

    async def submit(self, spec: JobSpec) -> str:
        """Start a job; refused in one sentence where the image is missing, or no node fits."""
        job = new_job_id(spec)

        def start(api: "ManagerApi") -> None:
            places = constraints(spec.where, api.node_labels()) if spec.where else ()
            image, network = api.image(self._image), api.make_network(job, spec.replicas)
            body = services.job_service(job, spec, image, network, time.time(), places=places)
            api.create(body)

        await self._change(start)
        return job

    async def cancel(self, job: str) -> None:
        """Stop a job's tasks. The logs of ended tasks stay; Swarm drops those of running ones."""
        listing = await self._list(anew=True)
        found = _find(listing, job)
        if listing.view(found).state.live:
            await self._stop_all(found, services.CANCELLED)

    async def resume(self, job: str) -> None:
        """Refused: Swarm itself runs a job's units again until they are complete."""
        _find(await self._list(), job)
        raise EngineError(
            f"A job on a swarm cannot be resumed: start {clean_text(job, 64)} anew with the same "
            "seed to get the same squares."
        )

    async def remove(self, job: str) -> None:
        """Delete an ended job's services, and with them its logs."""
        listing = await self._list(anew=True)
        found = _find(listing, job)
        if listing.view(found).state.live:
            raise EngineError(f"Job {found.id} is running: cancel it first.")
        for service in reversed(found.services):
            await self._remove(service)
        await self._change(lambda api: api.remove_networks(job))

    async def follow(self, job: str) -> AsyncGenerator[LogLine]:
        """Every line of every task of the job, those of units that are run again included."""

        async def survey() -> Survey:
            listing = await self._list()
            found = listing.jobs.get(job)
            if found is None:
                return Survey((), over=True)
            return Survey(_logged(listing, found), over=not listing.view(found).state.live)

        _find(await self._list(), job)
        async with aclosing(job_logs.follow(job, survey, self._open_log)) as lines:
            async for line in lines:
                yield line

    async def reread(self, job: str, unit: int) -> AsyncGenerator[LogLine]:
        """What the logs of all attempts at a unit hold now."""
        listing = await self._list(anew=True)
        for task in _logged(listing, _find(listing, job)):
            if task.unit == unit:
                async with aclosing(job_logs.reread(job, task, self._open_log(task.id))) as lines:
                    async for line in lines:
                        yield line

    async def rerun(self, job: str, unit: int) -> None:
        """Run one unit again from its beginning, as a service of its own, if it is not running."""
        listing = await self._list(anew=True)
        found = _find(listing, job)
        if not 0 <= unit < found.spec.units:
            raise EngineError(f"Job {found.id} has no unit {unit}.")
        if found.stopped:
            raise EngineError(f"Job {found.id} was stopped: start it anew with the same seed.")
        if unit in reconciliation.beginning(found, listing.tasks):
            return
        tasks = listing.view(found).tasks
        if any(task.unit == unit and task.state in services.LIVE for task in tasks):
            return
        await self._run_again(found, unit)

    async def close(self) -> None:
        """Let go of the connections to the daemon; jobs go on."""
        if self._api is not None:
            await asyncio.to_thread(self._api.close)

    def _open_log(self, task: str) -> TaskLog:
        return TaskLog(self._manager.address, lambda: self._manager.version, task, self._quiet)

    async def _list(self, *, anew: bool = False) -> Listing:
        asked_at = time.monotonic()
        async with self._listing_lock:
            # Whoever waited for the lock while another listed takes what that one got.
            young = asked_at if anew else asked_at - _FRESH_SECONDS
            if self._listed is None or self._listed_at < young:
                started_at, changes = time.monotonic(), self._changes
                listed = await self._listing()
                every = [task for tasks in listed.tasks.values() for task in tasks]
                self._transit.see(every, started_at)
                self._early.see(every, started_at)
                if changes != self._changes:
                    return listed
                self._listed, self._listed_at = listed, started_at
            return self._listed

    async def _listing(self) -> Listing:
        try:
            return await self._lister.listing()
        except OtherVersion:
            await self._ask_anew()
            return await self._lister.listing()

    async def _ask_anew(self) -> None:
        """Docker was upgraded: speak its version."""
        self._manager = await ask_manager(self._manager.address)
        self._lister = Lister(self._manager)
        former, self._api = self._api, None
        if former is not None:
            await asyncio.to_thread(former.close)

    async def _run_again(
        self,
        job: SwarmJob,
        unit: int,
        kept: KeptUnits | None = None,
        avoided: frozenset[str] = frozenset(),
    ) -> None:
        """Run a unit again; from where it had come, as far as that is `kept`."""
        _LOG.info("%s: unit %d is run again", job.id, unit)

        def start(api: "ManagerApi") -> None:
            checkpoint = kept.reached(job.id, unit) if kept else ""
            api.run_again(job, unit, checkpoint, avoided)

        await self._change(start)

    def _hanging(self, listing: Listing, job: SwarmJob) -> list[Hanging]:
        now = time.monotonic()
        return [
            hung
            for service in job.services
            for hung in self._transit.hanging(service, listing.tasks[service.id], now)
        ]

    def _view(self, listing: Listing, job: SwarmJob) -> JobView:
        """The job, with what of it hangs or begins again where nothing worse holds it up."""
        view = listing.view(job)
        if view.why or not view.state.live:
            return view
        going_on = {
            task.unit
            for task in view.tasks
            if task.state in (TaskState.RUNNING, TaskState.COMPLETE)
        }
        hanging = [hung for hung in self._hanging(listing, job) if hung.unit not in going_on]
        names = {node.id: node.name for node in listing.nodes.values()}
        why = reconciliation.why_hanging(hanging, names)
        return replace(view, why=why or self._early.why(view, time.monotonic()))

    async def _see_to_the_rest(
        self, job: SwarmJob, listing: Listing, kept: KeptUnits, finished: frozenset[int]
    ) -> None:
        """Run those units of a job that Swarm has left out, and keep it from others."""
        if not job.main.held:
            _LOG.info("Swarm has counted units of %s more than once (moby#53632)", job.id)
            await self._change(lambda api: api.hold(job.main.id))
        for unit in reconciliation.units_left_out(job, listing.tasks, finished):
            await self._run_again(job, unit, kept)

    async def _stop_all(self, job: SwarmJob, why: str) -> None:
        """The main service, by which the job counts as stopped, comes last: nobody resumes this."""
        for service in reversed(job.services):
            await self._stop(service, why)

    async def _stop(self, service: Service, why: str) -> None:
        _LOG.info("Service %s is stopped: %s", service.id, why)
        await self._change(lambda api: api.stop(service.id, why))

    async def _remove(self, service: Service) -> None:
        def remove(api: "ManagerApi") -> None:
            api.remove(service.id)
            api.remove_left(service.id)

        await self._change(remove)

    async def _change(self, call: Callable[["ManagerApi"], None]) -> None:
        """Tell the manager something, in a thread; what was listed before is out of date."""
        try:
            try:
                await asyncio.to_thread(self._tell, call)
            except OtherVersion:
                await self._ask_anew()
                await asyncio.to_thread(self._tell, call)
        finally:
            self._listed = None
            self._changes += 1

    def _tell(self, call: Callable[["ManagerApi"], None]) -> None:
        # Late: the SDK takes 10 MB, and who only looks does without.
        from swarm.docker.manager_api import ManagerApi

        self._api = self._api or ManagerApi(self._manager)
        self._api.told(call)


def _logged(listing: Listing, job: SwarmJob) -> tuple[LoggedTask, ...]:
    """The tasks of a job that have a log."""
    found: list[LoggedTask] = []
    for service in job.services:
        for task in listing.tasks[service.id]:
            view = services.task_view(service, task, listing.nodes)
            node = listing.nodes.get(task.node)
            reachable = node is not None and node.state == "ready"
            ended = view.state is not TaskState.RUNNING
            if view.state is not TaskState.PENDING:
                found.append(LoggedTask(view.id, view.unit, view.node, ended, reachable))
    return tuple(found)


def _find(listing: Listing, job: str) -> SwarmJob:
    if job not in listing.jobs:
        raise EngineError(f"There is no job {clean_text(job, 64)} on this swarm.")
    return listing.jobs[job]
