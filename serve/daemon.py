"""`squarm serve`: collects results while no console is open, drains the outbox, runs the bot."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from base.errors import SquarmError
from chat.outbox.file import default_path
from chat.outbox.items import ItemState
from chat.settings import SettingsFile
from fleet.alert_log import AlertLog
from operations.nodes import Cluster
from results.reports import Event, Snapshot
from results.store import Store
from results.watch import Watch
from serve import health
from serve.backups import Backups
from serve.container_watch import ContainerWatch
from serve.guard import Guard
from serve.health import Health
from serve.history import JobHistory
from serve.image_watch import ImageWatch
from serve.node_alerts import NodeAlerts
from serve.slack_service import SlackService
from serve.systemd import notify, unit, watchdog_seconds
from solver import VERSION
from swarm.docker.rollout.rollouts import Rollouts
from swarm.engine import Engine

_LOG = logging.getLogger(__name__)
_REPORT = 5.0
_SLOWEST = 30.0
_STUCK = 120.0
"""Seconds without a look at the engine after which systemd is told nothing: it starts us anew."""


class Daemon:
    """Everything that runs while nobody looks; while `settings` say nothing there is no Slack.

    With `read_only` it collects, answers and delivers, and changes no job. With `open_rollouts` it
    rolls out what the swarm's followed image becomes, and removes what it leaves behind from the
    nodes of `cluster`.
    """

    def __init__(
        self,
        open_engine: Callable[[], Awaitable[Engine]],
        store: Store,
        settings: SettingsFile,
        file: Path | None = None,
        *,
        read_only: bool = False,
        open_rollouts: Callable[[], Awaitable[Rollouts]] | None = None,
        cluster: Cluster | None = None,
    ) -> None:
        self._read_only = read_only
        self._open_engine = open_engine
        self._store = store
        self._engine: Engine | None = None
        self._watch: Watch | None = None
        self._snapshot: Snapshot | None = None
        self._looked = time.monotonic()
        self._engine_problem = ""
        self._backups = Backups(store)
        self._history = JobHistory(
            store, lambda: self._engine, lambda: self._snapshot, read_only=read_only
        )
        self._nodes = NodeAlerts(lambda: self._snapshot, AlertLog())
        self._slack = SlackService(
            settings,
            file or default_path(),
            store,
            lambda: self._engine,
            self._nudge,
            lambda: self._backups.problem,
            read_only=read_only,
        )
        self._images = (
            ImageWatch(open_rollouts, self._slack.tell, cluster) if open_rollouts else None
        )
        self._guards = [
            Guard("The collecting of results", self._collect),
            Guard("The copying of the results", self._backups.run),
            Guard("The removing of old jobs", self._history.run),
            Guard("The watch over nodes", self._nodes.run),
            Guard("The connection to Slack", self._slack.run),
        ]
        if cluster is not None and not read_only:
            left = ContainerWatch(lambda: self._snapshot, cluster)
            self._guards.append(Guard("The removing of containers", left.run))
        if self._images is not None:
            self._guards.append(Guard("The rollout of images", self._images.run))

    async def run(self) -> None:
        """Serve until SIGTERM, Ctrl-C or the end of its terminal, then let go in good order."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(name, stop.set)
        _LOG.info("squarm serve begins")
        await self._slack.read_settings()
        try:
            async with asyncio.TaskGroup() as group:
                runs = [guard.run for guard in self._guards]
                tasks = [group.create_task(run()) for run in (*runs, self._report)]
                await stop.wait()
                notify("STOPPING=1")
                for task in tasks:
                    task.cancel()
        finally:
            health.forget()
            if self._engine is not None:
                await self._engine.close()
            _LOG.info("squarm serve has ended")

    async def _collect(self) -> None:
        """Opens the engine, however often it has to be tried, and watches it."""
        wait = 1.0
        while self._engine is None:
            self._looked = time.monotonic()
            try:
                self._engine = await self._open_engine()
            except SquarmError as error:
                if self._engine_problem != str(error):
                    _LOG.warning("%s", error)
                self._engine_problem = str(error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _SLOWEST)
        self._engine_problem = ""
        self._watch = Watch(self._engine, self._store, self._notice, tend=not self._read_only)
        await self._watch.run()

    def _notice(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self._snapshot = event
            self._looked = time.monotonic()
        self._slack.see(event)

    def _nudge(self) -> None:
        if self._watch is not None:
            self._watch.nudge()

    def _watching(self) -> str:
        return self._engine_problem or (self._snapshot.problem if self._snapshot else "")

    async def _report(self) -> None:
        """Tells systemd and the health file how it is."""
        notify("READY=1")
        beat = watchdog_seconds()
        while True:
            now = await asyncio.to_thread(self._health)
            with suppress(OSError):
                await asyncio.to_thread(health.write, now)
            alive = ("WATCHDOG=1",) if time.monotonic() - self._looked < _STUCK else ()
            notify(f"STATUS={'; '.join(now.problems) or now.words}", *alive)
            await asyncio.sleep(min(_REPORT, beat) if beat else _REPORT)

    def _health(self) -> Health:
        snapshot = self._snapshot
        counts = self._slack.counts()
        images = self._images.problem if self._images is not None else ""
        own = (self._watching(), self._backups.problem, self._nodes.problem, images)
        problems = (*own, *self._slack.problems, *(guard.problem for guard in self._guards))
        waiting = counts.get(ItemState.WAITING, 0) + counts.get(ItemState.SENDING, 0)
        return Health(
            pid=os.getpid(),
            taken=time.time(),
            engine="" if self._engine is None else self._engine.name,
            jobs=sum(row.job.state.live for row in snapshot.jobs) if snapshot else 0,
            kept=snapshot.kept if snapshot else 0,
            slack="set up" if self._slack.set_up else "not set up",
            waiting=waiting,
            failed=counts.get(ItemState.FAILED, 0),
            problems=tuple(problem for problem in problems if problem),
            unit=unit(),
            version=VERSION,
        )
