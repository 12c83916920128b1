"""The bot's work: takes requests in, starts their jobs, reports on them, clears up after them.

Everything it decides is on the disk before it is done, and every answer has a key of its own: it
may be killed between any two steps, and goes on where it was.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from base.errors import EngineError, ReadOnlyError, SquarmError
from chat.bot import limits, replies
from chat.bot.commands import (
    CancelCommand,
    HuntCommand,
    Inquiry,
    Route,
    SearchCommand,
    Unclear,
    parse,
)
from chat.bot.requests import IncomingText, Request, Requests, RequestState
from chat.bot.search_jobs import best_of, end_of, found_by, job_of, spec_of
from chat.message import Message
from chat.outbox.outbox import Outbox
from chat.render import square
from chat.settings import Settings
from operations import jobs
from operations.kinds import Kind
from operations.operation import Caution, Door, Operation, Step
from results.reports import Event as Report
from results.reports import JobRow, LogBatch, Snapshot
from results.store import Store
from swarm.engine import Engine, JobState
from swarm.job import new_seed
from swarm.job_names import find_job

_LOOK = 1.0
_EDIT = 3.0
"""Seconds between two edits of one progress message."""
_PATIENCE = 120.0
"""Seconds for which a job that cannot be started, or not be read to its end, is tried again."""
_SETTLING = 5.0
"""Seconds in which what a failed or cancelled job has written is still read."""
_HINT = "jobs lists them"
_LOG = logging.getLogger(__name__)


class _Asker:
    """Who asked for something in Slack, as a front end: their words are all there is."""

    def __init__(self, request: Request) -> None:
        self.who = f"{request.user} (Slack)"

    async def confirm(self, _caution: Caution) -> bool:
        """Nobody is there to say yes a second time."""
        return False

    def show(self, _operation: Operation[object], _step: Step) -> None:
        """The progress message tells it."""


class RequestWorker:
    """Works on requests.

    `engine` gives the engine once there is one; `sent` nudges the delivery, `changed` the watch.
    With `read_only` it answers, and runs and cancels nothing.
    """

    def __init__(
        self,
        outbox: Outbox,
        requests: Requests,
        store: Store,
        settings: Settings,
        engine: Callable[[], Engine | None],
        sent: Callable[[], None],
        changed: Callable[[], None],
        *,
        read_only: bool = False,
    ) -> None:
        self._read_only = read_only
        self._outbox = outbox
        self._requests = requests
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
        self.problem = ""

    async def receive(self, event: IncomingText) -> None:
        """Take an event in; when this returns it is on the disk, and Slack may be told so."""
        if parse(event.text, event.route) is None or await asyncio.to_thread(
            self._requests.knows, event
        ):
            return
        over = self._flood.count(event.user, time.monotonic())
        if over > 1:
            return
        if over:
            event = replace(event, route=Route.FLOOD)
        if await asyncio.to_thread(self._requests.note, event):
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
                    await asyncio.to_thread(self._requests.tidy)
                    tidied = time.monotonic()
                await self._turn()
                self.problem = ""
            except SquarmError as error:
                self.problem = str(error)
                _LOG.warning("%s", error)
            try:
                async with asyncio.timeout(_LOOK):
                    await self._nudged.wait()
            except TimeoutError:
                pass

    async def _turn(self) -> None:
        for request in await self._open(RequestState.NEW):
            await self._answer(request)
        await self._start()
        for request in await self._open(RequestState.RUNNING):
            await self._follow(request)
        self._sent()

    async def _open(self, *states: RequestState) -> list[Request]:
        return [
            request
            for request in await asyncio.to_thread(self._requests.open)
            if request.state in states
        ]

    async def _answer(self, request: Request) -> None:
        """The first answer to a command."""
        if request.route is Route.FLOOD:
            await self._reply(request, replies.sentence(replies.SLOW_DOWN))
            return
        if request.route is Route.ELSEWHERE:
            where = replies.elsewhere(self._settings.answering)
            await self._reply(request, replies.sentence(where))
            return
        command = parse(request.text, request.route)
        match command:
            case SearchCommand() | HuntCommand():
                await self._take(request, command)
            case CancelCommand(what):
                await self._reply(request, replies.sentence(await self._cancel(request, what)))
            case Unclear(why):
                await self._reply(request, replies.sentence(why))
            case Inquiry():
                await self._reply(request, await self._tell(command))
            case None:
                await asyncio.to_thread(self._requests.move, request, RequestState.DONE)

    async def _reply(self, request: Request, message: Message) -> None:
        """An answer after which nothing follows."""
        await self._say(request, message, "answer")
        await asyncio.to_thread(self._requests.move, request, RequestState.DONE)

    async def _say(self, request: Request, message: Message, name: str, digest: str = "") -> int:
        """Put an answer; a slash command has no message to reply to, so its first answer is it."""
        return await asyncio.to_thread(
            self._outbox.put,
            request.channel,
            message,
            key=f"ask:{request.id}:{name}",
            thread=request.thread,
            parent=None if request.thread else request.head or None,
            digest=digest,
        )

    async def _take(self, request: Request, search: SearchCommand | HuntCommand) -> None:
        """A search joins the queue, or is refused."""
        requests = await asyncio.to_thread(self._requests.open)
        if why := limits.refusal(
            request, [other for other in requests if other.id != request.id], self._settings
        ):
            await self._reply(request, replies.sentence(why))
            return
        # The seed is on the disk before the job is begun: a job with it is this one's.
        try:
            self._door(request).admit(Kind.START_JOB)
            spec = job_of(search, new_seed())
        except SquarmError as error:
            await self._reply(request, replies.sentence(str(error)))
            return
        ahead = limits.order_of_turns(requests)
        running = [
            one for one in requests if one.state in (RequestState.STARTING, RequestState.RUNNING)
        ]
        free = len(ahead) < self._settings.jobs - len(running)
        first = replies.begun(spec, self._addressee(request))
        if not free:
            first = replies.queued(request, spec, len(ahead) + 1, self._addressee(request))
        head = await self._say(request, first, "answer")
        self._shown[request.id] = (time.monotonic(), first)
        move = self._requests.move
        await asyncio.to_thread(move, request, RequestState.QUEUED, spec=spec.to_json(), head=head)

    async def _start(self) -> None:
        """Starts searches while there is room for them."""
        engine = self._engine()
        if engine is None:
            return
        for request in await self._open(RequestState.STARTING):
            await self._begin(engine, request)
        requests = await asyncio.to_thread(self._requests.open)
        running = sum(
            request.state in (RequestState.STARTING, RequestState.RUNNING) for request in requests
        )
        turns = limits.order_of_turns(requests)
        free = max(0, self._settings.jobs - running)
        for request in turns[:free]:
            await asyncio.to_thread(self._requests.move, request, RequestState.STARTING)
            await self._begin(engine, request)
        for place, request in enumerate(turns[free:], 1):
            message = replies.queued(request, spec_of(request), place, self._addressee(request))
            await self._show(request, message)

    async def _begin(self, engine: Engine, request: Request) -> None:
        """Starts a search's job, unless it was before this process was killed."""
        spec = spec_of(request)
        try:
            views = await engine.jobs()
            job = next((view.id for view in views if view.spec == spec), "")
            if not job and (done := await self._door(request).perform(jobs.start(engine, spec))):
                job = done.value
        except ReadOnlyError as error:
            await self._end(request, replies.sentence(str(error)))
            return
        except EngineError as error:
            self.problem = str(error)
            if self._waited(request) > _PATIENCE:
                await self._end(request, replies.sentence(f"It could not be started. {error}"))
            return
        self._since.pop(request.id, None)
        await asyncio.to_thread(self._requests.move, request, RequestState.RUNNING, job=job)
        self._changed()

    async def _follow(self, request: Request) -> None:
        """Reports on a job: its squares, its progress, its end."""
        snapshot, engine = self._snapshot, self._engine()
        if snapshot is None or engine is None:
            return
        row = next((row for row in snapshot.jobs if row.job.id == request.job), None)
        spec = spec_of(request)
        if row is None:
            if self._waited(request) > _PATIENCE:
                await self._end(
                    request, replies.sentence(f"Job {request.job} is gone: it was removed.")
                )
            return
        if not spec.question.triple:
            await self._post_squares(request)
        if row.job.state is JobState.INTERRUPTED:
            if not self._read_only:
                await self._door(request).perform(jobs.resume(engine, row.job))
        elif row.job.state.live:
            self._since.pop(request.id, None)
            await self._show(request, replies.under_way(spec, row, self._addressee(request)))
        else:
            await self._finish(engine, request, row)

    async def _finish(self, engine: Engine, request: Request, row: JobRow) -> None:
        """The end of a job: what came of it is said, and its service goes."""
        end = await asyncio.to_thread(end_of, self._store, row)
        complete = row.job.state is JobState.COMPLETE
        if end.missing and self._waited(request) < (_PATIENCE if complete else _SETTLING):
            return
        await self._post_squares(request)
        message = replies.over(spec_of(request), row, end, self._addressee(request))
        if end.found < spec_of(request).count:
            # An edit alone would tell nobody.
            await self._say(request, message, "end")
            message = replies.below(spec_of(request), self._addressee(request))
        if not self._read_only and (not end.missing or not complete):
            # Of a job that was cancelled or failed what is missing has been waited for by now.
            removal = jobs.remove(engine, self._store, row.job, force=not complete)
            await self._door(request).perform(removal, agreed=True)
            self._changed()
        await self._end(request, message)

    async def _end(self, request: Request, message: Message) -> None:
        await asyncio.to_thread(self._outbox.edit, request.head, message)
        await asyncio.to_thread(self._requests.move, request, RequestState.DONE)
        self._shown.pop(request.id, None)
        self._since.pop(request.id, None)

    async def _post_squares(self, request: Request) -> None:
        """Posts what the job has found and was not posted yet, oldest first; of a hunt the best."""
        results = await asyncio.to_thread(found_by, self._store, request.job)
        for result in best_of(results) if spec_of(request).question.triple else results:
            name = f"square:{result.id}"
            if await asyncio.to_thread(self._outbox.has, f"ask:{request.id}:{name}"):
                continue
            message = await asyncio.to_thread(square, result)
            await self._say(request, message, name, digest=f"squares of order {result.order}")

    async def _show(self, request: Request, message: Message) -> None:
        """Edits the progress message, not too often, and only where it says something new."""
        now = time.monotonic()
        then, said = self._shown.setdefault(request.id, (now, ()))
        if message != said and now - then >= _EDIT:
            self._shown[request.id] = (now, message)
            await asyncio.to_thread(self._outbox.edit, request.head, message)

    async def _cancel(self, request: Request, what: str) -> str:
        """Cancels a job or a place in the queue; what came of it, in a sentence."""
        requests = await asyncio.to_thread(self._requests.open)
        for other in requests:
            if what == str(other.id) and other.state is RequestState.QUEUED:
                if not limits.may_cancel(request.user, other.user, self._settings):
                    return replies.NOT_YOURS
                await self._end(other, replies.sentence("Taken back before it began."))
                return f"Search {what} is taken back."
        engine = self._engine()
        if engine is None:
            return "The swarm is not there now, so nothing can be cancelled."
        try:
            views = await engine.jobs()
            by_number = [other.job for other in requests if what == str(other.id) and other.job]
            view = find_job(views, by_number[0] if by_number else what, _HINT)
            asker = await asyncio.to_thread(self._requests.asker, view.id)
            if not limits.may_cancel(request.user, asker, self._settings):
                return replies.NOT_YOURS
            cancelling = jobs.cancel(engine, self._store, view)
            # Whoever wrote this named the job: that is as good as a yes.
            done = await self._door(request).perform(cancelling, agreed=True)
            self._changed()
        except SquarmError as error:
            return str(error)
        return done.sentence if done else ""

    def _door(self, request: Request) -> Door:
        return Door(_Asker(request), read_only=self._read_only)

    async def _tell(self, question: Inquiry) -> Message:
        """The answer to a question."""
        snapshot = self._snapshot
        requests = await asyncio.to_thread(self._requests.open)
        match question:
            case Inquiry.HELP:
                return replies.help_text()
            case Inquiry.NODES:
                return replies.nodes(snapshot.nodes if snapshot else ())
            case Inquiry.JOBS:
                queue = [(one, spec_of(one)) for one in limits.order_of_turns(requests)]
                return replies.jobs(snapshot.jobs if snapshot else (), queue)
            case Inquiry.STATUS:
                age = time.time() - snapshot.taken if snapshot else 0.0
                return replies.status(snapshot, requests, age, self.problem)

    def _addressee(self, request: Request) -> str:
        return request.user if request.route is Route.COMMAND else ""

    def _waited(self, request: Request) -> float:
        """Seconds since this was first asked about a command."""
        return time.monotonic() - self._since.setdefault(request.id, time.monotonic())
