"""From engine to store and screen: follows jobs, keeps what is verified, fills what is missing."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager

from base.errors import EngineError, SquarmError, StoreError
from base.text import clean_text
from results.collection import JobCollection
from results.keeping import Keeper
from results.log_readers import LogReaders, ReadLine
from results.node_rates import NodeRates
from results.problems import Problems
from results.reports import Event, JobRow, LogBatch, Snapshot
from results.store import Store
from results.store.classes import ALL
from swarm.engine import Engine, JobView, LogLine, NodeView

_LOG = logging.getLogger(__name__)
_POLL = 1.0
_REPORT = 0.5
_FRESH_SECONDS = 5.0
"""A job that is no older when it is first seen has hardly run before."""
_SLOWEST = 15.0


class Watch:
    """Watches an engine; `notify` is called on the event loop, never from a thread.

    Everything read waits in one bounded queue: nothing is dropped when the store is slow or its
    disk is full, the logs are simply read later. `patience`: seconds before a gap is acted on.
    With `tend` False it only looks: no unit is run again.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        notify: Callable[[Event], None],
        *,
        jobs: Collection[str] | None = None,
        tick: float = 0.25,
        patience: float = 3.0,
        tend: bool = True,
    ) -> None:
        self._engine = engine
        self._store = store
        self._notify = notify
        self._only = frozenset(jobs) if jobs is not None else None
        self._tick = tick
        self._patience = patience
        self._tend = tend
        self._collections: dict[str, JobCollection] = {}
        # Jobs of which nothing more is expected, and their rows: however long the history is, each
        # second costs what runs.
        self._at_rest: dict[str, JobRow] = {}
        # Ledgers are written in a thread and read on the loop: one at a time.
        self._ledgers = asyncio.Lock()
        self._nudged = asyncio.Event()
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._digesting = self._unread = False
        self._nodes: tuple[NodeView, ...] = ()
        self._node_rates = NodeRates()
        self._keeper = Keeper(store, notify, self._writing)
        self._distinct = 0
        self._taken = 0.0
        self._problems = Problems(self._changed.set)
        self._set_aside: set[str] = set()
        self._readers = LogReaders(engine, self._problems, _POLL, self._alone, self.nudge)

    def nudge(self) -> None:
        """Look at the engine now, not at the next second: the user has just changed something."""
        self._nudged.set()

    async def run(self) -> None:
        """Watch until cancelled; where `jobs` are given, until they ended and are collected."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._poll(group)),
                group.create_task(self._digest()),
                group.create_task(self._report()),
            ]
            await self._over.wait()
            for task in (*tasks, *self._readers.tasks()):
                task.cancel()
        self._notify(self._snapshot())

    async def _poll(self, group: asyncio.TaskGroup) -> None:
        """Looks at the engine each second, more rarely while it does not answer."""
        failures = 0
        while True:
            wait = self._tick if self._nearly_over() else _POLL
            try:
                self._unread = False
                if self._tend:
                    await self._reading(self._engine.tend(self._store))
                views = await self._engine.jobs()
                self._nodes = await self._engine.nodes()
                self._taken = time.time()
                self._problems.over("engine")
                await self._reading(self._consider(group, views))
                if not self._unread:
                    self._problems.over("reading results")
                failures = 0
            except EngineError as error:
                self._problems.note("engine", error)
                wait = min(_POLL * 2**failures, _SLOWEST)
                failures += 1
            self._changed.set()
            try:
                async with asyncio.timeout(wait):
                    await self._nudged.wait()
            except TimeoutError:
                pass
            self._nudged.clear()

    async def _reading(self, work: Awaitable[None]) -> None:
        """What cannot be read of the results file is told, and hinders nothing else."""
        try:
            await work
        except StoreError as error:
            self._unread = True
            self._problems.note("reading results", error)

    async def _consider(self, group: asyncio.TaskGroup, views: tuple[JobView, ...]) -> None:
        """Brings readers and fetches into line with the jobs there are."""
        watched = {view.id: view for view in views if self._only is None or view.id in self._only}
        for job, collection in list(self._collections.items()):
            # What a job asks for changes where it could not be read before.
            if job not in watched or watched[job].spec != collection.view.spec:
                self._forget(job)
        for job, view in watched.items():
            if job not in self._collections:
                with self._alone(job):
                    self._collections[job] = await asyncio.to_thread(self._begin, view)
                    self._readers.add(self._collections[job])
        await self._reading(asyncio.to_thread(self._count))
        async with self._ledgers:
            now = time.monotonic()
            for job, view in watched.items():
                if job in self._at_rest and view == self._collections[job].view:
                    continue
                self._at_rest.pop(job, None)
                with self._alone(job):
                    self._attend(group, view, now)
            if self._only is not None and all(
                self._is_done(job) for job in self._only if job in watched
            ):
                self._over.set()

    def _attend(self, group: asyncio.TaskGroup, view: JobView, now: float) -> None:
        """Takes note of how a job is, reads on, and sees to its gaps."""
        job = view.id
        if (collection := self._collections.get(job)) is None:
            return
        collection.see(view)
        if job in self._set_aside:
            return
        self._readers.attend(group, collection, now)
        if not self._readers.is_reading(job) and self._is_done(job) and collection.steady:
            self._at_rest[job] = collection.row(now)

    def _begin(self, view: JobView) -> JobCollection:
        store, job = self._store, view.id
        return JobCollection(
            view,
            store.finished_units(job),
            store.proof(job),
            store.found(job),
            self._patience,
            store.checksums(job) if view.spec.question.resumable else {},
            reruns=self._tend,
            fresh=time.time() - view.created < _FRESH_SECONDS,
        )

    def _count(self) -> None:
        """Reads the totals anew: other processes collect, too."""
        now = time.monotonic()
        totals = self._store.totals()
        kept, self._distinct = totals.get(ALL, (0, 0))
        self._keeper.total = max(self._keeper.total, kept)
        for job, collection in list(self._collections.items()):
            found, distinct = totals.get(job, (0, 0))
            parts = 0
            row = self._at_rest.get(job)
            if collection.view.spec.question.count_mates:
                parts, found = self._store.mates_counted(job)
            if row and (row.found, row.distinct, row.parts) == (found, distinct, parts):
                continue
            self._at_rest.pop(job, None)
            collection.distinct, collection.parts = distinct, max(collection.parts, parts)
            collection.sample(now, found)

    @contextmanager
    def _alone(self, job: str) -> Iterator[None]:
        """Whatever is raised inside that nobody foresaw ends the collecting of this job only.

        Nothing is lost by that: its log stays, and is read again by the next watch.
        """
        try:
            yield
        except SquarmError:
            raise
        except Exception as error:  # noqa: BLE001 - one job's trouble is that job's
            if job in self._set_aside:
                return
            _LOG.exception("%s is set aside", job)
            self._set_aside.add(job)
            self._readers.stop(job)
            what = clean_text(f"{type(error).__name__}: {error}", 200)
            self._problems.note(
                _aside(job),
                StoreError(
                    f"{job} is not read any further, squarm failed at it ({what}): the other jobs "
                    "go on, and its log stays."
                ),
            )

    def _forget(self, job: str) -> None:
        del self._collections[job]
        self._at_rest.pop(job, None)
        self._set_aside.discard(job)
        self._problems.over(_aside(job))
        self._readers.forget(job)

    async def _digest(self) -> None:
        """Turns what was read into kept squares and reports, at most once a tick."""
        done = 0.0
        while True:
            reads = [await self._readers.lines.get()]
            self._digesting = True
            await asyncio.sleep(max(0.0, done + self._tick - time.monotonic()))
            while not self._readers.lines.empty():
                reads.append(self._readers.lines.get_nowait())
            for collection, lines in _by_job(reads):
                job = collection.view.id
                if job not in self._set_aside:
                    with self._alone(job):
                        await self._account(collection, lines)
            self._digesting = False
            self._changed.set()
            if self._nearly_over():
                self.nudge()
            done = time.monotonic()

    async def _account(self, collection: JobCollection, lines: list[LogLine]) -> None:
        async with self._ledgers:
            batch = await asyncio.to_thread(collection.read, lines)
        if batch.lines:
            self._node_rates.count(batch.lines, time.monotonic())
            self._notify(LogBatch(tuple(batch.lines)))
        await self._keeper.keep(collection, batch)

    def _writing(self, error: StoreError | None) -> None:
        if error is not None:
            self._problems.note("writing results", error)
        else:
            self._problems.over("writing results")

    def _nearly_over(self) -> bool:
        """True when only the news that the jobs have ended is missing."""
        return self._only is not None and all(
            collection.whole for collection in self._collections.values()
        )

    def _is_done(self, job: str) -> bool:
        if job not in self._collections:
            return False
        collection = self._collections[job]
        if collection.view.state.live or self._readers.is_fetching(job):
            return False
        if self._digesting or not self._readers.lines.empty():
            return False
        return collection.whole or (self._readers.came_to_the_end(job) and collection.exhausted)

    async def _report(self) -> None:
        """Shows changes at once, but not more than about twice a second."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._taken or self._problems:
                async with self._ledgers:
                    snapshot = self._snapshot()
                self._notify(snapshot)
            await asyncio.sleep(_REPORT)

    def _snapshot(self) -> Snapshot:
        now = time.monotonic()
        rows: list[JobRow] = []
        for job, collection in self._collections.items():
            if at_rest := self._at_rest.get(job):
                rows.append(at_rest)
                continue
            rows.append(JobRow(job=collection.view, found=collection.found, rate=0.0, units=()))
            with self._alone(job):
                rows[-1] = collection.row(now)
        rows.sort(key=lambda row: (-row.job.created, row.job.id))
        return Snapshot(
            engine=self._engine.name,
            place=self._engine.place,
            nodes=self._nodes,
            jobs=tuple(rows),
            kept=self._keeper.total,
            distinct=self._distinct,
            taken=self._taken,
            problem=self._problems.first(),
            node_rates=self._node_rates.rates(now),
        )


def _aside(job: str) -> str:
    """The problem of a job that is not read any further."""
    return f"{job} set aside"


def _by_job(reads: list[ReadLine]) -> list[tuple[JobCollection, list[LogLine]]]:
    """The lines of each job, in order."""
    by_job: dict[str, tuple[JobCollection, list[LogLine]]] = {}
    for collection, line in reads:
        by_job.setdefault(line.job, (collection, []))[1].append(line)
    return list(by_job.values())
