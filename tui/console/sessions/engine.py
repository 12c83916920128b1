"""The engine and the results file behind the console, watched from the start to the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from base.errors import EngineError, SquarmError, StoreError
from results.reports import Event
from results.result import Result
from results.selection import Selection
from swarm.engine import Engine, LogLine
from tui.console.model import SQUARES

if TYPE_CHECKING:
    from results.store import Store

OpenEngine = Callable[[], Awaitable[Engine]]
OpenStore = Callable[[], "Store"]


class Reporter(Protocol):
    """What reports events: `Watch`, but for tests that say themselves what happens."""

    async def run(self) -> None:
        """Report until cancelled."""
        ...

    def nudge(self) -> None:
        """Report anew now."""
        ...


MakeReporter = Callable[[Engine, "Store", Callable[[Event], None]], Reporter]


def make_watch(
    engine: Engine, store: "Store", notify: Callable[[Event], None], *, tend: bool = True
) -> Reporter:
    """The real one; without `tend` it runs no unit again."""
    from results.watch import Watch

    return Watch(engine, store, notify, tend=tend)


class EngineSession:
    """`notify` gets the events; `problem` is the sentence why none come any more, '' when well."""

    def __init__(
        self,
        open_engine: OpenEngine,
        open_store: OpenStore,
        notify: Callable[[Event], None],
        make_reporter: MakeReporter = make_watch,
    ) -> None:
        self.problem = ""
        self._open_engine = open_engine
        self._open_store = open_store
        self._notify = notify
        self._make_reporter = make_reporter
        self._engine: Engine | None = None
        self._store: Store | None = None
        self._reporter: Reporter | None = None
        self._connected = asyncio.Event()
        self._change = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether both are there."""
        return self._engine is not None and self._store is not None

    @property
    def engine(self) -> Engine:
        """Where jobs run; raises EngineError before there is one."""
        if self._engine is None:
            raise EngineError("Jobs are not known yet: wait until squarm is connected.")
        return self._engine

    @property
    def store(self) -> "Store":
        """The results file; raises StoreError before it is open."""
        if self._store is None:
            raise StoreError("The results file is not open yet: wait a moment.")
        return self._store

    @property
    def stopping_jobs(self) -> tuple[str, ...]:
        """The jobs that would stop with this console; the engine's word, older news has not all."""
        return self._engine.own_jobs if self._engine else ()

    async def connected(self) -> Engine:
        """The engine, as soon as there is one."""
        await self._connected.wait()
        return self.engine

    async def open(self) -> Sequence[Result]:
        """Open both, and give the newest squares kept; raises EngineError, StoreError."""
        # Imported here, not for the first paint, nor on the event loop.
        await asyncio.to_thread(import_module, "results.watch")
        self._store = await asyncio.to_thread(self._open_store)
        self._engine = await self._open_engine()
        return await asyncio.to_thread(self._store.results, limit=SQUARES)

    async def watch(self, say: Callable[[str], None]) -> None:
        """Watch this engine, and the one that is found after provisioning made a swarm."""
        while True:
            self._connected.set()
            self._reporter = self._make_reporter(self.engine, self.store, self._notify)
            watching = asyncio.create_task(self._reporter.run())
            changing = asyncio.create_task(self._change.wait())
            try:
                await asyncio.wait([watching, changing], return_when=asyncio.FIRST_COMPLETED)
                if watching.done():
                    await watching
                    return
                self._change.clear()
                await self.engine.close()
                self._engine = await self._open_engine()
                say(f"Jobs run on the {self.engine.name} {self.engine.place} now.")
            except SquarmError as error:
                self.problem = f"{error} Nothing more is collected: quit and start again."
                return
            finally:
                watching.cancel()
                changing.cancel()
                await asyncio.gather(watching, changing, return_exceptions=True)

    def change_engine(self) -> None:
        """There may be another engine by now: open it anew."""
        self._change.set()

    def nudge(self) -> None:
        """Something was changed: report anew now."""
        if self._reporter is not None:
            self._reporter.nudge()

    async def read_log(self, job: str) -> AsyncIterator[LogLine]:
        """The lines of a job's log; raises EngineError."""
        async for line in (await self.connected()).follow(job):
            yield line

    async def squares(
        self, selection: Selection, before: int | None, after: int | None
    ) -> Sequence[Result]:
        """Those that are kept: a page below an id, or above one; raises StoreError."""
        return await asyncio.to_thread(self.store.selected, selection, SQUARES, before, after)

    async def close(self) -> None:
        """Let go of both; jobs that run on this machine stop."""
        if self._engine is not None:
            await self._engine.close()
        if self._store is not None:
            await asyncio.to_thread(self._store.close)
