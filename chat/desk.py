"""The bot's desk: takes requests in, starts their jobs, reports on them, clears up after them.

Everything it decides is on the disk before it is done, and every answer has a key of its own: it
may be killed between any two steps, and goes on where it was.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from chat import limits, replies
from chat.asks import Ask, Asks, AskState, Event
from chat.message import Message
from chat.outbox import Outbox
from chat.render import square
from chat.request import Cancel, Hunt, Question, Search, Unclear, Way, capitalised, parse
from chat.search import best_of, end_of, found_by, job_of, spec_of
from chat.settings import Settings
from chat.trouble import ChatError
from swarm.engine import Engine, EngineError, JobState
from swarm.job import SpecError, new_seed
from swarm.named import named
from swarm.report import Event as Report
from swarm.report import JobRow, LogBatch, Snapshot
from swarm.store import Store, StoreError
from swarm.watch import keep_now

_LOOK = 1.0
_EDIT = 3.0
"""Seconds between two edits of one progress message."""
_PATIENCE = 120.0
"""Seconds for which a job that cannot be started, or not be read to its end, is tried again."""
_SETTLING = 5.0
"""Seconds in which what a failed or cancelled job has written is still read."""
_HINT = "jobs lists them"
_log = logging.getLogger(__name__)


class Desk:
    """Works on requests.

    `engine` gives the engine once there is one; `sent` nudges the delivery, `changed` the watch.
    """

    def __init__(
        self,
        outbox: Outbox,
        asks: Asks,
        store: Store,
        settings: Settings,
        engine: Callable[[], Engine | None],
        sent: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._outbox = outbox
        self._asks = asks
        self._store = store
        self._settings = settings
        self._engine = engine
        self._sent = sent
        self._changed = changed
        self._flood = limits.Floodgate()
        self._nudged = asyncio.Event()
        self._snapshot: Snapshot | None = None
        self._shown: dict[int, tuple[float, Message]] = {}
        self._since: dict[int, float] = {}
        self.trouble = ""

    async def receive(self, event: Event) -> None:
        """Take an event in; when this returns it is on the disk, and Slack may be told so."""
        if parse(event.text, event.way) is None or await asyncio.to_thread(self._asks.knows, event):
            return
        over = self._flood.count(event.user, time.monotonic())
        if over > 1:
            return
        if over:
            event = replace(event, way=Way.FLOOD)
        if await asyncio.to_thread(self._asks.note, event):
            self._nudged.set()

    def see(self, event: Report) -> None:
        """Take note of how the jobs stand, and that there are new squares."""
        if isinstance(event, Snapshot):
            self._snapshot = event
        if not isinstance(event, LogBatch):
            self._nudged.set()

    async def run(self) -> None:
        """Work until cancelled."""
        tidied = 0.0
        while True:
            self._nudged.clear()
            try:
                if time.monotonic() - tidied > 3600:
                    await asyncio.to_thread(self._asks.tidy)
                    tidied = time.monotonic()
                await self._turn()
                self.trouble = ""
            except (ChatError, EngineError, StoreError) as error:
                self.trouble = str(error)
                _log.warning("%s", error)
            try:
                async with asyncio.timeout(_LOOK):
                    await self._nudged.wait()
            except TimeoutError:
                pass

    async def _turn(self) -> None:
        for ask in await self._open(AskState.NEW):
            await self._answer(ask)
        await self._start()
        for ask in await self._open(AskState.RUNNING):
            await self._follow(ask)
        self._sent()

    async def _open(self, *states: AskState) -> list[Ask]:
        return [ask for ask in await asyncio.to_thread(self._asks.open) if ask.state in states]

    async def _answer(self, ask: Ask) -> None:
        """The first answer to a request."""
        if ask.way is Way.FLOOD:
            await self._reply(ask, replies.sentence(replies.SLOW_DOWN))
            return
        if ask.way is Way.ELSEWHERE:
            where = replies.elsewhere(self._settings.answering)
            await self._reply(ask, replies.sentence(where))
            return
        request = parse(ask.text, ask.way)
        match request:
            case Search() | Hunt():
                await self._take(ask, request)
            case Cancel(what):
                await self._reply(ask, replies.sentence(await self._cancel(ask, what)))
            case Unclear(why):
                await self._reply(ask, replies.sentence(why))
            case Question():
                await self._reply(ask, await self._tell(request))
            case None:
                await asyncio.to_thread(self._asks.move, ask, AskState.DONE)

    async def _reply(self, ask: Ask, message: Message) -> None:
        """An answer after which nothing follows."""
        await self._say(ask, message, "answer")
        await asyncio.to_thread(self._asks.move, ask, AskState.DONE)

    async def _say(self, ask: Ask, message: Message, name: str, digest: str = "") -> int:
        """Put an answer; a slash command has no message to reply to, so its first answer is it."""
        return await asyncio.to_thread(
            self._outbox.put,
            ask.channel,
            message,
            key=f"ask:{ask.id}:{name}",
            thread=ask.thread,
            parent=None if ask.thread else ask.head or None,
            digest=digest,
        )

    async def _take(self, ask: Ask, search: Search | Hunt) -> None:
        """A search joins the queue, or is refused."""
        asks = await asyncio.to_thread(self._asks.open)
        if why := limits.refusal(
            ask, [other for other in asks if other.id != ask.id], self._settings
        ):
            await self._reply(ask, replies.sentence(why))
            return
        # The seed is on the disk before the job is begun: a job with it is this one's.
        try:
            spec = job_of(search, new_seed())
        except SpecError as error:
            await self._reply(ask, replies.sentence(capitalised(error)))
            return
        ahead = limits.order_of_turns(asks)
        running = [one for one in asks if one.state in (AskState.STARTING, AskState.RUNNING)]
        free = len(ahead) < self._settings.jobs - len(running)
        first = replies.begun(spec, self._named(ask))
        if not free:
            first = replies.queued(ask, spec, len(ahead) + 1, self._named(ask))
        head = await self._say(ask, first, "answer")
        self._shown[ask.id] = (time.monotonic(), first)
        move = self._asks.move
        await asyncio.to_thread(move, ask, AskState.QUEUED, spec=spec.to_json(), head=head)

    async def _start(self) -> None:
        """Starts searches while there is room for them."""
        engine = self._engine()
        if engine is None:
            return
        for ask in await self._open(AskState.STARTING):
            await self._begin(engine, ask)
        asks = await asyncio.to_thread(self._asks.open)
        running = sum(ask.state in (AskState.STARTING, AskState.RUNNING) for ask in asks)
        turns = limits.order_of_turns(asks)
        free = max(0, self._settings.jobs - running)
        for ask in turns[:free]:
            await asyncio.to_thread(self._asks.move, ask, AskState.STARTING)
            await self._begin(engine, ask)
        for place, ask in enumerate(turns[free:], 1):
            message = replies.queued(ask, spec_of(ask), place, self._named(ask))
            await self._show(ask, message)

    async def _begin(self, engine: Engine, ask: Ask) -> None:
        """Starts a search's job, unless it was before this process was killed."""
        spec = spec_of(ask)
        try:
            views = await engine.jobs()
            known = next((view.id for view in views if view.spec == spec), "")
            job = known or await engine.submit(spec)
        except EngineError as error:
            self.trouble = str(error)
            if self._waited(ask) > _PATIENCE:
                await self._end(ask, replies.sentence(f"It could not be started. {error}"))
            return
        self._since.pop(ask.id, None)
        await asyncio.to_thread(self._asks.move, ask, AskState.RUNNING, job=job)
        self._changed()

    async def _follow(self, ask: Ask) -> None:
        """Reports on a job: its squares, its progress, its end."""
        snapshot, engine = self._snapshot, self._engine()
        if snapshot is None or engine is None:
            return
        row = next((row for row in snapshot.jobs if row.job.id == ask.job), None)
        spec = spec_of(ask)
        if row is None:
            if self._waited(ask) > _PATIENCE:
                await self._end(ask, replies.sentence(f"Job {ask.job} is gone: it was removed."))
            return
        if not spec.triple:
            await self._post_squares(ask)
        if row.job.state is JobState.INTERRUPTED:
            await engine.resume(ask.job)
        elif row.job.state.live:
            self._since.pop(ask.id, None)
            await self._show(ask, replies.under_way(spec, row, self._named(ask)))
        else:
            await self._finish(engine, ask, row)

    async def _finish(self, engine: Engine, ask: Ask, row: JobRow) -> None:
        """The end of a job: what came of it is said, and its service goes."""
        end = await asyncio.to_thread(end_of, self._store, row)
        complete = row.job.state is JobState.COMPLETE
        if end.missing and self._waited(ask) < (_PATIENCE if complete else _SETTLING):
            return
        await self._post_squares(ask)
        message = replies.over(spec_of(ask), row, end, self._named(ask))
        if end.found < spec_of(ask).count:
            # An edit alone would tell nobody.
            await self._say(ask, message, "end")
            message = replies.below(spec_of(ask), self._named(ask))
        if not end.missing or not complete:
            await engine.remove(ask.job)
            self._changed()
        await self._end(ask, message)

    async def _end(self, ask: Ask, message: Message) -> None:
        await asyncio.to_thread(self._outbox.edit, ask.head, message)
        await asyncio.to_thread(self._asks.move, ask, AskState.DONE)
        self._shown.pop(ask.id, None)
        self._since.pop(ask.id, None)

    async def _post_squares(self, ask: Ask) -> None:
        """Posts what the job has found and was not posted yet, oldest first; of a hunt the best."""
        results = await asyncio.to_thread(found_by, self._store, ask.job)
        for result in best_of(results) if spec_of(ask).triple else results:
            name = f"square:{result.id}"
            if await asyncio.to_thread(self._outbox.has, f"ask:{ask.id}:{name}"):
                continue
            message = await asyncio.to_thread(square, result)
            await self._say(ask, message, name, digest=f"squares of order {result.order}")

    async def _show(self, ask: Ask, message: Message) -> None:
        """Edits the progress message, not too often, and only where it says something new."""
        now = time.monotonic()
        then, said = self._shown.setdefault(ask.id, (now, ()))
        if message != said and now - then >= _EDIT:
            self._shown[ask.id] = (now, message)
            await asyncio.to_thread(self._outbox.edit, ask.head, message)

    async def _cancel(self, ask: Ask, what: str) -> str:
        """Cancels a job or a place in the queue; what came of it, in a sentence."""
        asks = await asyncio.to_thread(self._asks.open)
        for other in asks:
            if what == str(other.id) and other.state is AskState.QUEUED:
                if not limits.may_cancel(ask.user, other.user, self._settings):
                    return replies.NOT_YOURS
                await self._end(other, replies.sentence("Taken back before it began."))
                return f"Search {what} is taken back."
        engine = self._engine()
        if engine is None:
            return "The swarm is not there now, so nothing can be cancelled."
        try:
            views = await engine.jobs()
            by_number = [other.job for other in asks if what == str(other.id) and other.job]
            view = named(views, by_number[0] if by_number else what, _HINT)
            asker = await asyncio.to_thread(self._asks.asker, view.id)
            if not limits.may_cancel(ask.user, asker, self._settings):
                return replies.NOT_YOURS
            if not view.state.live and view.state is not JobState.INTERRUPTED:
                return f"Job {view.id} is {view.state}: there is nothing to cancel."
            # A swarm throws the logs of running tasks away when it stops them.
            await keep_now(engine, self._store, view)
            await engine.cancel(view.id)
            self._changed()
        except (EngineError, StoreError) as error:
            return capitalised(error)
        return f"Job {view.id} is cancelled; what it found is kept."

    async def _tell(self, question: Question) -> Message:
        """The answer to a question."""
        snapshot = self._snapshot
        asks = await asyncio.to_thread(self._asks.open)
        match question:
            case Question.HELP:
                return replies.help_text()
            case Question.NODES:
                return replies.nodes(snapshot.nodes if snapshot else ())
            case Question.JOBS:
                queue = [(one, spec_of(one)) for one in limits.order_of_turns(asks)]
                return replies.jobs(snapshot.jobs if snapshot else (), queue)
            case Question.STATUS:
                age = time.time() - snapshot.taken if snapshot else 0.0
                return replies.status(snapshot, asks, age, self.trouble)

    def _named(self, ask: Ask) -> str:
        return ask.user if ask.way is Way.COMMAND else ""

    def _waited(self, ask: Ask) -> float:
        """Seconds since this was first asked about a request."""
        return time.monotonic() - self._since.setdefault(ask.id, time.monotonic())
